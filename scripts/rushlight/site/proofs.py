"""What the tests prove: the obligations with their tests, and the mistakes that were planted."""

from ..basics.errors import RushError
from ..basics.files import read_json
from ..course.tree import Tree
from .markdown import escape, fence, front_matter


def obligations_page(tree: Tree) -> str:
    path = tree.root / "tests" / "obligations.json"
    text = front_matter(title="What must always hold", outline=[2, 3], kind="proof")
    text += "# What must always hold\n\nEach line is a promise of the framework, with the tests that would notice if it broke, "
    text += "and where to look then. Taken from `tests/obligations.json`, which a test compares with the lists of test cases.\n\n"
    for entry in read_json(path):
        tests = "".join(f"<li><code>{escape(name)}</code></li>" for name in entry["tests"])
        text += f"## {entry['id'].replace('-', ' ').capitalize()} {{#{entry['id']}}}\n\n"
        text += f'<div v-pre><p>{escape(entry["invariant"])}</p><p><strong>Proved by</strong></p><ul>{tests}</ul>'
        text += f'<p><strong>If it fails.</strong> {escape(entry["if_it_fails"])}</p></div>\n\n'
    return text


def mutants_page(tree: Tree, staff: bool) -> str | None:
    """The planted mistakes, by task. What was replaced is a piece of the solution: only for staff."""
    files = sorted((tree.root / "tests" / "mutants").glob("*.json"))
    if not files:
        return None
    mutants = {path.stem: read_json(path) for path in files}
    total = sum(len(entries) for entries in mutants.values())
    text = front_matter(title="Mistakes that the tests know", outline=[2, 2], kind="proof")
    text += f"# Mistakes that the tests know\n\n{total} plausible mistakes have been planted in the reference, one at a time, and "
    text += "for each some test of its module fails: `scripts/rush mutants` does it again and names the test. "
    text += "If your code makes one of them, you will hear of it.\n\n"
    for unit, entries in mutants.items():
        module = tree.modules.get(unit)
        text += f"## {module.number + ' ' + module.title if module else unit.capitalize()} {{#unit-{unit}}}\n\n"
        text += '<div v-pre class="table"><table><thead><tr><th>task</th><th>mistake</th><th>what happens</th></tr></thead><tbody>'
        text += "".join(_row(path_of(unit), entry) for entry in entries) + "</tbody></table></div>\n\n"
        if staff:
            for entry in entries:
                text += f"### {entry['id']}\n\n`{entry['file']}`\n\n"
                text += fence("- " + entry["find"].replace("\n", "\n- ") + "\n+ " + entry["replace"].replace("\n", "\n+ "), "diff") + "\n"
    return text


def path_of(unit: str) -> str:
    return f"tests/mutants/{unit}.json"


def _row(path: str, entry: dict) -> str:
    if not {"id", "why"} <= entry.keys():
        raise RushError(f'{path}: a mutant without "id" or "why".')
    name = entry["id"].split("-", 1)[-1].replace("-", " ")
    return f"<tr><td>{entry.get('task', '')}</td><td>{escape(name)}</td><td>{escape(entry['why'])}</td></tr>"
