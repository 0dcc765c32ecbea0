"""A module's README.md as a page: its facts above, its hints beside its tasks, links and pictures where they lead now."""

import re
from typing import Callable

from ..course.manifest import Module, Task
from ..course.tree import Tree
from .api import Api, declaration, link_symbols
from .drawings import draw
from .markdown import fence, front_matter, rewrite_links, sections, source_page, with_code
from .proofs import mistakes

LEVELS = ("where to look", "the idea", "nearly the code, in words")
REGION = re.compile(r"^<!-- code: (\S+\.hpp) (\w+) -->$", re.MULTILINE)
WIDGET = re.compile(r"^<!-- widget: ([A-Z]\w+) -->$", re.MULTILINE)
NOT_LIVE = (
    '<p class="not-live">Here the course\'s own code can run in the page. This copy was built without that: it takes clang-19, '
    "which <code>scripts/rush site setup</code> installs, and the solutions. Without those, <code>scripts/rush play</code> runs your "
    "own code here.</p>"
)
DOT = re.compile(r"^```dot\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def lesson_page(tree: Tree, module: Module, api: Api, place: Callable[[str], str], live: bool = False) -> str:
    """The lesson of one module. Names that it or an earlier module declares lead to the API."""
    where = f"modules/{module.name}/README.md"
    text = (module.folder / "README.md").read_text(encoding="utf-8")
    text = expand(tree, text, where, api, live)
    known = [m for m in tree.modules.values() if m.number <= module.number and (m.folder / "README.md").is_file()]
    text = link_symbols(text, api, {other.name for other in known})
    text = rewrite_links(text, f"modules/{module.name}", place)
    parts = [heading + "\n" + body if heading else body for heading, body in _with_hints(tree, module, text)]
    title = f"{module.number} {module.title}"
    return front_matter(title=title, kind="lesson", module=module.number) + "".join(parts)


def expand(tree: Tree, text: str, where: str, api: Api, live: bool = False) -> str:
    """Graphviz blocks become pictures, a named declaration its text, and a widget's name the widget or why there is none."""
    text = DOT.sub(lambda found: draw(found[1], where), text)
    text = REGION.sub(lambda found: fence(declaration(tree, api.find(found[2], found[1])), "cpp"), text)
    return WIDGET.sub(lambda found: widget(found[1], live), text)


def widget(name: str, live: bool) -> str:
    """The component of that name; without the module that answers it, a line that says what is not there."""
    return f"<{name} />" if live else NOT_LIVE


def _with_hints(tree: Tree, module: Module, text: str) -> list[tuple[str, str]]:
    """Each task's card at the end of its own section, or with its neighbours at the end of the list of tasks."""
    pieces = list(sections(text))
    own, rest = {}, []
    for task in module.tasks:
        at = next((i for i, (heading, _) in enumerate(pieces) if _speaks_of(heading, task)), None)
        rest.append(task) if at is None else own.setdefault(at, []).append(task)
    if rest:
        at = next((i for i, (heading, _) in enumerate(pieces) if re.search(r"\btasks\b", heading)), None)
        if at is None:
            pieces.append(("## The tasks", "\n"))
            at = len(pieces) - 1
        own.setdefault(at, []).extend(rest)
    for at, tasks in own.items():
        heading, body = pieces[at]
        pieces[at] = (heading, body.rstrip() + "\n\n" + "".join(card(module, task, mistakes(tree, task.id)) for task in tasks) + "\n")
    heading, body = pieces[0]
    pieces[0] = (heading, "\n" + "<LessonFacts />\n\n" + body.lstrip("\n"))
    return pieces


def _speaks_of(heading: str, task: Task) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(task.id)}(?![\d.])", heading) is not None


def card(module: Module, task: Task, known: str) -> str:
    """A task: what it is worth, where it is written, how to test it, three hints, each folded into the one before, and
    the mistakes that are known there."""
    pages = {name: f"../{source_page(f'modules/{module.name}/{name}')}.html" for name in task.files}
    files = ", ".join(f'<a href="{page}"><code>{name}</code></a>' for name, page in pages.items())
    hints = ""
    for level, hint in reversed(list(enumerate(task.hints))):
        name = LEVELS[level] if level < len(LEVELS) else "more"
        hints = f"<details><summary>Hint {level + 1}: {name}</summary><p>{with_code(hint)}</p>{hints}</details>"
    return (
        f'<div class="task" id="task-{task.id}" v-pre><p class="task-head"><strong>{task.id} {with_code(task.title)}</strong>'
        f' <span>{task.points} points</span> <span>{files}</span>'
        f' <code>scripts/rush test {task.id}</code></p>{hints}{known}</div>\n\n'
    )
