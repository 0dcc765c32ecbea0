"""`rush bench onnx`: two programs that must agree, layer by layer and in the end, and turns that become a row."""

import json
import sys
from pathlib import Path

import pytest

from rushlight.basics.errors import RushError
from rushlight.benchmarks import against_onnx
from rushlight.benchmarks.against_onnx import AGAIN, CALL, ONNX, OURS, Race, measure, row_of
from rushlight.benchmarks.program import farthest

# A layer takes us 2 ms and ONNX Runtime 4, and each run of ONNX Runtime half a millisecond besides.
SERVER = """#!{python}
import array, json, os, pathlib, sys
if sys.argv[1] == "write":
    pathlib.Path(sys.argv[3]).write_text(sys.argv[2])
    sys.exit()
theirs = sys.argv[1].endswith(".onnx")
model = pathlib.Path(sys.argv[1]).read_text() if theirs else sys.argv[1]
if theirs:
    assert os.environ["ONNX_LIBRARY"] == "/library.so"
kind, layers = model.split("-")[0], int(model.split("x")[1])
off = {one} if layers == 1 else {chain}
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "gradients":
        output = array.array("f", [2.0, -4.0, 1 + off if theirs else 1])
        open(request["file"], "wb").write(output.tobytes())
        answer = {{"tensors": [["output", 3]]}}
    elif request["do"] == "time":
        answer = {{"ms": [4 * layers + 0.5 if theirs else 2 * layers] * request["count"]}}
    else:
        answer = {{"losses": [0], "ops": []}}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def race(tmp_path):
    def make(one=0.0, chain=0.0):
        path = tmp_path / "program"
        path.write_text(SERVER.format(python=sys.executable, one=one, chain=chain))
        path.chmod(0o755)
        return Race(path, path, Path("/library.so"), {}, 3, 8, lambda text: None)

    return make


def test_ratios_compare_what_ran_in_the_same_round():
    times = {OURS: [8.0, 16.0, 32.0], AGAIN: [8.8, 16.0, 35.2], ONNX: [16.0, 8.0, 32.0], CALL: [1.0, 2.0, 1.0]}
    row = row_of(256, "s8", 8, times, 1e-7)
    assert (row.ours_ms, row.onnx_ms) == (2, 2)  # of a layer
    assert (row.low, row.ratio, row.high) == (0.75, 1.0, 1.5)  # of 0.5, 2 and 1: milliseconds, ours over theirs
    assert row.again == pytest.approx(1.1)
    assert row.call == 1 / 16
    json.dumps(row.as_json(), allow_nan=False)


def test_both_run_as_many_layers_and_the_call_is_that_of_none(race, tmp_path):
    rows = measure(race(one=2e-3, chain=0.4), [1, 256], ["s8"], tmp_path)
    assert [(row.rows, row.weights, row.ours_ms, row.onnx_ms) for row in rows] == [
        (1, "s8", 2, 32.5 / 8),
        (256, "s8", 2, 32.5 / 8),
    ]
    assert rows[0].ratio == 16 / 32.5 and rows[0].again == 1 and rows[0].call == 0.5 / 32.5
    assert rows[0].difference == pytest.approx(2e-3 / 4, rel=1e-3)  # of the largest


def test_layers_of_float_are_a_quarter_as_many(race, tmp_path):
    (row,) = measure(race(), [1], ["float"], tmp_path)
    assert row.onnx_ms == 8.5 / 2  # of two: eight int8 layers are as many bytes


@pytest.mark.parametrize("off", [{"one": 0.01}, {"one": "float('nan')"}, {"chain": 1.0}])
def test_who_computes_something_else_is_not_timed(race, tmp_path, off):
    with pytest.raises(RushError, match=f"the output of {'8 layers' if 'chain' in off else 'one layer'} in ONNX Runtime"):
        measure(race(**off), [1], ["u8"], tmp_path)


def test_the_packages_are_pinned_by_version_and_digest_and_name_no_host():
    folder = Path(__file__).parents[2] / "tests" / "onnx"
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"]
    lock = (folder / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    held = packages[f"node_modules/{against_onnx.LIBRARY.parts[0]}"]
    assert wanted == {against_onnx.LIBRARY.parts[0]: held["version"]} and held["version"] in against_onnx.LIBRARY.name
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)
    assert "://" not in lock


@pytest.mark.parametrize("theirs", [[1.0], [1.0, -2.0, 3.0], [1.0, float("inf")]])
def test_outputs_that_cannot_be_compared_are_infinitely_far(theirs):
    assert farthest([1.0, -2.0], theirs) == float("inf")
    assert farthest([1.0, -2.0], [1.0, -1.5]) == 0.25
