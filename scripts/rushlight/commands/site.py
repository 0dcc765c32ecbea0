"""The documentation site: build, serve, test."""

import threading
from pathlib import Path

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.terminal import note, out
from ..course.tree import Tree, find_tree
from ..site import npm
from ..site.pages import Pages

STAFF = typer.Option(False, "--staff", help="with the solutions.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The documentation site: build, serve, test.", no_args_is_help=True, rich_markup_mode=None)
    group.command()(build)
    group.command()(serve)
    group.command()(test)
    app.add_typer(group, name="site")


def build(
    staff: bool = STAFF,
    base: str = typer.Option("/", "--base", help="the path under which it will be served, such as /course/."),
) -> None:
    """Make the static site in build/site. It asks no other host for anything."""
    tree = find_tree()
    pages = _make(tree, staff)
    if npm.vitepress(pages.site, "build", "--base", f"/{base.strip('/')}/".replace("//", "/")) != 0:
        raise RushError("VitePress could not build the pages; what it says stands above.", code=1)
    out().print(Text(f"build/site: {len(pages.texts)} pages. Look at them: scripts/rush site serve"))


def serve(
    staff: bool = STAFF,
    port: int = typer.Option(5173, "--port"),
) -> None:
    """Show the site at localhost; pages follow what you write."""
    tree = find_tree()
    site = _make(tree, staff).site
    stop = threading.Event()
    follower = threading.Thread(target=_follow, args=(tree, staff, stop), daemon=True)
    follower.start()
    try:
        raise typer.Exit(npm.vitepress(site, "dev", "--port", str(port)))
    finally:
        stop.set()


def test() -> None:
    """Read the built site in Chromium as a reader would: links, search, contrast, pictures, widgets."""
    tree = find_tree()
    if not (tree.root / "build" / "site" / "index.html").is_file():
        raise RushError("the site is not built.", "scripts/rush site build")
    site = tree.root / "site"
    npm.install(site)
    raise typer.Exit(npm.test(site, tree.root / "build"))


def _make(tree: Tree, staff: bool) -> Pages:
    site = tree.root / "site"
    if not (site / "package.json").is_file():
        raise RushError("this copy of the course has no site/.")
    npm.install(site)
    pages = Pages(tree, staff)
    pages.make()
    return pages


def _follow(tree: Tree, staff: bool, stop: threading.Event) -> None:
    """Makes the pages again when a document or a manifest was saved. One mistake on the way is told and survived."""
    seen = _dates(tree.root)
    while not stop.wait(1.0):
        if (now := _dates(tree.root)) == seen:
            continue
        seen = now
        try:
            Pages(Tree(tree.root), staff).make()
        except RushError as error:
            note(f"{error.message} {error.next_step}")


def _dates(root: Path) -> dict[Path, float]:
    patterns = ("*.md", "docs/*.md", "modules/*/*", "milestones/**/*", "site/content/**/*", "site/public/**/*", "tests/*.json")
    return {path: path.stat().st_mtime for pattern in patterns for path in root.glob(pattern) if path.is_file()}
