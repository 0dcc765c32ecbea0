"""`rush play`: whose modules run in the page, and what the server puts in the place of what was built."""

import json
import threading
import urllib.request

import pytest

from rushlight.basics.errors import RushError
from rushlight.course.tree import Tree
from rushlight.site import own_code, wasm
from rushlight.site.own_code import OwnCode, choose
from rushlight.site.play_server import server


@pytest.fixture
def tree(tmp_path):
    def module(number, name, text):
        folder = tmp_path / "modules" / f"{number}_{name}"
        folder.mkdir(parents=True)
        task = {"id": f"{number}.1", "title": "a task", "points": 1, "hints": ["a", "b", "c"], "file": "a.cpp"}
        manifest = {"title": name.title(), "tier": "foundation", "needs": [], "hours": 1, "files": ["a.cpp"], "tasks": [task]}
        (folder / "module.json").write_text(json.dumps(manifest))
        (folder / "a.cpp").write_text(text)

    module("01", "alpha", "int a = 1;\n")
    module("02", "beta", 'int b() { todo("02.1"); }\n')
    (tmp_path / "site" / "wasm").mkdir(parents=True)
    (tmp_path / "site" / "wasm" / "modules.json").write_text('{"01": "all", "02": ["a.cpp"]}')
    (tmp_path / "site" / "wasm" / "answer.cpp").write_text("")
    (tmp_path / "site" / "wasm" / "native.cpp").write_text("")
    return Tree(tmp_path)


def names(tree, paths):
    return [str(path.relative_to(tree.root)) for path in paths]


def test_a_module_with_a_blank_is_borrowed_where_the_reference_is(tree):
    (tree.root / "solutions").mkdir()
    choice = choose(tree)
    assert choice.own == {"01"} and choice.blanks == {"02": ["02.1"]}
    found = names(tree, wasm.sources(tree, choice.own))
    assert found == ["modules/01_alpha/a.cpp", "solutions/02_beta/a.cpp", "site/wasm/answer.cpp"]


def test_without_a_reference_every_module_is_the_students(tree):
    assert choose(tree).own == {"01", "02"}
    code = OwnCode(tree)
    code.choice = choose(tree)
    assert code.said() == "Your code: 01, 02. Yours with blanks: 02 (02.1)."
    code.choice = own_code.Choice(frozenset({"02"}), {"01": ["01.1", "01.2", "01.3"], "03": ["03.1"]})
    assert code.said() == "Your code: 02. Borrowed, not written yet: 01 (3 tasks), 03 (03.1)."


def test_a_release_carries_what_is_borrowed(tree):
    lent = tree.root / "reference" / "Linux-x86_64" / "wasm32"
    lent.mkdir(parents=True)
    for number in ("01", "02"):
        (lent / f"{number}.o").write_bytes(b"")
    choice = choose(tree)
    assert choice.own == {"01"} and names(tree, wasm.sources(tree, choice.own)) == ["modules/01_alpha/a.cpp", "site/wasm/answer.cpp"]


def test_code_that_does_not_compile_leaves_the_last_that_did(tree, monkeypatch):
    def fails(*_):
        raise RushError("modules/01_alpha/a.cpp:1: no such name")

    code = OwnCode(tree, b"before")
    monkeypatch.setattr(own_code.wasm, "build", fails)
    code.compile()
    assert code.module == b"before" and "no such name" in json.loads(code.json())["trouble"]
    assert code.files == [tree.root / "modules/01_alpha/a.cpp", tree.root / "modules/02_beta/a.cpp"]


def test_the_server_gives_the_students_module_and_tells_pages_so(tree, tmp_path):
    site, script = tmp_path / "built", tmp_path / "play.js"
    (site / "modules").mkdir(parents=True)
    (site / "modules" / "x.html").write_text("<head></head><body>lesson</body>")
    (site / "index.html").write_text("<head></head>home")
    (site / "rushlight.wasm").write_bytes(b"reference")
    (site / "a.js").write_text("1")
    script.write_text("look()")
    serving = server(OwnCode(tree, b"own"), site, script, 0)
    threading.Thread(target=serving.serve_forever, daemon=True).start()

    def get(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{serving.server_port}{path}") as answer:
            return answer.read().decode()

    try:
        assert get("/rushlight.wasm") == "own"
        assert '<script src="/play.js"' in get("/modules/x.html") and get("/").endswith("home")
        assert '<script src="/play.js"' in get("/?net.lr=1")
        assert get("/play.js") == "look()" and get("/a.js") == "1"
        assert json.loads(get("/play.json"))["trouble"] == ""
        with pytest.raises(urllib.error.HTTPError):
            get("/../modules/01_alpha/a.cpp")
    finally:
        serving.shutdown()
