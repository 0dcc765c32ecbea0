// What relocate.mjs does to scripts: the path is replaced when a string is used, and only there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { built, script } from '../relocate.mjs'

const run = (text) => new Function(`globalThis.__base__ = '/any/where/'; return ${script(`(${text})`)}`)()

test('strings of every kind find the real path', () => {
  assert.equal(run(`"${built}a" + '${built}b'`), '/any/where/a/any/where/b')
  assert.equal(run(`\`${built}\${1 + 1}/${built}\``), '/any/where/2//any/where/')
  assert.equal(run(`\`${built}\${"${built}"}\``), '/any/where//any/where/')
  assert.deepEqual(run(`JSON.parse('{"base":"${built}","at":["${built}x"]}')`), { base: '/any/where/', at: ['/any/where/x'] })
  assert.deepEqual(run(`{ href: "${built}a", other: "/b" }`), { href: '/any/where/a', other: '/b' })
})

test('where no expression may stand, it says so', () => {
  assert.throws(() => script(`import "${built}a.js"`), /no expression may/)
  assert.throws(() => script(`x = { "${built}a": 1 }`), /no expression may/)
})
