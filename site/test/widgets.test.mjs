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
async function picture(w, name) {
  await w.tab.addStyleTag({ content: '.VPNav, .VPLocalNav { display: none !important }' }) // they would lie across it
  await w.root.screenshot({ path: `${pictures}/widget-${name}.png` })
}

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

test('convolution: a drawing is made by keys, a filter weighs it, a network learns to name it', { skip }, async () => {
  const w = await widget('modules/09_spatial.html', 'Convolution')
  await w.until('says', 'Place \\[5, 4\\] reads')
  await w.tab.click(w.at('clear'))
  await w.until('says', 'reads 9 cells, 0 of them black: 0 = 0')
  await w.tab.focus(w.at('drawing'))
  for (const key of ['ArrowDown', 'ArrowRight', ' ']) await w.tab.keyboard.press(key)
  assert.match(w.tab.url(), /conv\.cells=000040{59}/)
  await w.set('place', 0)
  await w.until('says', 'Place \\[0, 0\\] reads 9 cells, 1 of them black: 1 = 1\\.')
  await w.tab.$eval(w.at('tap8'), (input) => { input.value = '-2.5'; input.dispatchEvent(new Event('change')) })
  await w.until('says', '-2\\.5 = -2\\.5')
  await w.set('padding', 0)
  await w.until('says', 'of 196')
  await w.tab.click(w.at('run'))
  await w.tab.waitForFunction((selector) => +(document.querySelector(selector).textContent.match(/names (\d+)/)?.[1] ?? 0) >= 90, { timeout: 90000 }, w.at('net'))
  await w.tab.click(w.at('run'))
  const steps = +(await w.tab.$eval(w.at('net'), (element) => element.textContent.match(/Step (\d+)/)[1]))
  ask('shapes new 1')
  for (let i = 0; i < steps; i += 4) ask('shapes train 4')
  const cells = ask('shapes draw 2 11').cells, told = ask(`shapes read ${cells}`).probabilities
  assert.equal(told.indexOf(Math.max(...told)), 2)
  await w.close()
  const hex = cells.match(/.{4}/g).map((four) => parseInt(four, 2).toString(16)).join('')
  const again = await widget(`modules/09_spatial.html?conv.cells=${hex}&conv.steps=${steps}`, 'Convolution')
  await again.until('net', `Step ${steps}: .*Yours is a plus, it says: ${Math.round(100 * told[2])} %`)
  await picture(again, 'convolution')
  await again.tab.click(again.at('take1'))
  assert.match(again.tab.url(), /conv\.filter=/)
  await again.close()
})

test('tokens: merges are learnt from what is typed', { skip }, async () => {
  const w = await widget('modules/10_tokenization.html', 'Tokens')
  await w.until('says', '8 merges are learnt')
  await picture(w, 'tokens')
  await w.type('corpus', 'aaab aaab')
  await w.type('text', 'aaab')
  await w.set('merges', 1)
  await w.until('says', '1 merge is learnt; the last joins a and a\\. The text has 4 bytes and becomes 3 tokens')
  await w.tab.click(w.at('more'))
  await w.tab.click(w.at('more'))
  await w.until('says', 'the last joins aa and ab\\. The text has 4 bytes and becomes 1 token\\.')
  await w.set('merges', 50)
  await w.until('says', 'No other pair is there twice')
  assert.match(w.tab.url(), /tokens\.corpus=aaab/)
  await w.type('text', '火')
  await w.tab.waitForFunction((selector) => document.querySelector(selector).innerText.replace(/\s+/g, ' ').trim() === 'e7 81 ab', {}, w.at('tokens'))
  await w.close()
})

test('attention heads: it learns a word from behind; without its heads it does not know it', { skip }, async () => {
  const w = await widget('modules/13_transformers.html', 'Attention heads')
  await w.until('progress', 'learnt nothing yet')
  await w.tab.click(w.at('run'))
  await w.tab.waitForFunction((selector) => parseFloat(document.querySelector(selector).textContent.match(/loss (\S+)/)?.[1] ?? 9) < 0.1, { timeout: 120000 }, w.at('progress'))
  await w.tab.click(w.at('run'))
  await w.until('says', 'After cabfdelggl it expects e')
  await picture(w, 'heads')
  const steps = +(await w.tab.$eval(w.at('progress'), (element) => element.textContent.match(/Step (\d+)/)[1]))
  assert.match(w.tab.url(), new RegExp(`heads\\.steps=${steps}`))
  ask('heads new 1')
  ask(`heads train ${steps}`)
  const sure = (without) => Math.round(100 * ask(`heads look cabfdelggledfba ${without}`).next[9 * 12 + 4])
  const whole = sure('-')
  await w.until('says', `expects e: ${whole} %`)
  for (const head of ['0.0', '0.1', '1.0', '1.1']) await w.tab.click(w.at(`without${head}`))
  await w.until('says', '1\\.1 is gone')
  assert.ok(sure('0.0,0.1,1.0,1.1') < whole / 2)
  await w.type('text', 'xyz')
  await w.tab.waitForFunction(() => /letters a to l/.test(document.querySelector('.widget.heads .trouble')?.textContent ?? ''))
  await w.close()
})

test('quantization: an outlier spoils what shares its scale', { skip }, async () => {
  const w = await widget('modules/16_quantization.html', 'Quantization')
  const sqnr = (kind, outlier) => ask(`quant ${kind} 16 ${outlier} 1`).sqnr, said = (value) => String(+value.toPrecision(4)).replace('.', '\\.')
  await w.until('says', `one scale for all: ${said(sqnr('tensor', 30))} dB at 8\\.125 bits`)
  await w.until('q4_0', `^${said(sqnr('q4_0', 30))} dB`)
  await picture(w, 'quantization')
  await w.set('kind', 'group')
  await w.set('outlier', 90)
  await w.until('says', `each group: ${said(sqnr('group', 90))} dB at 10 bits`)
  assert.ok(sqnr('tensor', 0) > 30)
  assert.match(w.tab.url(), /quant\.kind=group&quant\.outlier=90/)
  await w.close()
})

test('the composed loss: a channel that is off runs nothing and sends nothing', { skip }, async () => {
  const w = await widget('modules/20_alignment.html', 'The composed loss'), said = (value) => String(+value.toPrecision(4)).replace('.', '\\.')
  const run = (words, steps) => { ask(`compose new ${words} 1`); const { parameters } = ask('compose look'); return { parameters, ...ask(`compose train ${steps}`) } }
  const all = run('jsd 1 1', 150), last = all.rows[149]
  assert.ok(Math.abs(all.rows[0][3] - Math.LN2) < 1e-6)  // a policy that is its reference
  await w.until('says', `cross-entropy from ${said(all.rows[0][1])} to ${said(last[1])}; self-distillation from ${said(all.rows[0][2])} to ${said(last[2])}; preferences from 0\\.6931 to ${said(last[3])}\\. For each step the model ran 4 times`)
  for (const { name, ...sizes } of all.parameters) {
    for (const channel in sizes) {
      const shown = await w.tab.$eval(w.at(`${channel} ${name}`), (cell) => +cell.textContent)
      assert.ok(sizes[channel] > 0 && Math.abs(shown - sizes[channel]) <= 6e-4 * sizes[channel] + (sizes[channel] < 1e-3 ? 0.06 * sizes[channel] : 0), `${channel} ${name}: ${shown}, ${sizes[channel]}`)
    }
  }
  await picture(w, 'compose')
  await w.set('alpha', 0)
  await w.until('says', 'self-distillation is off: exactly 0;.*the model ran 3 times')
  await w.until('sdpo head.weight', '^0$')
  await w.set('beta', 0)
  await w.set('steps', 50)
  const alone = run('jsd 0 0', 50)
  await w.until('says', `In 50 steps: cross-entropy from .* to ${said(alone.rows[49][1])};.*preferences are off: exactly 0\\. For each step the model ran once`)
  assert.match(w.tab.url(), /compose\.alpha=0&compose\.beta=0&compose\.steps=50/)
  await w.close()
  const again = await widget('modules/20_alignment.html?compose.wrapper=taid&compose.steps=300', 'The composed loss')
  await again.until('says', `TAID's t went from 0\\.4 to ${said(run('taid 1 1', 300).rows[299][4])}`)
  await again.close()
})

test('widgets fit a phone', { skip }, async () => {
  for (const [path, label, name] of [['', 'A network', 'network'], ['modules/05_autograd.html', 'The autograd', 'autograd'], ['modules/06_optimizers.html', 'Optimizers', 'race'], ['modules/01_tensor.html', 'Broadcasting', 'broadcasting'], ['modules/03_layers.html', 'Signals', 'depth'], ['modules/09_spatial.html', 'Convolution', 'convolution'], ['modules/10_tokenization.html', 'Tokens', 'tokens'], ['modules/13_transformers.html', 'Attention heads', 'heads'], ['modules/16_quantization.html', 'Quantization', 'quantization'], ['modules/20_alignment.html', 'The composed loss', 'compose']]) {
    const w = await widget(path, label, { width: 390, height: 844, dark: true })
    const over = await w.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(over <= 1, `${label}: ${over} px too wide`)
    await new Promise((done) => setTimeout(done, 300))
    await picture(w, `${name}-phone-dark`)
    await w.close()
  }
})
