"""`rush bench primitives`: what the program prints becomes rows; the command checks its options first."""

import json
import sys

import pytest

from rushlight.benchmarks import array_primitives
from rushlight.basics.errors import RushError

ROW = {"op": "add", "size": "(8,)", "textbook_ns": 150.0, "loop_ns": 30.0, "ours_ns": 33.333333}
REPORT = {"core": "Haswell", "primitives": [ROW | {"ratio": 1.1111111, "textbook_ratio": 4.5}]}


@pytest.fixture
def program(tmp_path):
    def make(text):
        path = tmp_path / "program"
        path.write_text(f"#!{sys.executable}\nimport os, sys\n{text}\n")
        path.chmod(0o755)
        return path

    return make


def test_rows(program):
    core, (row,) = array_primitives.measure(program(f"print({json.dumps(REPORT)!r})"), 3, "plain", "", {})
    assert (core, row.op, row.ours_ns) == ("Haswell", "add", 33.333333)
    assert row.as_json() == ROW | {"ours_ns": 33.33, "ratio": 1.111, "textbook_ratio": 4.5}


def test_the_program_gets_the_choices_and_one_thread(program):
    names = 'os.environ["OPENBLAS_CORETYPE"], os.environ["OPENBLAS_NUM_THREADS"]'
    path = program(f"sys.exit(' '.join([*sys.argv[1:], {names}]))")
    with pytest.raises(RushError, match="3 plain add,sum Zen 1"):
        array_primitives.measure(path, 3, "plain", "add,sum", {"OPENBLAS_CORETYPE": "Zen"})


def test_unknown_backends(course):
    assert "accelerated or plain" in course.rush("bench", "primitives", "--backend", "fast").err
