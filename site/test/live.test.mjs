// The modules as WebAssembly give the numbers of the native build, request by request, to 1e-5.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { CourseError, asker } from '../.vitepress/theme/ask.mjs'
import { folder } from './reader.mjs'

const file = join(folder, 'rushlight.wasm')
const there = existsSync(file) ? false : 'the site was built without rushlight.wasm'
const native = process.env.RUSH_NATIVE

const requests = [
  'broadcast 2,3 3', 'broadcast 2,1,3 4,1', 'broadcast 5 1', 'broadcast - 2,2', 'broadcast 0,3 3',
  'graph w=2 x=3 b=-1 t=1 ; (w*x + b - t)^2', 'graph x=0.7 w=-1.3 ; x*w + tanh(x*w)', 'graph x=2 y=3 ; x/y - exp(-x) * log(y)',
  'graph x=-0.4 ; relu(x) + gelu(x) + silu(x) * sigmoid(x) + sqrt(abs(x))',
  ...['sgd', 'momentum', 'nesterov', 'rmsprop', 'adam'].flatMap((name) => [`race banana ${name} 0.002 0.9 -1.2 1 100`, `race valley ${name} 0.05 0.9 2 1.5 60`, `race saddle ${name} 0.02 0.5 1.5 0.01 60`]),
  ...['relu', 'tanh', 'sigmoid', 'gelu', 'none'].flatMap((name) => [`depth ${name} 1 20 64`, `depth ${name} 1.41 12 32`]),
  ...['circle', 'spiral', 'xor', 'blobs'].flatMap((data) => ['sgd', 'momentum', 'rmsprop', 'adam'].flatMap((optimizer, i) => [
    `net data ${data} 60 0.02 3`, 'net add 0.5 -0.25 1', `net new ${i} 8 ${['tanh', 'relu', 'gelu', 'sigmoid'][i]} ${optimizer} 0.02 0.001 5`, 'net step 10', 'net map 8', 'net look',
  ])),
  ...[1, 2].flatMap((stride) => [0, 1].map((padding) => `conv 3 ${stride} ${padding} ${'0110'.repeat(64)} 1,0,-1,2,0.5,-2,1,0,-1`)), `conv 5 1 2 ${'01'.repeat(128)} ${Array(25).fill(0.04).join()}`,
  'shapes kinds', ...[0, 1, 2, 3, 4].map((kind) => `shapes draw ${kind} 7`), 'shapes new 1', `shapes read ${'0110'.repeat(64)}`, 'shapes train 3', `shapes read ${'0011'.repeat(64)}`,
  'heads new 1', 'heads look abcabca -', 'heads train 3', 'heads look abcabca -', 'heads look abcdefghhgfedcb 0.1,1.0',
  ...['tensor', 'channel', 'group', 'q8_0', 'q4_0'].map((kind) => `quant ${kind} 16 20 3`),
  ...['jsd 1 1', 'jsd 0 0', 'taid 0.5 0', 'entropy 1 2'].flatMap((kind) => [`compose new ${kind} 5`, 'compose look', 'compose train 10', 'compose look']),
  'strides 3 4 0 4 1', 'strides 4 3 0 1 4', 'strides 3 4 8 0 1', 'strides 1 3 11 0 -5', 'sines 1 4 3', 'sines 8 128 100',
  'tokens 0 words - ab', 'tokens 5 words aaab%20aaab aaab%20aab', 'tokens 40 gpt2 it%27s%203pm%2C%20it%27s%204pm it%27s%20%C3%A9t%C3%A9',
]
const wrong = [['broadcast 2,3 2', /add: .*\(2, 3\).*\(2,\)/], ['graph x=1 ; x +', /expected/], ['race hill sgd 1 0 0 0 1', /no surface hill/], ['graph x=1 ; y', /y has no value/], ['conv 3 1 0 01 1', /256 cells, found 2/], [`conv 3 1 0 ${'0'.repeat(256)} 1,2`, /a filter of 3x3 has 9 numbers, found 2/], ['shapes train 1', /no network yet/], ['compose new mean 1 1 1', /no wrapper mean/], ['compose train 1', /no model yet/], ['tokens 5 llama a a', /no splitting rule llama/], ['strides 3 4 1 4 1', /place 12, and memory has 0 to 11/], ['sines 2 8 8', /8 is not within 0 and 7/]]

// Where two answers part, or undefined.
function difference(a, b, where = '') {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)) ? undefined : `${where}: ${a}, natively ${b}`
  if (typeof a !== 'object' || a === null || b === null || typeof b !== 'object') return a === b ? undefined : `${where}: ${a}, natively ${b}`
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  for (const name of names) {
    const found = difference(a[name], b[name], `${where}.${name}`)
    if (found) return found
  }
}

test('the numbers are the native build\'s', { skip: there || (native ? false : 'no native build was given') }, () => {
  const run = spawnSync(native, { input: requests.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 })
  const answers = run.stdout.trim().split('\n')
  assert.equal(answers.length, requests.length, run.stderr)
  const ask = asker(new WebAssembly.Module(readFileSync(file)))
  const parted = requests.map((request, i) => {
    const found = difference(ask(request), JSON.parse(answers[i]))
    return found && `${request}: ${found}`
  }).filter(Boolean)
  assert.deepEqual(parted, [])
  console.log(`${requests.length} requests answered alike`)
})

test('the comparison notices a difference', () => {
  assert.match(difference({ x: [1, 2] }, { x: [1, 2.0001] }), /\.x\.1/)
  assert.match(difference({ x: 1 }, {}), /\.x/)
  assert.match(difference({ x: null }, { x: 0 }), /\.x/)
})

test('errors arrive with their words, and the next request works', { skip: there }, () => {
  const ask = asker(new WebAssembly.Module(readFileSync(file)))
  for (const [request, words] of wrong) {
    assert.throws(() => ask(request), (error) => error instanceof CourseError && words.test(error.message), request)
    assert.deepEqual(ask('broadcast 2 2').shape, [2])
  }
})

test('it is at most 300 KB on its way', { skip: there }, () => {
  const bytes = gzipSync(readFileSync(file), { level: 9 }).length
  console.log(`rushlight.wasm: ${(bytes / 1024).toFixed(0)} KB compressed`)
  assert.ok(bytes < 300 * 1024)
})
