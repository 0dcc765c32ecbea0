// What every test of the site needs: the built files behind a small server that compresses, and a Chromium to read with.
import { createServer } from 'node:http'
import { readFileSync, existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import puppeteer from 'puppeteer-core'

export const folder = process.env.RUSH_SITE
export const pictures = process.env.RUSH_PICTURES
export const base = '/some/course/' // a path of our choice: the site does not know it

const kinds = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.wasm': 'application/wasm', '.woff2': 'font/woff2',
}

// Every .html file, as the path that a reader would ask for.
export async function pages() {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith('.html')).map((name) => base + relative('.', name)).sort()
}

export const fileOf = (path) => {
  const name = decodeURIComponent(path.slice(base.length))
  return join(folder, name === '' || name.endsWith('/') ? name + 'index.html' : name)
}

// As a host of static files keeps them: compressed once.
const kept = new Map()
function body(file, squeezed) {
  if (!kept.has(file)) kept.set(file, squeezed ? gzipSync(readFileSync(file)) : readFileSync(file))
  return kept.get(file)
}

export async function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://reader')
    const file = pathname.startsWith(base) ? fileOf(pathname) : ''
    if (!file || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end('not found')
    const type = kinds[extname(file)] ?? 'application/octet-stream'
    const squeezed = !/woff2|png/.test(type)
    response.writeHead(200, { 'content-type': type, ...(squeezed && { 'content-encoding': 'gzip' }) })
    response.end(body(file, squeezed))
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { at: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}

export const launch = () =>
  puppeteer.launch({
    executablePath: process.env.RUSH_CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--disable-dev-shm-usage'],
  })

// A tab that remembers what a reader should never meet: errors in the console, failed and foreign requests.
export async function open(browser, at, { width = 1280, height = 900, dark = false, script = true } = {}) {
  const tab = await browser.newPage()
  tab.complaints = []
  tab.on('console', (line) => line.type() === 'error' && tab.complaints.push(`console: ${line.text()} ${line.location().url ?? ''}`))
  tab.on('pageerror', (error) => tab.complaints.push(`error: ${error.message}`))
  tab.on('requestfailed', (request) => {
    const why = request.failure()?.errorText
    if (why !== 'net::ERR_ABORTED') tab.complaints.push(`failed: ${request.url()} ${why}`)
  })
  tab.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(at) && !url.startsWith('data:') && !url.startsWith('blob:')) tab.complaints.push(`foreign: ${url}`)
  })
  await tab.setJavaScriptEnabled(script)
  await tab.setViewport({ width, height })
  await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }])
  return tab
}

// The page on another screen, by day or at night: how many pixels of it are beyond the edge.
export async function look(tab, { width, height, dark }) {
  await tab.setViewport({ width, height })
  await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }])
  await tab.waitForFunction((dark) => document.documentElement.classList.contains('dark') === dark, {}, dark)
  return tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.scrollWidth - innerWidth)))))
}

// Work on each, in two tabs at once.
export const inTwo = (items, work) => {
  const left = [...items].reverse()
  return Promise.all([1, 2].map(async () => { while (left.length) await work(left.pop()) }))
}
