// Every widget, operated as a reader would: typed into, stepped, dragged by keys; its numbers asserted, its state in the address.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { asker } from '../.vitepress/theme/ask.mjs'
import { base, folder, launch, open, pictures, serve } from './reader.mjs'

const file = join(folder, 'rushlight.wasm')
const skip = existsSync(file) ? false : 'the site was built without rushlight.wasm'

let server, browser, ask
before(async () => {
  if (skip) return
  server = await serve()
  browser = await launch()
  ask = asker(new WebAssembly.Module(readFileSync(file)))
  mkdirSync(pictures, { recursive: true })
})
after(async () => { await browser?.close(); server?.close() })

async function widget(path, label, options) {
  const tab = await open(browser, server.at, options)
  await tab.goto(server.at + base + path, { waitUntil: 'networkidle0', timeout: 60000 })
  const root = await tab.waitForSelector(`.widget[aria-label^="${label}"]`)
  const at = (name) => `.widget[aria-label^="${label}"] [data-test="${name}"]`
  return {
    tab, root, at,
    says: () => tab.$eval(at('says'), (element) => element.textContent.trim()),
    until: (name, words) => tab.waitForFunction((selector, source) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''), { timeout: 15000 }, at(name), words),
    type: async (name, text) => { await tab.click(at(name), { clickCount: 3 }); await tab.type(at(name), text) },
    set: (name, value) => tab.$eval(at(name), (input, value) => { input.value = value; input.dispatchEvent(new Event('input')); input.dispatchEvent(new Event('change')) }, value),
    close: async () => { assert.deepEqual(tab.complaints, []); await tab.close() },
  }
}
const picture = (w, name) => w.root.screenshot({ path: `${pictures}/widget-${name}.png` })

test('broadcasting: shapes are typed, a cell is chosen by key, an error speaks', { skip }, async () => {
  const w = await widget('modules/01_tensor.html', 'Broadcasting')
  await w.until('says', 'Cell \\[1, 1\\] = a\\[1, 1\\] \\+ b\\[1\\].*sum of 1 gradients.*that of 3')
  await w.tab.focus(w.at('cell'))
  await w.tab.keyboard.press('ArrowRight')
  await w.until('says', 'Cell \\[1, 2\\]')
  await picture(w, 'broadcasting')
  await w.type('b', '3,1')
  await w.until('says', 'b\\[1, 0\\].*that of 4')
  assert.match(w.tab.url(), /broadcast\.b=3%2C1/)
  await w.type('b', '5')
  await w.tab.waitForFunction(() => /do not broadcast/.test(document.querySelector('.widget .trouble')?.textContent ?? ''))
  await w.close()
  const again = await widget('modules/01_tensor.html?broadcast.a=2&broadcast.b=2%2C1&broadcast.cell=3', 'Broadcasting')
  await again.until('says', 'Cell \\[1, 1\\] = a\\[1\\] \\+ b\\[1, 0\\]')
  await again.close()
})

test('autograd: the graph is stepped through, and leaves end with the derivatives', { skip }, async () => {
  const w = await widget('modules/05_autograd.html', 'The autograd graph')
  await w.until('says', 'forward pass is done')
  const { steps } = ask('graph w=2 x=3 b=-1 t=1 ; (w*x + b - t)^2')
  for (let i = 0; i < steps.length; ++i) await w.tab.click(w.at('step'))
  await w.until('says', `Step ${steps.length} of ${steps.length}`)
  const gradients = await w.tab.$$eval('.graph-node.leaf .graph-grad', (all) => all.map((one) => +one.textContent))
  assert.deepEqual(gradients, [24, 16, 8, -8])
  await picture(w, 'autograd')
  await w.type('formula', 'w*x + tanh(w*x)')
  await w.tab.waitForFunction(() => document.querySelector('.graph-node .graph-name') && [...document.querySelectorAll('.graph-name')].some((name) => name.textContent === 'tanh'))
  assert.match(w.tab.url(), /graph\.formula=/)
  await w.type('formula', 'w*(x')
  await w.tab.waitForFunction(() => /expected \)/.test(document.querySelector('.widget .trouble')?.textContent ?? ''))
  await w.close()
})

test('signals through a deep net: the words change with the weights', { skip }, async () => {
  const w = await widget('modules/03_layers.html', 'Signals')
  await w.until('says', 'Diagnosis')
  await w.set('gain', 0.3)
  await w.until('says', 'vanishing')
  await w.set('gain', 1.41)
  await w.until('says', 'all is well')
  await picture(w, 'depth')
  await w.set('gain', 3)
  await w.until('says', 'exploding')
  assert.match(w.tab.url(), /depth\.gain=3/)
  await w.close()
})

test('the race: the table shows where module 06 arrives', { skip }, async () => {
  const w = await widget('modules/06_optimizers.html', 'Optimizers racing')
  await w.set('surface', 'valley')
  await w.set('steps', 50)
  const path = ask('race valley adam 0.02 0.9 -1.2 1 50').path
  await w.until('adam', String(+path[50][2].toPrecision(4)).replace('.', '\\.'))
  assert.match(w.tab.url(), /race\.surface=valley/)
  await picture(w, 'race')
  await w.close()
})

test('the network: steps, its own points, training until the spiral is told apart', { skip }, async () => {
  const w = await widget('', 'A network that trains')
  await w.until('says', 'Step 0')
  await w.tab.click(w.at('step'))
  ask('net data spiral 200 0.02 1')
  ask('net new 2 12 tanh adam 0.02 0 1')
  const { loss } = ask('net step 1')
  await w.until('says', `Step 1: loss ${String(+loss.toPrecision(4)).replace('.', '\\.')},`)
  await w.tab.click(w.at('run'))
  await w.tab.waitForFunction((selector) => +(document.querySelector(selector).textContent.match(/(\d+) % right/)?.[1] ?? 0) >= 97, { timeout: 60000 }, w.at('says'))
  await w.tab.click(w.at('run'))
  await picture(w, 'network')
  await w.tab.$$eval('.playground details', (all) => all.forEach((one) => { one.open = true }))
  await w.tab.click(w.at('add'))
  await w.until('says', 'Step 0')
  assert.match(w.tab.url(), /net\.own=0%2C0%2C1/)
  await w.close()
})

test('widgets fit a phone', { skip }, async () => {
  for (const [path, label, name] of [['', 'A network', 'network'], ['modules/05_autograd.html', 'The autograd', 'autograd'], ['modules/06_optimizers.html', 'Optimizers', 'race'], ['modules/01_tensor.html', 'Broadcasting', 'broadcasting'], ['modules/03_layers.html', 'Signals', 'depth']]) {
    const w = await widget(path, label, { width: 390, height: 844, dark: true })
    const over = await w.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(over <= 1, `${label}: ${over} px too wide`)
    await new Promise((done) => setTimeout(done, 300))
    await picture(w, `${name}-phone-dark`)
    await w.close()
  }
})
