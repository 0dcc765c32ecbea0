// The course's own C++ in the page: rushlight.wasm has two functions, argument() and ask(), and this calls them. It
// runs in node too, where the tests compare its answers with those of the native build.

// What went wrong in C++, in its words.
export class CourseError extends Error {}

// A compiled module as a function from a request to its answer: ask('broadcast 2,3 3') -> {shape: [2, 3], ...}.
export function asker(module) {
  let instance
  const start = () => {
    const wasi = {
      environ_sizes_get: (count, bytes) => {
        new DataView(instance.exports.memory.buffer).setUint32(count, 0, true)
        new DataView(instance.exports.memory.buffer).setUint32(bytes, 0, true)
        return 0
      },
      environ_get: () => 0,
      fd_write: (file, parts, count, written) => {
        const view = new DataView(instance.exports.memory.buffer)
        let bytes = 0
        for (let i = 0; i < count; ++i) bytes += view.getUint32(parts + 8 * i + 4, true)
        view.setUint32(written, bytes, true) // nobody reads it
        return 0
      },
      proc_exit: (code) => { throw new CourseError(`the program ended with ${code}`) },
    }
    const rushlight = { thrown: (text, bytes) => { throw new CourseError(read(text, bytes)) } }
    const refused = (name) => () => { throw new CourseError(`a page cannot do ${name}`) }
    const imports = { wasi_snapshot_preview1: wasi, rushlight }
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      if (kind === 'function') imports[from][name] ??= refused(name)
    }
    instance = new WebAssembly.Instance(module, imports)
    instance.exports._initialize()
  }
  const bytes = () => new Uint8Array(instance.exports.memory.buffer) // anew each time: memory grows
  const read = (at, length) => new TextDecoder().decode(bytes().subarray(at, at + length))

  return (request) => {
    if (!instance) start()
    try {
      const text = new TextEncoder().encode(request)
      const room = instance.exports.argument(text.length)
      bytes().set(text, room)
      const answer = instance.exports.ask()
      return JSON.parse(read(answer, bytes().indexOf(0, answer) - answer))
    } catch (error) {
      instance = undefined // an exception has left C++ half-way: begin anew
      throw error
    }
  }
}
