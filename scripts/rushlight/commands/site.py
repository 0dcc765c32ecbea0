"""The documentation site: build, serve, test."""

import shutil
import subprocess
import threading
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from ..basics import npm
from ..basics.errors import RushError
from ..basics.process import plain_environment
from ..basics.terminal import note, out
from ..building.build import Build
from ..course.tree import Tree, find_tree
from ..site import node, wasm
from ..site.pages import Pages

STAFF = typer.Option(False, "--staff", help="with the solutions.")
LIVE = typer.Option(
    None, "--live/--no-live", help="with or without the parts that run in the page; by default where clang-19 is there to compile them."
)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The documentation site: build, serve, test.", no_args_is_help=True, rich_markup_mode=None)
    group.command()(setup)
    group.command()(build)
    group.command()(serve)
    group.command()(test)
    app.add_typer(group, name="site")


def setup(yes: bool = typer.Option(False, "--yes", "-y", help="never ask for a password.")) -> None:
    """Install what the site needs from the distribution: site/packages.txt."""
    tree = find_tree()
    script = Path(__file__).resolve().parents[2] / "setup.sh"
    environment = plain_environment() | {"RUSH_PACKAGES": str(tree.root / "site" / "packages.txt")}
    command = ["sh", str(script), *(["--yes"] if yes else [])]
    raise typer.Exit(subprocess.run(command, env=environment).returncode)


def build(
    staff: bool = STAFF,
    live: Optional[bool] = LIVE,
    base: str = typer.Option("", "--base", help="only for this path, such as /course/; otherwise it works under any."),
) -> None:
    """Make the static site in build/site. It asks no other host for anything."""
    tree = find_tree()
    pages = _make(tree, staff, live)
    path = f"/{base.strip('/')}/".replace("//", "/") if base else ""
    if node.build(pages.site, tree.root / "build" / "site", path) != 0:
        raise RushError("VitePress could not build the pages; what it says stands above.", code=1)
    out().print(Text(f"build/site: {len(pages.texts)} pages. Look at them: scripts/rush site serve"))


def serve(
    staff: bool = STAFF,
    live: Optional[bool] = LIVE,
    port: int = typer.Option(5173, "--port"),
) -> None:
    """Show the site at localhost; pages follow what you write."""
    tree = find_tree()
    pages = _make(tree, staff, live)
    site = pages.site
    stop = threading.Event()
    follower = threading.Thread(target=_follow, args=(pages, stop), daemon=True)
    follower.start()
    try:
        raise typer.Exit(node.vitepress(site, "dev", "--port", str(port)))
    finally:
        stop.set()


def test(
    browser: bool = typer.Option(True, "--browser/--no-browser", help="without: links and the live parts' numbers alone."),
) -> None:
    """Read the built site in Chromium as a reader would: links, search, contrast, pictures, widgets."""
    tree = find_tree()
    if not (tree.root / "build" / "site" / "index.html").is_file():
        raise RushError("the site is not built.", "scripts/rush site build")
    site = tree.root / "site"
    npm.install(site, "the site's packages")
    if browser:
        node.chromium()  # rather now than after minutes
    native = None
    if (tree.root / "build" / "site" / "rushlight.wasm").is_file() and tree.has_solutions:
        native = _native(tree)
    raise typer.Exit(node.test(site, tree.root / "build", native, browser))


def _native(tree: Tree) -> Path:
    """The live parts compiled for this machine, to compare with."""
    build = Build(tree)
    build.ensure()
    if build.build(["site_live"], "building the live parts natively").failures:
        raise RushError("site/wasm does not compile for this machine.", "ninja -C build/student site_live", code=1)
    return build.executable("site_live")


def _make(tree: Tree, staff: bool, live: Optional[bool]) -> Pages:
    site = tree.root / "site"
    check_programs(tree)
    npm.install(site, "the site's packages")
    why = wasm.missing(tree)
    if why and live:
        raise RushError(f"the live parts cannot be built: {why}.", "leave --live out, or scripts/rush site setup")
    if why and live is None:
        note(f"without the live parts: {why}.")
    module = None if why or live is False else wasm.build(tree)
    pages = Pages(tree, staff, module)
    pages.make()
    return pages


def check_programs(tree: Tree) -> None:
    """Whether a site can be made here at all."""
    if not (tree.root / "site" / "package.json").is_file():
        raise RushError("this copy of the course has no site/.")
    for program in ("node", "npm", "doxygen", "dot"):
        if shutil.which(program) is None:
            raise RushError(f"{program} is not installed.", "scripts/rush site setup")


def _follow(pages: Pages, stop: threading.Event) -> None:
    """Makes the pages again when a document or a manifest was saved. One mistake on the way is told and survived."""
    root = pages.tree.root
    seen = _dates(root)
    while not stop.wait(1.0):
        if (now := _dates(root)) == seen:
            continue
        seen = now
        try:
            Pages(Tree(root), pages.staff, pages.module).make()
        except RushError as error:
            note(f"{error.message} {error.next_step}")


def _dates(root: Path) -> dict[Path, float]:
    patterns = ("*.md", "docs/*.md", "modules/*/*", "milestones/**/*", "site/content/**/*", "site/public/**/*", "tests/*.json")
    return {path: path.stat().st_mtime for pattern in patterns for path in root.glob(pattern) if path.is_file()}
