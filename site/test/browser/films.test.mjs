// What moves: started by key, watched for some frames, every frame's numbers asked for again without a page. And by mouse.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, skip, widget } from './widget.mjs'

// Every sentence of the film that the button `name` starts and stops, from where it stands to some frames on; `during` it.
async function film(w, name, frames, during = () => {}) {
  await w.tab.evaluate((selector) => {
    const says = document.querySelector(selector), seen = (window.seen = [says.textContent.trim()])
    new MutationObserver(() => { const text = says.textContent.trim(); if (text !== seen.at(-1)) seen.push(text) }).observe(says, { characterData: true, childList: true, subtree: true })
  }, w.at('says'))
  await w.tab.focus(w.at(name))
  await w.tab.keyboard.press('Enter')
  await w.tab.waitForFunction((count) => window.seen.length > count, { timeout: 20000 }, frames)
  await during()
  await w.until(name, 'stop')
  await w.tab.keyboard.press('Space')
  await w.tab.waitForFunction((selector) => !/stop/.test(document.querySelector(selector).textContent), {}, w.at(name))
  return w.tab.evaluate(() => window.seen)
}
const numbers = (text, pattern) => { const found = text.match(pattern); assert.ok(found, text); return found.slice(1).map(Number) }
const rounded = (value) => +value.toPrecision(4)

test('merges are a film: each frame joins one pair more, and the text is cut with it', { skip }, async () => {
  const w = await widget('modules/10_tokenization.html?tokens.merges=0', 'Tokens')
  await w.until('says', 'a token is a byte\\. The text has 34 bytes and becomes 34 tokens')
  const [corpus, text] = await Promise.all(['corpus', 'text'].map((name) => w.tab.$eval(w.at(name), (field) => encodeURIComponent(field.value))))
  const learnt = (merges) => ask(`tokens ${merges} words ${corpus} ${text}`), spoken = (bytes) => String.fromCharCode(...bytes).replaceAll(' ', '␣')
  const [first, ...seen] = await film(w, 'play', 4)
  assert.match(first, /Nothing is learnt/)
  seen.forEach((says, i) => {
    const { merges, ids } = learnt(i + 1), [left, right] = merges[i].map(spoken)
    assert.ok(says.startsWith(`${i + 1} ${i ? 'merges are' : 'merge is'} learnt; the last joins ${left} and ${right}.`), `${says} Natively ${left}, ${right}`)
    assert.match(says, new RegExp(`becomes ${ids.length} tokens`))
  })
  const now = async () => {
    const merges = +(await w.tab.$eval(w.at('merges'), (slider) => slider.value)), { tokens, merges: pairs } = learnt(merges), joined = pairs.at(-1).flat().join()
    const lit = await w.tab.$$eval(`${w.at('tokens')} .now`, (all) => all.map((one) => one.textContent))
    assert.deepEqual(lit, tokens.filter((token) => token.join() === joined).map(spoken))
    return { merges, lit: lit.length }
  }
  const { merges } = await now()
  await w.tab.click(w.at('less'))
  await w.until('says', `^${merges - 1} merge`)
  await w.tab.focus(w.at('merges'))
  for (let i = merges; i < 9; ++i) await w.tab.keyboard.press('ArrowRight')
  await w.until('says', '^8 merges')
  assert.ok((await now()).lit > 0)
  await w.close()
})

test('im2col is a film: the window slides, and the matrix grows by the column that it reads', { skip }, async () => {
  const w = await widget('modules/09_spatial.html?conv.place=80', 'Convolution')
  await w.until('says', 'Place \\[5, 0\\]')
  const { values, columns } = ask(`conv 3 1 1 ${ask('shapes draw 0 5').cells} -1,0,1,-2,0,2,-1,0,1`)
  const painted = (name, x, y) => w.tab.$eval(w.at(name), (canvas, x, y) => canvas.getContext('2d').getImageData(x, y, 1, 1).data[3] === 255, x, y)
  const ends = () => Promise.all([painted('columns', 4, 4), painted('columns', 8 * 255 + 4, 4), painted('result', 8, 8), painted('result', 248, 248)])
  const seen = await film(w, 'walk', 3, async () => {
    assert.deepEqual(await ends(), [true, false, true, false])
    assert.equal(await painted('near', 264, 8), true) // the newest column
    await w.picture('im2col-film')
  })
  assert.deepEqual(await ends(), [true, true, true, true])
  seen.forEach((says, i) => {
    const [row, column, black, sum, place] = numbers(says, /^Place \[(\d+), (\d+)\] reads 9 cells, (\d+) of them black: .* = (\S+)\. In the matrix it is column (\d+) of 256\.$/)
    assert.deepEqual([row, column, place], [5, i, 80 + i])
    assert.equal(sum, rounded(values[place]))
    assert.equal(black, [...Array(9).keys()].filter((tap) => columns[tap * 256 + place]).length)
  })
  await w.set('place', 254)
  await w.tab.click(w.at('walk'))
  await w.until('says', 'Place \\[15, 15\\]')
  await w.until('walk', 'play') // it ended by itself, and begins anew
  await w.tab.click(w.at('walk'))
  await w.until('says', 'Place \\[0, [1-3]\\]')
  await w.tab.click(w.at('walk'))
  await w.onPhone('im2col-film')
  await w.close()
})

test('the drawing is drawn with the mouse, and a click on the answer asks for its place', { skip }, async () => {
  const w = await widget('modules/09_spatial.html', 'Convolution')
  await w.tab.click(w.at('clear'))
  const point = async (name, row, column) => {
    const canvas = await w.tab.$(w.at(name))
    await canvas.scrollIntoView()
    const box = await canvas.boundingBox()
    return [box.x + ((column + 0.5) * box.width) / 16, box.y + ((row + 0.5) * box.height) / 16]
  }
  await w.tab.mouse.move(...(await point('drawing', 7, 4)))
  await w.tab.mouse.down()
  await w.tab.mouse.move(...(await point('drawing', 7, 9)), { steps: 10 })
  await w.tab.mouse.up()
  await w.tab.waitForFunction(() => new URLSearchParams(location.search).get('conv.cells') === `${'0'.repeat(28)}0fc0${'0'.repeat(32)}`)
  await w.tab.mouse.click(...(await point('result', 8, 3)))
  await w.until('says', 'Place \\[8, 3\\] reads 9 cells, 1 of them black: 1 = 1\\. .* column 131 of 256')
  await w.close()
})

test('strides: every way to read, by mouse and by key, and the walk over its cells', { skip }, async () => {
  const w = await widget('modules/01_tensor.html', 'Strides')
  await w.until('says', '= 6\\.')
  const read = (selector) => w.tab.$$eval(`.widget[aria-label^="Strides"] ${selector}`, (all) => all.map((one) => +one.textContent))
  const views = await w.tab.$$eval('.widget[aria-label^="Strides"] [role=group] button', (all) => all.map((one) => one.textContent))
  assert.equal(views.length, 7)
  for (const [i, view] of views.entries()) {
    await w.tab.focus(w.at(view))
    i % 2 ? await w.tab.click(w.at(view)) : await w.tab.keyboard.press('Enter')
    const set = await Promise.all(['rows', 'columns', 'first', 'down', 'right'].map((name) => w.tab.$eval(w.at(name), (field) => field.value)))
    const { places } = ask(`strides ${set.join(' ')}`)
    assert.deepEqual(await read('.cells:not(.memory) button'), places, view)
    const unread = [...Array(12).keys()].filter((place) => !places.includes(place))
    assert.deepEqual(await read('.memory .unread'), unread, view)
    assert.deepEqual(await read('.memory .lit'), [places[0]], view)
  }
  const windows = [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5]
  assert.deepEqual(await read('.cells:not(.memory) button'), windows)
  await w.tab.focus(w.at('cell'))
  await w.tab.keyboard.press('ArrowRight')
  const seen = await film(w, 'play', 4)
  seen.forEach((says, i) => {
    const [row, column, place] = numbers(says, /^Row (\d+), column (\d+) reads place 0 \+ \d · 1 \+ \d · 1 = (\d+)\.$/)
    assert.deepEqual([3 * row + column, place], [1 + i, windows[1 + i]])
  })
  await (await w.tab.$$('.widget[aria-label^="Strides"] .cells:not(.memory) button'))[10].click()
  await w.until('says', 'Row 3, column 1 reads place 0 \\+ 3 · 1 \\+ 1 · 1 = 4\\.')
  assert.deepEqual(await read('.memory .lit'), [4])
  await w.close()
})

test('clock hands: they stand where sine and cosine say, turn together, and stay as alike', { skip }, async () => {
  const w = await widget('modules/11_embeddings.html', 'Clock hands')
  await w.until('says', 'Positions 20 and 23')
  const hands = (kind) => w.tab.$$eval(`.clocks path${kind}`, (all) => all.map((path) => path.getAttribute('d').match(/L(\S+) (\S+)/).slice(1).map(Number)))
  const turned = (position, pairs) => [...Array(pairs).keys()].map((i) => { const angle = position * 10000 ** (-i / pairs); return [25 * Math.sin(angle), -25 * Math.cos(angle)] })
  const stand = async (kind, position, pairs) => {
    const seen = await hands(kind), wanted = turned(position, pairs)
    assert.equal(seen.length, pairs)
    seen.forEach((hand, i) => hand.forEach((value, k) => assert.ok(Math.abs(value - wanted[i][k]) < 1e-3, `hand ${i} at ${position}: ${hand}, not ${wanted[i]}`)))
  }
  await stand(':not(.other)', 20, 8)
  await stand('.other', 23, 8)
  const seen = await film(w, 'play', 4), alike = rounded(ask('sines 8 128 20').alike[23])
  seen.forEach((says, i) => assert.deepEqual(numbers(says, /^Positions (\d+) and (\d+) lie 3 apart: (\S+) alike/), [20 + i, 23 + i, alike]))
  await w.tab.focus(w.at('position'))
  await w.tab.keyboard.press('Home')
  await w.until('says', 'Positions 0 and')
  await stand(':not(.other)', 0, 8)
  await w.tab.click(w.at('pairs')) // its middle
  const pairs = +(await w.tab.$eval(w.at('pairs'), (slider) => slider.value))
  assert.ok(pairs === 6 || pairs === 7, `${pairs}`)
  await stand(':not(.other)', 0, pairs)
  await w.close()
})
