// What VitePress needs to know. Every fact about the course comes from pages/course.json, which `rush site` makes.
import { readFileSync } from 'node:fs'
import katex from '@vscode/markdown-it-katex'
import { defineConfig } from 'vitepress'

const course = JSON.parse(readFileSync(new URL('../pages/course.json', import.meta.url), 'utf8'))
const tiers = ['foundation', 'architecture', 'optimization', 'frontier']
const capital = (text: string) => text[0].toUpperCase() + text.slice(1)

function modules(folder: string) {
  return tiers
    .map((tier) => ({
      text: capital(tier),
      items: course.modules
        .filter((m: any) => m.there && m.tier === tier)
        .map((m: any) => ({ text: `${m.number} ${m.title}`, link: `/${folder}/${m.name}` })),
    }))
    .filter((group) => group.items.length > 0)
}

const milestones = course.milestones.map((m: any) => ({ text: `${m.year} ${m.title}`, link: `/milestones/${m.folder}` }))
const book = [
  { text: 'The course', items: [{ text: 'Start here', link: '/start' }] },
  ...modules('modules'),
  { text: 'Milestones', items: [{ text: 'All of them', link: '/milestones/' }, ...milestones] },
]
const proofs = [
  {
    text: 'How it is known',
    items: [
      { text: 'What must always hold', link: '/proofs/obligations' },
      { text: 'What was asked for', link: '/proofs/specification' },
      ...(course.mutants ? [{ text: 'Mistakes that the tests know', link: '/proofs/mutants' }] : []),
      { text: 'Benchmarks', link: '/benchmarks/' },
      { text: 'Results', link: '/benchmarks/results' },
    ],
  },
  {
    text: 'For instructors',
    items: [
      { text: 'Handing it out, grading', link: '/docs/instructors' },
      { text: 'How a verdict is made', link: '/docs/verdicts' },
      { text: 'Two networks side by side', link: '/docs/compare' },
    ],
  },
  { text: 'The project', items: course.documents },
]

export default defineConfig({
  title: 'Rushlight',
  description: 'Build a deep-learning framework in C++20, one tested module at a time.',
  lang: 'en',
  srcDir: 'pages',
  outDir: '../build/site',
  cacheDir: '.vitepress/cache',
  lastUpdated: false,
  router: { prefetchLinks: false }, // a reader's line is the reader's
  metaChunk: true,
  // The path that relocate.mjs replaces: whoever reads the site from elsewhere finds its root by this.
  head: [['script', {}, 'globalThis.__base__=new URL("/__rushlight__/",location.href).pathname'], ['link', { rel: 'icon', type: 'image/svg+xml', href: 'data:image/svg+xml,' + encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 2c5 7 8 10 8 16a8 8 0 0 1-16 0c0-6 3-9 8-16z" fill="#c2410c"/><path d="M16 13c2 3 4 4 4 7a4 4 0 0 1-8 0c0-3 2-4 4-7z" fill="#fcd34d"/></svg>') }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { level: [1, 2, 3] },
    config: (md) => {
      md.use((katex as any).default ?? katex, { throwOnError: true })
      glued(md)
      whole(md)
      focusable(md)
      figures(md)
    },
  },
  themeConfig: {
    nav: [
      { text: 'Lessons', link: '/start', activeMatch: '^/(start|modules)' },
      { text: 'Milestones', link: '/milestones/', activeMatch: '^/milestones' },
      { text: 'API', link: `/api/${course.modules[0].name}`, activeMatch: '^/api' },
      { text: 'How it is known', link: '/proofs/obligations', activeMatch: '^/(proofs|benchmarks|docs)' },
    ],
    sidebar: {
      '/api/': modules('api'),
      '/proofs/': proofs,
      '/benchmarks/': proofs,
      '/docs/': proofs,
      '/contributing': proofs,
      '/changelog': proofs,
      '/': book,
    },
    outline: [2, 3],
    search: {
      provider: 'local',
      options: { _render: found, miniSearch: { searchOptions: { fuzzy: 0.15, prefix: true, boost: { title: 4, text: 1, titles: 1 } } } },
    },
    docFooter: { prev: 'Before', next: 'Next' },
  },
  vite: { build: { chunkSizeWarningLimit: 1500 } },
})

// What search reads of a page. Pages that show a file are left out, and not rendered for it.
function found(text: string, env: any, md: any) {
  return /^---\n(?:\w+: .*\n)*search: false\n/.test(text) ? '' : md.render(text, env)
}

// A block of code or a table that is wider than the page scrolls, so a keyboard must reach it.
function focusable(md: any) {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (...rest: any[]) => fence(...rest).replace(/<pre /g, '<pre tabindex="0" ').replace(/tabindex="0" ([^>]*)tabindex="0"/g, 'tabindex="0" $1')
  md.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table tabindex="-1">\n'
  md.renderer.rules.table_close = () => '</table></div>\n'
}

// A short formula stays in one line with its comma: to a browser it is a box, and lines may break on both sides of a box.
function glued(md: any) {
  md.core.ruler.push('glued', (state: any) => {
    for (const token of state.tokens.filter((token: any) => token.type === 'inline')) {
      token.children = token.children.flatMap((child: any, i: number, all: any[]) => {
        if (child.type !== 'math_inline' || child.content.length > 24) return [child]
        const take = (text: any, pattern: RegExp) => {
          const found = text?.type === 'text' ? text.content.match(pattern)[0] : ''
          if (found) text.content = text.content.replace(pattern, '')
          return found
        }
        const open = take(all[i - 1], /[("]?$/), close = take(all[i + 1], /^(?:'s\b)?[,.;:!?)"]*/)
        const raw = (content: string) => Object.assign(new state.Token('html_inline', '', 0), { content })
        return open || close ? [raw(`<span class="glued">${open}`), child, raw(`${close}</span>`)] : [child]
      })
    }
  })
}

// A short name or option stays in one line: `--seed` would be cut behind its dashes.
function whole(md: any) {
  const code = md.renderer.rules.code_inline
  md.renderer.rules.code_inline = (tokens: any[], i: number, ...rest: any[]) => {
    if (/^\S{1,24}$/.test(tokens[i].content)) tokens[i].attrJoin('class', 'whole')
    return code(tokens, i, ...rest)
  }
}

// A paragraph that is one drawing. On a phone the words of a wide one would be too small to read: there it scrolls instead.
function figures(md: any) {
  md.core.ruler.push('figures', (state: any) => {
    state.tokens.forEach((token: any, i: number) => {
      const [only, ...others] = token.type === 'inline' ? token.children : []
      if (others.length || only?.type !== 'image' || !/\.svg$/.test(only.attrGet('src')) || state.tokens[i - 1].type !== 'paragraph_open') return
      state.tokens[i - 1].attrSet('class', 'figure')
      state.tokens[i - 1].attrSet('tabindex', '0')
      state.tokens[i - 1].attrSet('style', `--wide: ${widthOf(only.attrGet('src'))}px`)
    })
  })
}

function widthOf(picture: string) {
  const svg = readFileSync(new URL('../pages/public' + picture, import.meta.url), 'utf8')
  return +svg.match(/<svg[^>]* viewBox="\S+ \S+ (\S+) /)![1]
}
