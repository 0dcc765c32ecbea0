"""`rush bench llama`: two programs that must agree, and turns that become a row."""

import json
import sys
from pathlib import Path

import pytest

from rushlight.basics.errors import RushError
from rushlight.benchmarks import against_llama
from rushlight.benchmarks.against_llama import AGAIN, LLAMA, OURS, Race, measure, row_of

SERVER = """#!{python}
import array, json, os, pathlib, sys
if sys.argv[1] == "write":
    if sys.argv[2].endswith("-7x1"):
        sys.exit("7 is not a multiple of 8")
    pathlib.Path(sys.argv[3]).write_text(sys.argv[2])
    sys.exit()
theirs = sys.argv[1].endswith(".gguf")
if theirs:
    assert pathlib.Path(sys.argv[1]).read_text() == "q8_0-256x6" and os.environ["LLAMA_FOLDER"] == "/libraries"
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "gradients":
        logits = array.array("f", [2.0, -4.0, {off} if theirs else 0.5])
        open(request["file"], "wb").write(logits.tobytes())
        answer = {{"tensors": [["logits", 3]]}}
    elif request["do"] == "time":
        answer = {{"ms": [4 if theirs else 2] * request["count"]}}
    else:
        answer = {{"losses": [0], "ops": []}}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def race(tmp_path):
    def make(off=0.52):
        path = tmp_path / "program"
        path.write_text(SERVER.format(python=sys.executable, off=off))
        path.chmod(0o755)
        return Race(path, path, Path("/libraries"), {}, 1, 3, lambda text: None)

    return make


def test_ratios_compare_what_ran_in_the_same_round():
    times = {OURS: [1.0, 2.0, 4.0], AGAIN: [1.1, 2.0, 4.4], LLAMA: [2.0, 1.0, 4.0]}
    row = row_of("256x6", "f32", times, 1e-4)
    assert (row.ours, row.llama) == (500, 500)
    assert (row.low, row.ratio, row.high) == (0.75, 1.0, 1.5)  # of 2, 0.5 and 1: tokens a second, ours over theirs
    assert row.again == pytest.approx(1.1)
    json.dumps(row.as_json(), allow_nan=False)


def test_twice_as_fast_is_a_ratio_of_two(race, tmp_path):
    (row,) = measure(race(), ["256x6"], ["q8_0"], tmp_path)
    assert (row.size, row.type, row.ours, row.llama, row.ratio, row.again) == ("256x6", "q8_0", 500, 250, 2, 1)
    assert row.logits == pytest.approx(0.02 / 4)  # of the largest
    assert not list(tmp_path.glob("*.gguf"))  # hundreds of megabytes each


@pytest.mark.parametrize("off", [0.7, "float('nan')"])
def test_who_computes_something_else_is_not_timed(race, tmp_path, off):
    with pytest.raises(RushError, match="logits of llama.cpp differ"):
        measure(race(off), ["256x6"], ["q8_0"], tmp_path)


def test_a_size_that_cannot_be_says_why(race, tmp_path):
    with pytest.raises(RushError, match="7 is not a multiple of 8"):
        measure(race(), ["7x1"], ["q8_0"], tmp_path)


def test_the_package_is_pinned_by_version_and_digest_and_names_no_host():
    folder = Path(__file__).parents[2] / "tests" / "llama"
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"][against_llama.PACKAGE]
    lock = (folder / "package-lock.json").read_text()
    held = json.loads(lock)["packages"][f"node_modules/{against_llama.PACKAGE}"]
    assert held["version"] == wanted and held["integrity"].startswith("sha512-")
    assert "://" not in lock
