"""The little that must be known about Markdown to rewrite it: what is code, what is a section, where a link leads."""

import html
import posixpath
import re
from typing import Callable, Iterator

FENCE = re.compile(r"^(```+)[^\n]*\n.*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")


def outside_fences(text: str, change: Callable[[str], str]) -> str:
    """`change` applied to the prose between code blocks."""
    return _between(FENCE, text, change)


def _between(pattern: re.Pattern, text: str, change: Callable[[str], str]) -> str:
    parts, end = [], 0
    for match in pattern.finditer(text):
        parts += [change(text[end : match.start()]), match.group()]
        end = match.end()
    return "".join([*parts, change(text[end:])])


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(heading line, everything up to the next heading of any level); what stands before the first has heading ""."""
    fenced = [match.span() for match in FENCE.finditer(text)]
    starts = [
        match.start()
        for match in re.finditer(r"^#{1,6} ", text, re.MULTILINE)
        if not any(start <= match.start() < end for start, end in fenced)
    ]
    bounds = [*([] if 0 in starts else [0]), *starts, len(text)]
    for start, end in zip(bounds, bounds[1:]):
        piece = text[start:end]
        if start in starts:
            heading, _, body = piece.partition("\n")
            yield heading, body
        elif piece:
            yield "", piece


def rewrite_links(text: str, folder: str, place: Callable[[str], str]) -> str:
    """Every link into the tree, relative to the document's `folder`, becomes what `place` answers for its path."""

    def change(match: re.Match) -> str:
        label, target = match.groups()
        if label is None:
            return match.group()  # code
        if "://" in target or target.startswith(("#", "/", "mailto:")):
            return match.group()
        path, _, anchor = target.partition("#")
        where = place(posixpath.normpath(posixpath.join(folder, path)))
        return f"{label}({where}{'#' + anchor if anchor else ''})"

    either = re.compile(f"{LINK.pattern}|`[^`\n]+`")  # whichever begins first
    return outside_fences(text, lambda prose: either.sub(change, prose))


def escape(text: str) -> str:
    """As text inside a tag that carries v-pre."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def with_code(text: str) -> str:
    """Escaped, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def front_matter(**fields: object) -> str:
    """YAML is a superset of JSON, so that nothing needs quoting by hand."""
    import json

    return "---\n" + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in fields.items()) + "---\n\n"


def fence(text: str, language: str) -> str:
    """A code block, however many backticks the text has."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}\n"


def source_page(path: str) -> str:
    """The page that shows a file. Without its dot: a link to packages.txt would be one to a file."""
    return f"source/{path.replace('.', '-')}"
