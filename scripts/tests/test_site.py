"""The pages of the site, made from a small tree: what becomes of links, hints, pictures and headers."""

import json
import shutil

import pytest

from rushlight.basics.errors import RushError
from rushlight.course.tree import Tree
from rushlight.site.api import Api, Symbol, api_page, introduction, link_symbols, read_api
from rushlight.site.course_map import course_map
from rushlight.site.drawings import draw
from rushlight.site.lessons import lesson_page
from rushlight.site.markdown import outside_fences, rewrite_links, sections
from rushlight.site.milestone_run import about_run
from rushlight.site.pages import Pages, story, write_pages
from rushlight.site.proofs import mistakes

HEADER = """\
// alpha.hpp: what comes first. It promises little.
//   y = x
#pragma once

namespace rushlight {

struct Node;

// Says how many.
// Throws nothing.
int count(const Node& node);

// A thing with parts.
struct Thing {
  int size = 0;  // in bytes

 private:
  int secret_ = 0;
};

template <class T>
T twice(T x);  // adds it to itself

inline int half(int x) {
  if (x < 0) return 0;  // nothing is owed
  return x / 2;
}

}  // namespace rushlight
"""
LESSON = """\
# 01 · Alpha

## Why

See `count` and [the file](../../docs/note.txt), [the next](../02_beta/README.md#why).

```cpp
int x;  // [no link](nowhere.md)
```

```dot
digraph { a -> b; }
```

## Your tasks

### 01.1 Counting

Count.

## After it

The end.
"""

needs_programs = pytest.mark.skipif(
    shutil.which("doxygen") is None or shutil.which("dot") is None, reason="doxygen or Graphviz is not installed"
)


@pytest.fixture
def tree(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    hints = ["look <here>", "think `hard`", "write"]
    task = {"id": "01.1", "title": "counting", "points": 3, "hints": hints}
    base = {"title": "Alpha", "tier": "foundation", "needs": [], "hours": 2, "files": ["a.cpp"]}
    tasks = [task, task | {"id": "01.2", "title": "more"}]
    write("modules/01_alpha/module.json", json.dumps(base | {"tasks": tasks}))
    write("modules/01_alpha/README.md", LESSON)
    write("modules/01_alpha/alpha.hpp", HEADER)
    write("modules/01_alpha/a.cpp", "int a;\n")
    write("modules/02_beta/module.json", json.dumps(base | {"title": "Beta", "needs": ["01"], "tasks": [task | {"id": "02.1"}]}))
    write("modules/02_beta/README.md", "# 02 · Beta\n\n## Why\n\nBecause.\n")
    write("modules/02_beta/a.cpp", "int b;\n")
    write("docs/note.txt", "a note\n")
    write("README.md", "| 01 | [alpha](modules/01_alpha/README.md) | counts |\n| 02 | [beta](modules/02_beta/README.md) | `more` |\n")
    write("site/planned.json", json.dumps([{"number": "03", "title": "Gamma", "tier": "frontier", "needs": ["02"], "builds": "later"}]))
    write("tests/obligations.json", "[]")
    return Tree(tmp_path)


def test_sections_do_not_begin_inside_code():
    pieces = list(sections("before\n# One\ntext\n```sh\n# no heading\n```\n## Two\nmore"))
    assert [heading for heading, _ in pieces] == ["", "# One", "## Two"]
    assert "# no heading" in pieces[1][1]


def test_code_blocks_stay_as_they_are():
    assert outside_fences("a\n```\na\n```\na", lambda text: text.replace("a", "b")) == "b\n```\na\n```\nb"


def test_links_into_the_tree_are_placed_and_others_stay():
    text = "[a](x.md#part) [b](https://example.org/x.md) [c](#here) `[d](y.md)` [`e`](z.md)"
    placed = rewrite_links(text, "docs", lambda path: f"</{path}>")
    assert placed == "[a](</docs/x.md>#part) [b](https://example.org/x.md) [c](#here) `[d](y.md)` [`e`](</docs/z.md>)"


@needs_programs
def test_a_lesson_has_its_hints_beside_its_tasks(tree):
    api = read_api(tree)
    page = lesson_page(tree, tree.modules["01"], api, lambda path: f"/at/{path}")
    first, second = page.index('id="task-01.1"'), page.index('id="task-01.2"')
    assert page.index("## Your tasks") < second < page.index("### 01.1 Counting") < first < page.index("## After it")
    assert page.count("<details>") == 6
    assert "look &lt;here&gt;" in page and "<code>hard</code>" in page
    assert "[`count`](/api/01_alpha#api-count)" in page
    assert "(/at/docs/note.txt)" in page and "(/at/modules/02_beta/README.md#why)" in page
    assert "[no link](nowhere.md)" in page
    assert "<svg" in page and "```dot" not in page


def test_a_task_has_the_mistakes_that_are_known_and_what_a_test_said(tree):
    mutants = [
        {"id": "01-one", "task": "01.1", "file": "a.cpp", "find": "the answer", "replace": "b", "why": "counts <one> less"},
        {"id": "01-two", "task": "01.2", "file": "a.cpp", "find": "a", "replace": "b", "why": "elsewhere"},
    ]
    seen = [{"id": "01-one", "killer": "Unit_01_1.Counts", "message": "2, expected 3", "naive": None}]
    for folder, content in (("mutants", mutants), ("proven", {"digest": "", "mutants": seen})):
        (tree.root / "tests" / folder).mkdir()
        (tree.root / "tests" / folder / "01.json").write_text(json.dumps(content))
    text = mistakes(tree, "01.1")
    assert "counts &lt;one&gt; less" in text and "<code>Unit_01_1.<wbr>Counts</code> 2, expected 3" in text
    assert "elsewhere" not in text and "the answer" not in text, "of this task, and nothing of the solution"
    assert "elsewhere" in mistakes(tree, "01.2") and mistakes(tree, "02.1") == ""


@needs_programs
def test_the_api_shows_declarations_with_their_comments_and_nothing_private(tree):
    page = api_page(tree, tree.modules["01"], read_api(tree))
    assert "What comes first. It promises little." in page
    assert "Says how many. Throws nothing." in page
    assert "int size = 0;  // in bytes" in page
    assert "secret_" not in page
    assert "template <class T>\nT twice(T x);  // adds it to itself" in page
    assert "int half(int x)" in page and page.count("nothing is owed") == 1 and "&lt; nothing" not in page


@needs_programs
def test_every_page_is_made_and_links_to_what_is_there(tree):
    pages = Pages(tree, staff=False)
    pages.make()
    assert {"modules/01_alpha", "api/02_beta", "start", "source/docs/note-txt", "source/modules/01_alpha/a-cpp"} <= pages.texts.keys()
    course = json.loads((tree.root / "site/pages/course.json").read_text())
    assert [(m["number"], m["there"]) for m in course["modules"]] == [("01", True), ("02", True), ("03", False)]
    assert course["modules"][1]["builds"] == "more"
    (tree.root / "site/pages/old.md").write_text("left over")
    Pages(tree, staff=False).make()
    assert not (tree.root / "site/pages/old.md").exists()


@needs_programs
def test_a_link_to_nothing_and_a_module_without_its_line_stop_the_build(tree):
    lesson = tree.root / "modules/02_beta/README.md"
    lesson.write_text(lesson.read_text() + "\n[gone](../gone.txt)\n")
    with pytest.raises(RushError, match="modules/gone.txt"):
        Pages(tree, staff=False).make()
    lesson.write_text("# 02\n")
    (tree.root / "README.md").write_text("| 01 | [alpha](modules/01_alpha/README.md) | counts |\n")
    with pytest.raises(RushError, match="no line for module 02"):
        Pages(tree, staff=False).make()


@needs_programs
def test_a_module_without_its_lesson_is_still_planned(tree):
    (tree.root / "modules/02_beta/README.md").unlink()
    (tree.root / "modules/01_alpha/README.md").write_text("# 01\n")
    (tree.root / "README.md").write_text("| 01 | [alpha](modules/01_alpha/README.md) | counts |\n")
    pages = Pages(tree, staff=False)
    pages.make()
    assert "modules/02_beta" not in pages.texts
    assert [m["number"] for m in pages.course["modules"] if m["there"]] == ["01"]


def test_names_are_linked_once_a_lesson_and_never_in_headings_or_code():
    api = Api([Symbol("count", "function", "01_alpha/a.hpp", 1, 1, "")])
    text = link_symbols("# `count`\n`count` and `count`\n```\n`count`\n```\n[`count`](x)", api, {"01_alpha"})
    assert text == "# `count`\n[`count`](/api/01_alpha#api-count) and `count`\n```\n`count`\n```\n[`count`](x)"
    assert link_symbols("`count`", api, {"02_beta"}) == "`count`"
    inner = Api([Symbol("count", "function", "01_alpha/inner/a.hpp", 1, 1, "")])
    assert link_symbols("`count`", inner, {"01_alpha"}) == "`count`"


def test_a_named_declaration_that_is_gone_is_an_error():
    with pytest.raises(RushError, match="declares no Node"):
        Api().find("Node", "01_tensor/node.hpp")


def test_an_introduction_keeps_indented_lines():
    assert introduction(HEADER).count("```text\ny = x\n```") == 1


@needs_programs
def test_the_map_leads_to_modules_that_are_there():
    modules = [
        {"number": "01", "name": "01_a", "title": "A", "tier": "foundation", "needs": [], "builds": "x", "there": True},
        {"number": "02", "name": "", "title": "B", "tier": "frontier", "needs": ["01"], "builds": "y", "there": False},
    ]
    svg = course_map(modules, [])
    assert svg.count("<a ") == 1 + svg.count('title="y (planned)"') and 'href="modules/01_a.html"' in svg
    assert "stroke-dasharray" in svg


@needs_programs
def test_a_broken_picture_names_its_document():
    with pytest.raises(RushError, match="lesson 7"):
        draw("digraph { a -> }", "lesson 7")


def test_a_milestone_tells_its_story():
    assert story('.story =\n "One\\n"\n "two.",\n .epochs = 1') == "One two."
    with pytest.raises(RushError):
        story("int main() {}")


def test_a_run_that_was_kept_is_told_and_one_that_was_not_is_not(tmp_path):
    assert about_run(tmp_path / "run.json") == ""
    epochs = [{"epoch": 1, "test_accuracy": 0.5}, {"epoch": 2, "test_accuracy": 0.91234}]
    run = {"command": "scripts/rush milestone mlp", "stack": "solution", "machine": "a computer", "seconds": 150.0}
    run |= {"bar": "test_accuracy >= 0.88", "metrics": {"test_accuracy": 0.91234, "test_examples": 100}, "epochs": epochs}
    (tmp_path / "run.json").write_text(json.dumps(run))
    told = about_run(tmp_path / "run.json")
    assert "`scripts/rush milestone mlp` with the reference's modules, on a computer: 2.5 minutes" in told
    assert "| test accuracy | 0.9123 |\n| test examples | 100 |\n" in told
    assert "| epoch | test accuracy |\n| --- | --- |\n| 1 | 0.5 |\n| 2 | 0.9123 |\n" in told and "<details>" not in told
    run |= {"metrics": {".2 > |cos_2|": "yes"}, "epochs": epochs * 7}
    (tmp_path / "run.json").write_text(json.dumps(run))
    told = about_run(tmp_path / "run.json")
    assert "| .2 \\> \\|cos\\_2\\| | yes |\n" in told and "<details><summary>The 14 epochs</summary>" in told
    (tmp_path / "samples.txt").write_text("--- temperature 1\nThe loss\n\n")
    assert about_run(tmp_path / "run.json").endswith("What it wrote:\n\n```text\n--- temperature 1\nThe loss\n```\n\n")


def test_pages_that_did_not_change_are_not_written(tmp_path):
    write_pages(tmp_path, {"a": "x"}, {"public/p.svg": b"y"}, {})
    before = (tmp_path / "a.md").stat().st_mtime_ns
    write_pages(tmp_path, {"a": "x"}, {}, {})
    assert (tmp_path / "a.md").stat().st_mtime_ns == before
    assert not (tmp_path / "public").exists()
