"""play: the site's live parts, run by the code that the student has written."""

import threading
import time

import typer
from rich.text import Text

from ..basics import npm
from ..basics.errors import RushError
from ..basics.terminal import out, styled
from ..course.tree import Tree, find_tree
from ..site import node, wasm
from ..site.own_code import OwnCode, choose
from ..site.pages import Pages
from ..site.play_server import server
from ..verdicts.watch import watch
from .site import check_programs


def register(app: typer.Typer) -> None:
    app.command()(play)


def play(port: int = typer.Option(5180, "--port", min=0, max=65534, help="at which address of this machine.")) -> None:
    """See your own framework run in the site's pages; what you save is there a moment later."""
    tree = find_tree()
    if why := wasm.no_compiler():
        raise RushError(f"your modules cannot be compiled for a page: {why}.", "scripts/rush site setup")
    site = tree.root / "build" / "site"
    if not (site / "rushlight.wasm").is_file():
        _build_site(tree)
    code = OwnCode(tree, (site / "rushlight.wasm").read_bytes())
    try:
        serving = server(code, site, tree.root / "site" / "play.js", port)
    except OSError as error:
        raise RushError(f"nothing can be served at port {port}: {error.strerror}.", f"scripts/rush play --port {port + 1}") from None
    threading.Thread(target=serving.serve_forever, daemon=True).start()

    def compiled(_: object = None) -> None:
        start = time.monotonic()
        code.compile()
        took = f"{time.strftime('%H:%M:%S')}  {time.monotonic() - start:.1f} s"
        out().print(styled((took, "dim"), f"  {code.trouble or code.said()}"))

    out().print(Text(f"http://127.0.0.1:{serving.server_port}/  Save a file, and the page runs it. Ctrl-C ends it."))
    try:
        watch(code.files, compiled, at_start=compiled)
    except KeyboardInterrupt:
        pass
    finally:
        serving.shutdown()


def _build_site(tree: Tree) -> None:
    """Once: pages with the live parts. What runs in them comes with each save."""
    check_programs(tree)
    npm.install(tree.root / "site", "the site's packages")
    pages = Pages(tree, staff=False, module=wasm.build(tree, choose(tree).own, "own"))
    pages.make()
    if node.build(pages.site, tree.root / "build" / "site", "") != 0:
        raise RushError("VitePress could not build the pages; what it says stands above.", code=1)
