"""variants.py on a real course of one module: correct code that differs must pass."""

import json

import pytest
from conftest import COURSE, script

FILE = "solutions/01_mini/mini.cpp"
SAME = "return x + x;", "return 2 * x;"


def variant(name, find, replace, task="01.1"):
    return dict(id=name, file="mini.cpp", find=find, replace=replace, why="as good", task=task)


def edits(name, *pairs):
    several = [dict(file="mini.cpp", find=find, replace=replace) for find, replace in pairs]
    return dict(id=name, edits=several, why="as good", task="01.1")


@pytest.fixture
def tried(built_course):
    """Runs variants.py on these entries."""
    path = built_course / "tests" / "variants" / "01.json"
    path.parent.mkdir(exist_ok=True)

    def run(*entries, options=("01",)):
        path.write_text(json.dumps(entries))
        return script("variants.py", "--build", built_course / "build", *options, root=built_course)

    yield run
    path.unlink(missing_ok=True)


def test_what_is_correct_passes(built_course, tried):
    done = tried(variant("01-product", *SAME), edits("01-both", SAME, ("return twice(x) + x;", "return 3 * x;")))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" passed  ") == 2 and "01-product" in done.stdout and "2 of 2 variants passed" in done.stdout
    assert (built_course / FILE).read_text() == COURSE[FILE]
    assert list((built_course / "build/overlay").iterdir()) == []


def test_what_a_test_does_not_accept_is_refused(tried):
    done = tried(variant("01-product", *SAME), variant("01-adds-one", "return x + x;", "return x + 1;"))
    assert done.returncode == 1
    assert "REFUSED by Unit_01_1.Doubles: " in done.stdout and "twice" in done.stdout
    assert "1 of 2 variants passed, 1 refused, 0 could not be tried" in done.stdout


def test_every_edit_counts(tried):
    """Each alone is right; the second makes the first wrong."""
    done = tried(edits("01-two", ("return x + x;", "return x + 1;"), ("return twice(x) + x;", "return 3 * x;")))
    assert done.returncode == 1 and "REFUSED by Unit_01_1.Doubles" in done.stdout
    assert "REFUSED by Unit_01_2.Triples" not in done.stdout


def test_an_edit_does_not_see_what_another_put_in(tried):
    swapped = edits("01-swap", ("// Hint: add.", "// Hint: use twice."), ("// Hint: use twice.", "// Hint: add."))
    assert tried(swapped).returncode == 0


def test_what_does_not_compile_proves_nothing(tried):
    done = tried(variant("01-broken", "return x + x;", "return y;"))
    assert done.returncode == 1 and "0 refused, 1 could not be tried" in done.stdout
    assert "variant 01-broken does not compile" in done.stderr and "'y' was not declared" in done.stderr


@pytest.mark.parametrize(
    "entry, message",
    [
        (variant("01-a", "return", "throw"), "`find` occurs 4 times"),
        (variant("01-a", *SAME, "01.9"), "there is no task 01.9"),
        (variant("01-a", "return 0;", "return 0;"), "changes nothing"),
        ({"id": "01-a"}, "lacks task, why, file, find, replace"),
        (edits("01-a"), "lacks file, find, replace"),
        ({**edits("01-a", SAME), "why": 3}, "lacks why"),
        (edits("01-a", ("return x + x;", "a"), ("x + x", "b")), "two edits of mini.cpp overlap"),
        ({**variant("01-a", *SAME), "file": "maxi.cpp"}, "maxi.cpp is not a source file of 01_mini"),
    ],
)
def test_bad_variants_are_refused(tried, entry, message):
    done = tried(entry)
    assert done.returncode == 2 and message in done.stderr


def test_an_id_stands_once(tried):
    done = tried(variant("01-a", *SAME), variant("01-a", "return 0;", "return x;"))
    assert done.returncode == 2 and "the id 01-a stands there twice" in done.stderr


def test_a_sample(tried):
    entries = [variant(f"01-{index}", *SAME) for index in range(5)]
    done = tried(*entries, options=("--sample", 3, "--seed", 7))
    assert done.returncode == 0 and "2 of 2 variants passed" in done.stdout
    assert tried(*entries, options=("--sample", 0)).returncode == 2


def test_no_variants_is_no_pass(tried):
    done = tried()
    assert done.returncode == 1 and "no variants" in done.stderr
