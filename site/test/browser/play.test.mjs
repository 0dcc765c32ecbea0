// `rush play`: a student's relu whose derivative is always 1 moves the boundary in the page, seconds after it was saved.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { folder, launch, open, pictures } from '../reader.mjs'

const tree = fileURLToPath(new URL('../../..', import.meta.url))
const skip = !existsSync(join(folder, 'rushlight.wasm')) ? 'the site was built without rushlight.wasm' : existsSync(join(tree, 'solutions')) ? false : 'there are no solutions to play with'
const activations = '02_activations', file = 'elementwise.cpp', right = 'where(equal(bw.out, zero), zero, bw.grad)'

// A student's tree with module 02 written: what `rush play` reads, and what was built of it already.
function studentsTree() {
  const root = mkdtempSync(join(tmpdir(), 'rush-play-'))
  for (const name of ['modules', 'solutions', 'scripts', 'tests', 'milestones', 'docs', 'README.md', 'CMakeLists.txt']) symlinkSync(join(tree, name), join(root, name))
  for (const name of ['modules', 'scripts']) { rmSync(join(root, name)); cpSync(join(tree, name), join(root, name), { recursive: true, preserveTimestamps: true }) }
  mkdirSync(join(root, 'site'))
  for (const name of readdirSync(join(tree, 'site'))) symlinkSync(join(tree, 'site', name), join(root, 'site', name))
  mkdirSync(join(root, 'build'))
  for (const name of ['site', 'wasm']) cpSync(name === 'site' ? folder : join(tree, 'build', name), join(root, 'build', name), { recursive: true, preserveTimestamps: true })
  for (const name of readdirSync(join(tree, 'solutions', activations))) cpSync(join(tree, 'solutions', activations, name), join(root, 'modules', activations, name))
  return root
}

// The server's address and the process that ends with it.
async function play(root) {
  const process_ = spawn(join(root, 'scripts/rush'), ['play', '--port', '0'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  process_.stdout.on('data', (text) => { said += text })
  process_.stderr.on('data', (text) => { said += text })
  for (let waited = 0; !/Your code: \d/.test(said); waited += 200) {
    assert.ok(waited < 180000 && process_.exitCode === null, said)
    await new Promise((done) => setTimeout(done, 200))
  }
  // Processor time of the command and of what it has run, in seconds: the wall's clock depends on who else is computing.
  const spent = () => readFileSync(`/proc/${process_.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 15).reduce((sum, ticks) => sum + ticks / 100, 0)
  return { spent, at: said.match(/http:\/\/127\.0\.0\.1:\d+/)[0], said: () => said, end: () => process_.kill('SIGINT') }
}

// The colours of the plane after 60 steps, as the canvas has them.
async function learnt(tab, name) {
  await tab.waitForFunction(() => /^Step 0/.test(document.querySelector('.playground [data-test="says"]')?.textContent ?? ''), { timeout: 30000 })
  for (let i = 0; i < 60; ++i) await tab.$eval('.playground [data-test="step"]', (button) => button.click())
  await tab.waitForFunction(() => /^Step 60: loss/.test(document.querySelector('.playground [data-test="says"]').textContent))
  await (await tab.$('.playground')).screenshot({ path: `${pictures}/play-${name}.png` })
  return tab.$eval('.playground canvas', (canvas) => ({
    right: +document.querySelector('.playground [data-test="says"]').textContent.match(/(\d+) % right/)[1],
    // Which class each 6 by 6 patch is given: the one whose colour it is nearer to, by red against blue.
    classes: [...Array(3600).keys()].map((i) => { const [red, , blue] = canvas.getContext('2d').getImageData(6 * (i % 60) + 3, 6 * Math.floor(i / 60) + 3, 1, 1).data; return red > blue }),
  }))
}

test('rush play: a wrong derivative is seen in the page after less than 10 s of work', { skip, timeout: 300000 }, async () => {
  mkdirSync(pictures, { recursive: true })
  const root = studentsTree(), source = join(root, 'modules', activations, file)
  const good = readFileSync(source, 'utf8')
  assert.equal(good.split(right).length, 2, `${file} has relu's derivative once`)
  const playing = await play(root), browser = await launch()
  try {
    assert.match(playing.said(), /Your code: .*02/)
    const tab = await open(browser, playing.at)
    await tab.goto(`${playing.at}/?net.activation=relu&net.data=circle&net.lr=0.02#live`, { waitUntil: 'networkidle2' })
    const before = await learnt(tab, 'right')
    await tab.evaluate(() => { window.old = true })
    const start = Date.now(), spent = playing.spent()
    writeFileSync(source, good.replace(right, `(void(${start}LL), bw.grad)`)) // the number: nobody has compiled this before
    await tab.waitForFunction(() => !window.old && document.querySelector('.playground [data-test="says"]'), { timeout: 60000 })
    const waited = (Date.now() - start) / 1000, seconds = playing.spent() - spent
    const after = await learnt(tab, 'wrong')
    const moved = before.classes.filter((one, i) => one !== after.classes[i]).length / before.classes.length
    console.log(`the page ran the mistake after ${waited.toFixed(1)} s, ${seconds.toFixed(1)} s of them processor time; ${before.right} % right became ${after.right} %, ${(100 * moved).toFixed(0)} % of the plane changed its class`)
    assert.ok(seconds > 0.1 && seconds < 10, `${seconds} s`)
    assert.ok(before.right >= 95 && moved > 0.05, `${before.right} % right, ${moved} moved`)
    writeFileSync(source, good.replace(right, 'bw.gradd'))
    await tab.waitForFunction(() => /no member named 'gradd'/.test(document.querySelector('p[role=status]').textContent), { timeout: 60000 })
    assert.deepEqual(tab.complaints, [])
  } finally {
    await browser.close()
    playing.end()
    rmSync(root, { recursive: true })
  }
})
