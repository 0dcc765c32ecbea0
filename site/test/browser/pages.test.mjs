// Pages as a reader meets them: without complaints, quickly, searchable, readable without JavaScript and by everybody.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, before, test } from 'node:test'
import { base, folder, inTwo, launch, look, open, pages, pictures, serve } from '../reader.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const shown = { home: '', lesson: 'modules/05_autograd.html', tensor: 'modules/01_tensor.html', api: 'api/05_autograd.html', proofs: 'proofs/obligations.html', milestones: 'milestones/', start: 'start.html', run: 'milestones/1986_mlp.html', asked: 'proofs/specification.html', results: 'benchmarks/results.html' }

let server, browser
before(async () => { server = await serve(); browser = await launch() })
after(async () => { await browser?.close(); server?.close() })
const go = (tab, path) => tab.goto(server.at + base + path, { waitUntil: 'networkidle0', timeout: 60000 })

test('no page complains', async () => {
  const read = (await pages()).filter((page) => !page.endsWith('/404.html') && (!page.includes('/source/') || page.includes('05_autograd'))) // sources are all of one kind
  const complaints = []
  await inTwo(read, async (page) => {
    const tab = await open(browser, server.at)
    await tab.goto(server.at + page, { timeout: 60000 })
    await tab.waitForNetworkIdle({ idleTime: 100, timeout: 60000 })
    complaints.push(...tab.complaints.map((text) => `${page}: ${text}`))
    await tab.close()
  })
  assert.deepEqual(complaints, [])
})

// A page is ready when Vue has taken over what was sent: from then on it answers. Until then the main thread may work for a
// second, counted in processor time: the wall's clock depends on who else is computing, and is only told.
test('a first visit transfers at most 400 KB and is ready after less than a second of work', async () => {
  for (const path of ['', 'modules/05_autograd.html', 'modules/01_tensor.html', 'modules/18_acceleration.html']) {
    const context = await browser.createBrowserContext()
    const tab = await open(context, server.at)
    await tab.evaluateOnNewDocument(() => Object.defineProperty(Element.prototype, '__vue_app__', { set() { taken(`${performance.now()}`) } }))
    const session = await tab.createCDPSession()
    for (const domain of ['Network', 'Runtime']) await session.send(`${domain}.enable`)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    await session.send('Runtime.addBinding', { name: 'taken' })
    const ready = new Promise((done) => session.once('Runtime.bindingCalled', async ({ payload }) => {
      const { metrics } = await session.send('Performance.getMetrics')
      done({ wall: +payload, work: 1000 * metrics.find(({ name }) => name === 'TaskDuration').value })
    }))
    let bytes = 0
    const addresses = new Map(), widgets = /rushlight\.[\w-]*\.?wasm|\/rushlight\.wasm/
    session.on('Network.requestWillBeSent', (event) => addresses.set(event.requestId, event.request.url))
    session.on('Network.loadingFinished', (event) => {
      if (!widgets.test(addresses.get(event.requestId))) bytes += event.encodedDataLength
    })
    await go(tab, path)
    const { wall, work } = await ready
    console.log(`/${path}: ${(bytes / 1024).toFixed(0)} KB, ready after ${work.toFixed(0)} ms of work, ${wall.toFixed(0)} ms by the clock`)
    assert.ok(bytes > 20000 && bytes < 400 * 1024, `${path}: ${bytes} bytes`)
    assert.ok(work > 1 && work < 1000, `${path}: ${work} ms of work`)
    await context.close()
  }
})

test('search finds names, messages and words of lessons', async () => {
  const wanted = [
    ['cross_entropy', /04_losses/], ['topological_order', /05_autograd/], ['causal_mask', /12_attention/], ['AdamW', /06_optimizers/],
    ['ShapeError', /01_tensor/], ['already used by a backward pass', /05_autograd/], ['broadcasting', /01_tensor/],
    ['byte-level', /10_tokenization/], ['residual', /09_spatial|13_transformers|05_autograd/], ['rotary', /11_embeddings/],
  ]
  const tab = await open(browser, server.at)
  await go(tab, 'modules/01_tensor.html')
  for (const [words, page] of wanted) {
    await tab.keyboard.press('/')
    await tab.waitForSelector('.VPLocalSearchBox input', { timeout: 20000 })
    await tab.$eval('.VPLocalSearchBox input', (input) => { input.value = ''; input.dispatchEvent(new Event('input')) })
    await tab.type('.VPLocalSearchBox input', words)
    try {
      await tab.waitForFunction((source) => [...document.querySelectorAll('.VPLocalSearchBox .result')].some((a) => new RegExp(source).test(a.getAttribute('href'))), { timeout: 20000 }, page.source)
    } catch {
      const found = await tab.$$eval('.VPLocalSearchBox .result', (all) => all.map((a) => a.getAttribute('href')).slice(0, 5))
      assert.fail(`"${words}" finds ${found.join(', ') || 'nothing'}, no page like ${page}`)
    }
    await tab.keyboard.press('Escape')
    await tab.waitForFunction(() => !document.querySelector('.VPLocalSearchBox'))
  }
  await tab.keyboard.down('Control'); await tab.keyboard.press('k'); await tab.keyboard.up('Control')
  await tab.waitForSelector('.VPLocalSearchBox input')
  assert.deepEqual(tab.complaints, [])
  await tab.close()
})

test('a lesson is readable with JavaScript off', async () => {
  const tab = await open(browser, server.at, { script: false })
  await go(tab, 'modules/05_autograd.html')
  await tab.setJavaScriptEnabled(true)  // to look; the page was loaded without
  const seen = await tab.evaluate(() => {
    const visible = (selector) => { const box = document.querySelector(selector)?.getBoundingClientRect(); return !!box && box.width > 0 && box.height > 0 }
    return { words: document.querySelector('main').innerText.split(/\s+/).length, math: visible('.katex-display .katex-html'), drawing: visible('main img[src*=".svg"], figure.drawing svg'), hints: document.querySelectorAll('.task details').length, next: visible('.pager-link.next') }
  })
  assert.ok(seen.words > 1500, `${seen.words} words`)
  assert.deepEqual({ ...seen, words: 0, hints: seen.hints % 3 }, { words: 0, math: true, drawing: true, hints: 0, next: true })
  assert.ok(seen.hints > 0)
  await tab.close()
})

test('axe finds no serious fault and nothing is wider than the screen, in light and dark, on desktop and phone', async () => {
  mkdirSync(pictures, { recursive: true })
  const faults = []
  const screens = [['desktop', 1280, 900], ['phone', 390, 844]].flatMap((screen) => [false, true].map((dark) => [...screen, dark]))
  await inTwo(Object.entries(shown), async ([name, path]) => {
    const tab = await open(browser, server.at)
    await go(tab, path)
    await tab.addStyleTag({ content: '* { transition: none !important }' }) // no colour is caught half-way
    await tab.evaluate(axe)
    for (const [screen, width, height, dark] of screens) {
      const where = `${name} on a ${screen}${dark ? ' (dark)' : ''}`
      const over = await look(tab, { width, height, dark })
      if (over > 1) faults.push(`${where}: ${over} px too wide`)
      await tab.screenshot({ path: `${pictures}/${name}-${screen}-${dark ? 'dark' : 'light'}.png` })
      if ((name === 'start') !== (screen === 'phone')) continue // one page is enough there
      const found = await tab.evaluate(() => axe.run(document, { resultTypes: ['violations'] }))
      for (const rule of found.violations.filter((rule) => ['serious', 'critical'].includes(rule.impact))) {
        faults.push(`${where}: ${rule.id}: ${rule.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')} (${rule.nodes.length})`)
      }
    }
    await tab.close()
  })
  assert.deepEqual(faults, [])
})

test('paper is white, and carries nothing that is folded or pressed', async () => {
  const tab = await open(browser, server.at, { dark: true })
  await go(tab, 'modules/05_autograd.html')
  await tab.emulateMediaType('print')
  const dark = () => tab.evaluate(() => document.documentElement.classList.contains('dark'))
  await tab.evaluate(() => dispatchEvent(new Event('beforeprint')))
  assert.equal(await dark(), false)
  const shown = await tab.$$eval('.vp-doc details:not([open]), .widget button, .VPNav, .VPSidebar', (all) => all.filter((one) => one.getClientRects().length > 0).map((one) => one.className))
  assert.deepEqual(shown, [])
  const cut = await tab.$$eval('.vp-doc pre', (all) => all.filter((pre) => pre.scrollWidth > pre.clientWidth + 1).length)
  assert.equal(cut, 0)
  await tab.evaluate(() => dispatchEvent(new Event('afterprint')))
  assert.equal(await dark(), true)
  await tab.close()
})

test('what a reader ticks is there again', async () => {
  const tab = await open(browser, server.at)
  await go(tab, 'modules/05_autograd.html')
  await tab.click('.progress summary')
  await tab.click('.progress input')
  await go(tab, '')
  await tab.waitForFunction(() => /1 ticked/.test(document.querySelector('.cards')?.parentElement.textContent ?? ''))
  await go(tab, 'modules/05_autograd.html')
  await tab.waitForFunction(() => /^1 of \d+ tasks/.test(document.querySelector('.progress summary').textContent))
  await tab.close()
})

test('a click on the map and on a link leads on, from any folder', async () => {
  const tab = await open(browser, server.at)
  await go(tab, '')
  await Promise.all([tab.waitForNavigation(), tab.$eval('.course-map a', (link) => link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })))])
  assert.match(tab.url(), /\/some\/course\/(modules|milestones)\/\w+\.html$/)
  await go(tab, 'modules/05_autograd.html')
  await tab.click('.pager-link.next')
  await tab.waitForFunction(() => document.querySelector('h1')?.textContent.includes('Optimizers'))
  await tab.click('.VPSidebar a[href$="start.html"]')
  await tab.waitForFunction(() => location.pathname === '/some/course/start.html')
  await tab.click('.VPNavBarMenu a[href*="api"]')
  await tab.waitForFunction(() => location.pathname === '/some/course/api/01_tensor.html')
  assert.deepEqual(tab.complaints, [])
  await tab.close()
})

test('the prose is there without a server', async () => {
  const tab = await browser.newPage()
  await tab.setJavaScriptEnabled(false)
  await tab.goto(pathToFileURL(join(folder, 'modules/05_autograd.html')).href)
  await tab.setJavaScriptEnabled(true)
  const seen = await tab.evaluate(() => ({ styled: getComputedStyle(document.querySelector('.facts')).display, next: document.querySelector('.pager-link.next').href }))
  assert.equal(seen.styled, 'grid')
  assert.equal(seen.next, pathToFileURL(join(folder, 'modules/06_optimizers.html')).href)
  await tab.close()
})
