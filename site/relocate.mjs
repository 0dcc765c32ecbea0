// Makes a site that was built for the path below work under any path, and its prose from a folder without a server: in
// pages and styles the path becomes relative, in scripts it becomes what the page at hand says its root is.
import { readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rollup/parseAst'

export const built = '/__rushlight__/'

const up = (name) => '../'.repeat(name.split('/').length - 1) || './'

// Every string that holds the path, as an expression that puts the real one in when it is evaluated.
export function script(text) {
  const found = []
  const visit = (node, parent) => {
    if (Array.isArray(node)) return node.forEach((one) => visit(one, parent))
    if (!node || typeof node.type !== 'string') return
    const isKey = parent?.type === 'Property' && parent.key === node && !parent.computed
    if ((node.type === 'Literal' || node.type === 'TemplateLiteral') && text.slice(node.start, node.end).includes(built)) {
      if (isKey || /^(Import|Export)/.test(parent?.type ?? '')) throw new Error(`the path stands where no expression may: ${text.slice(node.start, node.end).slice(0, 80)}`)
      found.push(node)
      return // what is inside it is replaced with it
    }
    for (const [name, child] of Object.entries(node)) if (name !== 'type' && typeof child === 'object') visit(child, node)
  }
  visit(parseAst(text), undefined)
  for (const { start, end } of found.sort((a, b) => b.start - a.start)) {
    text = `${text.slice(0, start)}(${text.slice(start, end)}.replaceAll("/__"+"rushlight__/",globalThis.__base__))${text.slice(end)}`
  }
  return text
}

async function relocate(folder) {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'))
  for (const name of names.filter((name) => /\.(html|css|js)$/.test(name))) {
    const text = readFileSync(join(folder, name), 'utf8')
    if (!text.includes(built)) continue
    const moved = name.endsWith('.js') ? script(text) : text.replaceAll(built, up(name))
    if (!name.endsWith('.js') && moved.includes(built)) throw new Error(`${name} still says ${built}`)
    writeFileSync(join(folder, name), moved)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await relocate(process.argv[2])
