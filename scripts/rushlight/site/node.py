"""VitePress and what tests its pages: node, run in site/."""

import shutil
import subprocess
from pathlib import Path

from ..basics.errors import RushError
from ..basics.process import plain_environment, tool

ANYWHERE = "/__rushlight__/"  # relocate.mjs replaces it by what works under every path


def vitepress(site: Path, *arguments: str) -> int:
    """What it prints is shown. The exit status."""
    return _node(site, ["node_modules/vitepress/bin/vitepress.js", *arguments], {})


def build(site: Path, folder: Path, base: str) -> int:
    """The static site in `folder`: for the path `base`, or for any path if that is empty. The exit status."""
    status = vitepress(site, "build", "--base", base or ANYWHERE)
    return status if status or base else _node(site, ["relocate.mjs", str(folder)], {})


def test(site: Path, build: Path, native: Path | None, browser: bool) -> int:
    """Runs site/test against the site in build/site and, if there is one, the native build of the live parts; without
    `browser`, those that need none. Two files at a time: a reader mostly waits."""
    folders = ["test", *(["test/browser"] if browser else [])]
    files = [str(path.relative_to(site)) for folder in folders for path in sorted((site / folder).glob("*.test.mjs"))]
    where = {
        "RUSH_SITE": str(build / "site"),
        "RUSH_PICTURES": str(build / "site-pictures"),
        "RUSH_CHROMIUM": chromium() if browser else "",
        "RUSH_NATIVE": str(native or ""),
    }
    return _node(site, ["--test", "--test-concurrency=2", *files], where)


def _node(site: Path, arguments: list[str], environment: dict[str, str]) -> int:
    return subprocess.run([tool("node"), *arguments], cwd=site, env=plain_environment() | environment).returncode


def chromium() -> str:
    """A Chromium or Chrome to test with."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if path := shutil.which(name):
            return path
    raise RushError("no Chromium is installed.", "apt-get install chromium")
