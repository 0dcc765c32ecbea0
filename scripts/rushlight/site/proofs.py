"""What the tests prove: the obligations with their tests, and the mistakes that were planted."""

import re

from ..basics.errors import RushError
from ..basics.files import read_json, read_json_or
from ..course.tree import Tree
from .markdown import escape, fence, front_matter


def obligations_page(tree: Tree) -> str:
    path = tree.root / "tests" / "obligations.json"
    text = front_matter(title="What must always hold", outline=[2, 3], kind="proof")
    text += "# What must always hold\n\nEach line is a promise of the framework, with the tests that would notice if it broke, "
    text += "and where to look then. Taken from `tests/obligations.json`, which a test compares with the lists of test cases.\n\n"
    for entry in read_json(path):
        tests = "".join(f"<li>{_case(name)}</li>" for name in entry["tests"])
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
    matrix = {unit: _recorded(tree, unit) for unit in mutants}
    text = front_matter(title="Mistakes that the tests know", outline=[2, 2], kind="proof", pageClass="mutants")
    text += "# Mistakes that the tests know\n\n" + _summary(mutants, matrix)
    for unit, entries in mutants.items():
        module = tree.modules.get(unit)
        text += f"## {module.number + ' ' + module.title if module else unit.capitalize()} {{#unit-{unit}}}\n\n"
        heads = "".join(f"<th>{head}</th>" for head in ("task", "mistake", "noticed by", "a naive check"))
        rows = "".join(_row(path_of(unit), entry, matrix[unit].get(entry.get("id"), {})) for entry in entries)
        text += f"<details><summary>{len(entries)} mistakes, and what noticed each</summary>"
        text += f'<div v-pre class="table"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>\n\n'
        if staff:
            for entry in entries:
                text += f"### {entry['id']}\n\n`{entry['file']}`\n\n"
                text += fence("- " + entry["find"].replace("\n", "\n- ") + "\n+ " + entry["replace"].replace("\n", "\n+ "), "diff") + "\n"
    return text


def mistakes(tree: Tree, task: str) -> str:
    """Folded: the mistakes that were planted in a task, and what a test said about each. Empty where none is known."""
    unit = task.split(".")[0]
    entries = [entry for entry in read_json_or(tree.root / path_of(unit), []) if entry.get("task") == task]
    if not entries:
        return ""
    seen = _recorded(tree, unit)
    items = "".join(_item(entry, seen.get(entry["id"], {})) for entry in entries)
    return f"<details><summary>What goes wrong here, and what the tests say</summary><ul>{items}</ul></details>"


def _item(entry: dict, seen: dict) -> str:
    said = f"<br>{_case(seen['killer'])} {escape(seen.get('message', ''))}" if seen else ""
    return f"<li>{escape(entry['why'])}{said}</li>"


def _case(name: str) -> str:
    """A test case's name, which may go on in the next line where a word of it ends."""
    return "<code>" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[./])", "<wbr>", escape(name)) + "</code>"


def _recorded(tree: Tree, unit: str) -> dict[str, dict]:
    """What the last whole run saw of each mistake, by its id."""
    record = read_json_or(tree.root / "tests" / "proven" / f"{unit}.json", {})
    return {entry["id"]: entry for entry in record.get("mutants", [])}


def _summary(mutants: dict[str, list], matrix: dict[str, dict]) -> str:
    total = sum(len(entries) for entries in mutants.values())
    seen = [entry for entries in matrix.values() for entry in entries.values()]
    asked = [entry for entry in seen if entry["naive"] is not None]
    text = f"{total} plausible mistakes have been planted in the reference, one at a time, and "
    text += "for each some test of its module fails: `scripts/rush mutants` does it again and names the test. "
    text += "If your code makes one of them, you will hear of it.\n\n"
    if asked:
        text += "Many a test suite asks no more than this: a small network is trained, does the loss fall, has every parameter a "
        text += f"gradient? Asked about {len(asked)} mistakes in modules that such a training runs through, that check is content "
        text += f"with {sum(entry['naive'] for entry in asked)}. The tests here are content with none. Names, messages and answers "
        text += "are those of the last run that is written down in `tests/proven`.\n\n"
    return text


def path_of(unit: str) -> str:
    return f"tests/mutants/{unit}.json"


def _row(path: str, entry: dict, seen: dict) -> str:
    if not {"id", "why"} <= entry.keys():
        raise RushError(f'{path}: a mutant without "id" or "why".')
    name = entry["id"].split("-", 1)[-1].replace("-", " ")
    mistake = f"<strong>{escape(name)}</strong>: {escape(entry['why'])}"
    noticed = f"{_case(seen['killer'])}<br>{escape(seen.get('message', ''))}" if seen else "not written down yet"
    naive = {True: "passes", False: "fails"}.get(seen.get("naive"), "")
    return f"<tr><td>{entry.get('task', '')}</td><td>{mistake}</td><td>{noticed}</td><td>{naive}</td></tr>"
