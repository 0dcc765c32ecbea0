"""Every module has its lesson, no document points at a file that is not there, and the README's board adds up."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/*.md", "milestones/**/*.md", "modules/*/README.md", "tests/**/*.md") for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("module", sorted(ROOT.glob("modules/[0-9][0-9]_*")), ids=lambda path: path.name)
def test_a_module_has_a_lesson(module):
    assert len((module / "README.md").read_text(encoding="utf-8").split()) > 1000


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    missing = [t for t in targets if "://" not in t and not (document.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("milestone", sorted(ROOT.glob("milestones/[0-9]*_*")), ids=lambda path: path.name)
def test_a_milestones_page_says_how_it_is_run_and_what_its_control_is(milestone):
    name = json.loads((milestone / "milestone.json").read_text(encoding="utf-8"))["name"]
    text = (milestone / "README.md").read_text(encoding="utf-8")
    assert f"scripts/rush milestone {name}" in text and "--control" in text
    assert "\n## What to look at" in text or "\n## What we measured" in text
    assert f"]({milestone.name}/README.md)" in (ROOT / "milestones" / "README.md").read_text(encoding="utf-8")


def test_the_readmes_board_counts_all_tasks_and_points():
    tasks = [task for manifest in ROOT.glob("modules/*/module.json") for task in json.loads(manifest.read_text(encoding="utf-8"))["tasks"]]
    shown = f"\n0 of {len(tasks)} tasks, 0 of {sum(task['points'] for task in tasks)} points\n"
    assert shown in (ROOT / "README.md").read_text(encoding="utf-8")
