// Drawings as a browser sets them: no word leaves its picture, and none lies upon another.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, launch } from '../reader.mjs'

function faults() {
  const svg = document.querySelector('svg'), { x, y, width, height } = svg.viewBox.baseVal, frame = svg.getBoundingClientRect()
  const at = (left, top) => [x + ((left - frame.left) / frame.width) * width, y + ((top - frame.top) / frame.height) * height]
  const words = [...svg.querySelectorAll('text')].filter((text) => text.textContent.trim()).map((text) => {
    const box = text.getBoundingClientRect(), [left, top] = at(box.left, box.top), [right, bottom] = at(box.right, box.bottom)
    return { text: text.textContent, left, top, right, bottom }
  })
  const outside = words.filter((word) => word.left < x - 1 || word.right > x + width + 1 || word.top < y - 2 || word.bottom > y + height + 3)
  const met = words.flatMap((one, i) => words.slice(i + 1).filter((other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 5).map((other) => `"${one.text}" and "${other.text}" meet`))
  return [...outside.map((word) => `"${word.text}" leaves the picture`), ...met]
}

test('no word of a drawing leaves it or lies upon another', async () => {
  const pictures = join(folder, 'pictures'), browser = await launch(), tab = await browser.newPage()
  const found = []
  for (const name of (await readdir(pictures, { recursive: true })).filter((name) => name.endsWith('.svg')).sort()) {
    await tab.setContent(readFileSync(join(pictures, name), 'utf8'))
    found.push(...(await tab.evaluate(faults)).map((fault) => `${name}: ${fault}`))
  }
  await browser.close()
  assert.deepEqual(found, [])
})
