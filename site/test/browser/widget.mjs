// A live part as a reader operates it: opened in a tab of its own, asked for what it says, typed into, seen on a phone.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { asker } from '../../.vitepress/theme/ask.mjs'
import { base, folder, launch, look, open, pictures, serve } from '../reader.mjs'

const file = join(folder, 'rushlight.wasm')
export const skip = existsSync(file) ? false : 'the site was built without rushlight.wasm'

// The same code, asked without a page.
let compiled, alone
export function ask(request) {
  compiled ??= new WebAssembly.Module(readFileSync(file))
  alone ??= asker(compiled)
  return alone(request)
}

let server, browser
before(async () => {
  if (skip) return
  server = await serve()
  browser = await launch()
  mkdirSync(pictures, { recursive: true })
})
after(async () => { await browser?.close(); server?.close() })

export async function widget(path, label) {
  const tab = await open(browser, server.at)
  await tab.goto(server.at + base + path, { waitUntil: 'networkidle0', timeout: 60000 })
  const root = await tab.waitForSelector(`.widget[aria-label^="${label}"]`)
  const at = (name) => `.widget[aria-label^="${label}"] [data-test="${name}"]`
  const picture = async (name) => {
    await tab.addStyleTag({ content: '.VPNav, .VPLocalNav { display: none !important }' }) // they would lie across it
    await root.screenshot({ path: `${pictures}/widget-${name}.png` })
  }
  return {
    tab, at, picture,
    says: () => tab.$eval(at('says'), (element) => element.textContent.trim()),
    until: (name, words) => tab.waitForFunction((selector, source) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''), { timeout: 15000 }, at(name), words),
    trouble: (words) => tab.waitForFunction((selector, source) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''), { timeout: 15000 }, `.widget[aria-label^="${label}"] .trouble`, words),
    type: async (name, text) => { await tab.click(at(name), { clickCount: 3 }); await tab.type(at(name), text) },
    set: (name, value) => tab.$eval(at(name), (input, value) => { input.value = value; input.dispatchEvent(new Event('input')); input.dispatchEvent(new Event('change')) }, value),
    // At night on a phone it is no wider than the screen.
    onPhone: async (name) => {
      const over = await look(tab, { width: 390, height: 844, dark: true })
      assert.ok(over <= 1, `${label}: ${over} px too wide`)
      await picture(`${name}-phone-dark`)
      await look(tab, { width: 1280, height: 900, dark: false })
    },
    close: async () => { assert.deepEqual(tab.complaints, []); await tab.close() },
  }
}
