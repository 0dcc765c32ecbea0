// What the reader has ticked, kept by the browser for this site: task ids, in one list.
import { ref } from 'vue'

const key = 'rushlight-done'
export const done = ref<string[]>([])

export function loadProgress() {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '[]')
    done.value = Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : []
  } catch {
    done.value = [] // storage is off or holds something else: begin with nothing
  }
}

export function tick(id: string, on: boolean) {
  done.value = on ? [...new Set([...done.value, id])].sort() : done.value.filter((other) => other !== id)
  try {
    localStorage.setItem(key, JSON.stringify(done.value))
  } catch {
    // storage is off: the tick lasts as long as the page
  }
}
