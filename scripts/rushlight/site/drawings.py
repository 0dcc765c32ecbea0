"""Pictures that Graphviz draws while the site is built. They take their colours from the page."""

import html
import re
import subprocess

from ..basics.errors import RushError
from ..basics.process import plain_environment, tool


def draw(dot: str, what: str, css: str = "drawing") -> str:
    """Graphviz source as an SVG in one line of HTML, as large as it was drawn, in the page's own colours."""
    options = ["-Nfontname=sans-serif", "-Efontname=sans-serif", "-Gbgcolor=transparent"]
    svg = _run([tool("dot"), "-Tsvg", *options], dot, what)
    svg = svg[svg.index("<svg") :]
    names = [html.unescape(name) for name in re.findall(r"<text [^>]*>([^<]*)</text>", svg)]
    role = "group" if "<a " in svg else "img"  # links in a picture are still links
    said = html.escape(what if role == "group" else f"a graph of {', '.join(names)}")
    width, height = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg).groups()
    svg = re.sub(r'<svg width="[^"]*" height="[^"]*"', f'<svg width="{width}" height="{height}" role="{role}" aria-label="{said}"', svg, count=1)
    svg = re.sub(r"<title>.*?</title>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\n\s*", " ", svg).replace("xlink:href", "href").replace('xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = re.sub(r' (stroke|fill)="black"', r' \1="currentColor"', svg)
    svg = re.sub(r'(<text [^>]*?)fill="[^"]*"', r"\1", svg)
    svg = re.sub(r"<text ", '<text fill="currentColor" ', svg)
    svg = re.sub(r' font-family="[^"]*"', "", svg)
    svg = re.sub(r' id="[^"]*"', "", svg)
    return f'<figure class="{css}" v-pre>{svg.strip()}</figure>'


def reduced(dot: str, what: str) -> str:
    """Without the arrows that other arrows imply."""
    return _run([tool("tred")], dot, what)


def _run(command: list[str], text: str, what: str) -> str:
    found = subprocess.run(command, input=text, text=True, capture_output=True, env=plain_environment())
    if found.returncode != 0 or not found.stdout:
        raise RushError(f"{what}: Graphviz does not understand the picture: {found.stderr.strip()[:300]}")
    return found.stdout
