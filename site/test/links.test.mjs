// Every link and every anchor of every page leads somewhere, and nothing is fetched from another host.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { base, fileOf, pages } from './reader.mjs'

const attribute = (tag, name) => tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1]?.replaceAll('&amp;', '&')
const texts = new Map()
const text = (file) => texts.get(file) ?? texts.set(file, readFileSync(file, 'utf8')).get(file)
const idsOf = new Map()
const ids = (file) => idsOf.get(file) ?? idsOf.set(file, new Set([...text(file).matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]))).get(file)

test('links and anchors lead somewhere', async () => {
  const broken = []
  const all = await pages()
  assert.ok(all.length > 40, `only ${all.length} pages`)
  for (const page of all.filter((page) => !page.endsWith('/404.html'))) {
    for (const [tag] of text(fileOf(page)).matchAll(/<(?:a|link|script|img|image)\s[^>]*>/g)) {
      const target = attribute(tag, 'href') ?? attribute(tag, 'src')
      if (target === undefined || /^(data|mailto):/.test(target)) continue
      const url = new URL(target, `http://reader${page}`)
      if (url.host !== 'reader') {
        if (!tag.startsWith('<a')) broken.push(`${page}: fetches ${target}`)
        continue
      }
      const file = fileOf(url.pathname)
      if (!url.pathname.startsWith(base) || !existsSync(file) || !statSync(file).isFile()) broken.push(`${page}: ${target}`)
      else if (url.hash && file.endsWith('.html') && !ids(file).has(decodeURIComponent(url.hash.slice(1)))) broken.push(`${page}: no anchor ${target}`)
    }
  }
  assert.deepEqual([...new Set(broken)].slice(0, 30), [])
})

test('the mark-up and the styles ask no other host', async () => {
  for (const page of await pages()) {
    assert.doesNotMatch(text(fileOf(page)), /(?:src|srcset)="(?:https?:)?\/\//, page)
  }
})
