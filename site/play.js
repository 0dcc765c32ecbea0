// Put into every page by `rush play`: says whose code runs in it, and loads the page again when that changed. What the
// reader has set stands in the address and stays.
const bar = document.createElement('p')
bar.setAttribute('role', 'status')
bar.style.cssText = 'position:fixed;z-index:99;left:0;right:0;bottom:0;margin:0;padding:6px 16px;font:14px/1.5 system-ui,sans-serif;color:#fff;background:#7c2d12;white-space:pre-wrap;max-height:40vh;overflow:auto'
let version

async function look() {
  try {
    const now = await (await fetch('/play.json', { cache: 'no-store' })).json()
    version ??= now.version
    if (now.version !== version && !now.trouble) return location.reload()
    bar.textContent = now.trouble || now.said
    bar.style.background = now.trouble ? '#991b1b' : '#7c2d12'
  } catch {
    bar.textContent = 'rush play has ended.'
  }
  setTimeout(look, 700)
}
document.body.append(bar)
look()
