"""The given headers as pages: doxygen reads them, its XML says what they declare, where and with which comment."""

from __future__ import annotations

import itertools
import re
import subprocess
import tempfile
import textwrap
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

from ..basics.errors import RushError
from ..basics.process import plain_environment, tool
from ..course.manifest import Module
from ..course.tree import Tree
from .markdown import fence, front_matter, with_code

# The headers' comments are ordinary ones. Above a declaration they become doxygen's, and behind one as well.
COMMENTS = r"""sed -E -e 's,^( *)// ?(---.*)?,\1/// ,' -e 's,^(.*[^/ ].*[^/ ]) +// ?,\1 ///< ,'"""

DOXYFILE = """
INPUT = {input}
RECURSIVE = YES
FILE_PATTERNS = *.hpp
STRIP_FROM_PATH = {input}
OUTPUT_DIRECTORY = {output}
GENERATE_HTML = NO
GENERATE_LATEX = NO
GENERATE_XML = YES
XML_PROGRAMLISTING = NO
EXTRACT_ALL = YES
EXTRACT_LOCAL_CLASSES = NO
MARKDOWN_SUPPORT = NO
AUTOLINK_SUPPORT = NO
ENABLE_PREPROCESSING = YES
MACRO_EXPANSION = NO
QUIET = YES
WARNINGS = NO
INPUT_FILTER = "{filter}"
"""


@dataclass
class Symbol:
    name: str
    kind: str  # "class", "struct", "function", "variable", "typedef", "enum"
    header: str  # "01_tensor/tensor.hpp"
    first: int  # lines of the header, from 1
    last: int
    text: str  # what its comment says

    @property
    def module(self) -> str:
        return self.header.split("/")[0]


@dataclass
class Api:
    symbols: list[Symbol] = field(default_factory=list)

    def of_header(self, header: str) -> list[Symbol]:
        return sorted((s for s in self.symbols if s.header == header), key=lambda s: s.first)

    def find(self, name: str, header: str) -> Symbol:
        for symbol in self.symbols:
            if symbol.name == name and symbol.header == header:
                return symbol
        raise RushError(f"modules/{header} declares no {name}.", "a lesson shows it by that name: mend the lesson.")

    def link(self, name: str, modules: set[str]) -> str:
        """Where a name is explained, if exactly one of these modules declares it. Headers in folders of a module have no page."""
        here = (s for s in self.symbols if s.name == name and s.module in modules and s.header.count("/") == 1)
        found = {symbol.module for symbol in here}
        return f"/api/{found.pop()}#{anchor(name)}" if len(found) == 1 else ""


def anchor(name: str) -> str:
    return "api-" + re.sub(r"[^A-Za-z0-9_]+", "-", name)


def read_api(tree: Tree) -> Api:
    """What every header of modules/ declares in namespace rushlight."""
    with tempfile.TemporaryDirectory() as output:
        root = tree.root / "modules"
        config = DOXYFILE.format(input=root, output=output, filter=COMMENTS.replace('"', '\\"'))
        found = subprocess.run(
            [tool("doxygen"), "-"], input=config, text=True, capture_output=True, env=plain_environment()
        )
        if found.returncode != 0:
            raise RushError(f"doxygen could not read the headers: {found.stderr.strip()[:300]}")
        api = Api()
        for path in sorted(Path(output, "xml").glob("*.xml")):
            for compound in xml.parse(path).getroot().iter("compounddef"):
                _read_compound(compound, root, api)
    if not api.symbols:
        raise RushError("doxygen found nothing in the headers of modules/.")
    return api


def _read_compound(compound: xml.Element, root: Path, api: Api) -> None:
    kind, name = compound.get("kind"), compound.findtext("compoundname", "")
    if kind in ("class", "struct"):
        if name.count("::") == 1 and name.startswith("rushlight::"):
            _add(compound, name.removeprefix("rushlight::").split("<")[0].strip(), kind, root, api)
    elif kind == "namespace" and name == "rushlight":
        for member in compound.iter("memberdef"):
            _add(member, member.findtext("name", ""), member.get("kind", ""), root, api)


def _add(element: xml.Element, name: str, kind: str, root: Path, api: Api) -> None:
    location = element.find("location")
    if location is None or kind == "friend":
        return
    # A function that is defined elsewhere is located there; its declaration is what a reader of a header sees.
    path = location.get("declfile") or location.get("file", "")
    first = int(location.get("declline") or location.get("line", "0"))
    same = location.get("bodyfile") == path
    last = int(location.get("bodyend", "-1")) if same else -1
    said = (_words(element.find(part)) for part in ("briefdescription", "detaileddescription", "inbodydescription"))
    text = " ".join(words for words in said if not words.startswith("<"))  # a remark inside the body of a function
    header = str(Path(path).relative_to(root)) if Path(path).is_absolute() else path
    api.symbols.append(Symbol(name, kind, header, first, max(first, last), text.strip()))


def _words(element: xml.Element | None) -> str:
    return "" if element is None else re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def introduction(text: str) -> str:
    """What a header says of itself, as Markdown: the comment that it opens with, without the file's name. What is
    indented there (formulas, examples, lists) keeps its lines."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        lines.append(line.removeprefix("//").removeprefix(" "))
    if lines:
        lines[0] = re.sub(r"^[\w.]+: ", "", lines[0])
        lines[0] = lines[0][:1].upper() + lines[0][1:]
    shown = ""
    for indented, group in itertools.groupby((line for line in lines if line), lambda line: line.startswith(" ")):
        shown += fence(textwrap.dedent("\n".join(group)), "text") if indented else prose(" ".join(group)) + "\n"
        shown += "\n"
    return shown


def declaration(tree: Tree, symbol: Symbol) -> str:
    """Its own lines of the header, without what is private."""
    lines = (tree.root / "modules" / symbol.header).read_text(encoding="utf-8").splitlines()
    first, last = symbol.first, symbol.last
    if first > 1 and lines[first - 2].startswith("template"):
        first -= 1
    while last < len(lines) and not re.search(r"[;}]\s*(//.*)?$", lines[last - 1]):
        last += 1  # a declaration that goes on
    shown = lines[first - 1 : last]
    private = next((i for i, line in enumerate(shown) if line.strip() == "private:"), None)
    if private is not None:
        shown = [*shown[:private], shown[-1]]
        while shown[-2:-1] == [""]:
            del shown[-2]
    return "\n".join(shown)


def api_page(tree: Tree, module: Module, api: Api) -> str:
    """One page a module: its headers, and under each what it declares."""
    headers = sorted(path.name for path in module.folder.glob("*.hpp"))
    text = front_matter(title=f"API of {module.number} {module.title}", outline=[2, 3], kind="api")
    text += f"# API of {module.number} · {module.title}\n\nWhat the given headers of "
    text += f"[module {module.number}](/modules/{module.name}) declare, in the order in which they do.\n\n"
    taken: set[str] = set()
    for name in headers:
        text += _header(tree, f"{module.name}/{name}", api, taken)
    return text


def _header(tree: Tree, header: str, api: Api, taken: set[str]) -> str:
    name = header.split("/")[1]
    source = (tree.root / "modules" / header).read_text(encoding="utf-8")
    text = f"## {name} {{#{anchor(name)}}}\n\n{introduction(source)}"
    text += f'<p class="include" v-pre><code>#include "{header}"</code></p>\n\n'
    done: set[str] = set()
    symbols = api.of_header(header)
    for symbol in symbols:
        if symbol.name in done or symbol.name.startswith("operator"):
            continue
        done.add(symbol.name)
        family = [s for s in symbols if s.name == symbol.name]
        here = anchor(symbol.name)
        here = here if here not in taken else f"{here}-{anchor(name)}"  # add() of Arrays, then add() of Tensors
        taken.add(here)
        text += f"### {symbol.name} {{#{here}}}\n\n"
        shown = list(dict.fromkeys(declaration(tree, s) for s in family))
        text += fence("\n".join(shown), "cpp") + "\n"
        said = list(dict.fromkeys(s.text for s in family if s.text and s.text not in " ".join(shown)))
        text += "".join(f"{prose(sentence)}\n\n" for sentence in said)
    return text


def prose(text: str) -> str:
    """A comment as a paragraph: everything in it is text."""
    return f'<p v-pre class="comment">{with_code(text)}</p>' if text else ""


def link_symbols(text: str, api: Api, modules: set[str]) -> str:
    """In a section of a lesson, the first mention of each declared name leads to its explanation."""
    linked: set[str] = set()

    def change(match: re.Match) -> str:
        name = match[1]
        where = "" if name in linked or len(name) < 3 else api.link(name, modules)
        if not where:
            return match.group()
        linked.add(name)
        return f"[{match.group()}]({where})"

    pattern = re.compile(r"(?<![\[`])`([A-Za-z_]\w+)(?:\(\))?`(?![\]`])")
    lines = text.split("\n")
    fenced = False
    for i, line in enumerate(lines):
        fenced ^= line.startswith("```")
        if not fenced and not line.startswith(("#", "|", "    ")):
            lines[i] = pattern.sub(change, line)
    return "\n".join(lines)


