// The default theme without its fonts, our colours, and the components that pages may use.
import DefaultTheme from 'vitepress/theme-without-fonts'
import type { Theme } from 'vitepress'
import { defineAsyncComponent } from 'vue'
import 'katex/dist/katex.min.css'
import './widgets.css'
import './style.css'
import LessonFacts from './components/LessonFacts.vue'
import ModuleCards from './components/ModuleCards.vue'

const widgets = import.meta.glob('./widgets/*.vue')

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    if (!import.meta.env.SSR) { absolute(); paper() }
    app.component('LessonFacts', LessonFacts)
    app.component('ModuleCards', ModuleCards)
    for (const [path, load] of Object.entries(widgets)) {
      app.component(path.match(/(\w+)\.vue$/)![1], defineAsyncComponent(load as any))
    }
  },
} satisfies Theme

// Paper is white, whatever the screen is.
function paper() {
  const page = document.documentElement.classList
  let dark = false
  addEventListener('beforeprint', () => { dark = page.contains('dark'); page.remove('dark') })
  addEventListener('afterprint', () => { if (dark) page.add('dark') })
}

// Links of the page as it was loaded are relative (relocate.mjs). The next page may lie in another folder, and what
// stays on the screen must lead to the same places from there.
function absolute() {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="."]')) {
    link.setAttribute('href', link.pathname + link.search + link.hash)
  }
}
