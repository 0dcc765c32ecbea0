// What widgets share: the compiled module, and a state that lives in the page's address.
import { withBase } from 'vitepress'
import { onBeforeUnmount, onMounted, reactive, ref, watch } from 'vue'
import { CourseError, asker } from './ask.mjs'
import { course } from './course'

export { CourseError }
export type Ask = (request: string) => any

let module: Promise<WebAssembly.Module> | undefined

// Each widget gets an instance of its own.
export async function live(): Promise<Ask> {
  if (!course.live) throw new CourseError('This copy of the site was built without the live parts.')
  module ??= fetch(withBase('/rushlight.wasm')).then(async (answer) => {
    if (!answer.ok) throw new CourseError(`The live parts could not be loaded (${answer.status}).`)
    return WebAssembly.compile(await answer.arrayBuffer())
  })
  return asker(await module)
}

// `defaults` by name; what differs from them stands in the address as ?prefix.name=value, so that a link shows the same.
export function addressed<T extends Record<string, string | number>>(prefix: string, defaults: T): T {
  const state = reactive({ ...defaults }) as T
  onMounted(() => {
    for (const [key, value] of new URLSearchParams(location.search)) {
      const name = key.slice(prefix.length + 1)
      if (!key.startsWith(prefix + '.') || !(name in defaults)) continue
      const kind = typeof defaults[name]
      if (kind === 'string') (state as any)[name] = value
      else if (Number.isFinite(+value)) (state as any)[name] = +value
    }
    watch(state, () => {
      const words = new URLSearchParams(location.search)
      for (const name in defaults) {
        if (state[name] === defaults[name]) words.delete(`${prefix}.${name}`)
        else words.set(`${prefix}.${name}`, String(state[name]))
      }
      history.replaceState(history.state, '', location.pathname + (words.size ? '?' + words : '') + location.hash)
    })
  })
  return state
}

// A film: `step` again and again until it says that it was the last. Not faster: a browser takes few addresses a second.
export function film(step: () => boolean) {
  const playing = ref(false)
  let timer: ReturnType<typeof setInterval> | undefined
  const stop = () => { clearInterval(timer); playing.value = false }
  const toggle = () => {
    if (playing.value) return stop()
    playing.value = true
    timer = setInterval(() => { if (!step()) stop() }, 350)
  }
  onBeforeUnmount(stop)
  return { playing, toggle }
}

// A number as a reader wants it.
export const short = (value: number | null) =>
  value === null ? 'not finite' : value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5) ? value.toExponential(1) : String(+value.toPrecision(4))
