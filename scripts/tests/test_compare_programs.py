"""Running the programs that write traces, and the command around them."""

import json
import struct
import sys
from pathlib import Path

import pytest

from rushlight.basics.errors import RushError
from rushlight.compare import programs
from rushlight.compare.model import TracedModel
from rushlight.compare.benchmarks import benchmark_backward_hooks
from rushlight.compare.programs import Side, check_sides, record
from rushlight.compare.result import BenchmarkSeverity
from rushlight.compare.trace import Station, Trace

PROGRAM = """#!{python}
import json, os, signal, struct, sys
arguments = sys.argv[1:]
skipped = [arguments[at + 1] for at, word in enumerate(arguments) if word == "--skip"]
stations = []
for name in ("01.2 add", "01.3 sum", "02.5 softmax", "mlp"):
    if name in skipped:
        continue
    print(name, flush=True)
    if name in {dying}:
        print("what it said last", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    if name in {hanging}:
        import time
        time.sleep(60)
    print("  fc1", flush=True)
    if name == "mlp" and {late}:
        os.kill(os.getpid(), signal.SIGSEGV)
    stations.append(dict(name=name, section="01 tensor", kind="value", task=name.split()[0], state="missing"))
notes = json.dumps(dict(network="mlp", real="float", stations=stations))
header = json.dumps({{"__metadata__": {{"trace": notes}}}}).encode()
open(arguments[arguments.index("--out") + 1], "wb").write(struct.pack("<Q", len(header)) + header)
"""


def program(folder: Path, dying: tuple = (), hanging: tuple = (), late: bool = False) -> Path:
    path = folder / "compare_mlp_own"
    path.write_text(PROGRAM.format(python=sys.executable, dying=repr(dying), hanging=repr(hanging), late=late))
    path.chmod(0o755)
    return path


def test_all_is_well(tmp_path):
    assert list(record(program(tmp_path), "mlp").stations) == ["01.2 add", "01.3 sum", "02.5 softmax", "mlp"]


def test_a_part_that_ends_the_process_costs_only_itself(tmp_path):
    trace = record(program(tmp_path, ("01.2 add", "01.3 sum")), "mlp")
    assert {name: each.state for name, each in trace.stations.items()} == {
        "01.2 add": "crash",
        "01.3 sum": "crash",
        "02.5 softmax": "missing",
        "mlp": "missing",
    }
    assert trace.stations["01.3 sum"].detail == "signal 11: what it said last"
    assert trace.stations["01.3 sum"].tasks == ("01.3",)


def test_a_network_that_ends_the_process_says_how_far_it_came(tmp_path):
    path = program(tmp_path, late=True)
    trace = record(path, "mlp")
    assert trace.error.state == "crash" and trace.error.text == "fc1" and trace.error.detail == "signal 11, after fc1"


def test_a_part_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "SECONDS", 1)
    trace = record(program(tmp_path, hanging=("01.3 sum",)), "mlp")
    assert trace.stations["01.3 sum"].state == "crash" and "no end within 1 s" in trace.stations["01.3 sum"].detail


def test_a_program_that_dies_at_once_is_an_error(tmp_path):
    path = tmp_path / "compare_mlp_own"
    path.write_text("#!/bin/sh\nexit 3\n")
    path.chmod(0o755)
    with pytest.raises(RushError, match="status 3 before it had begun"):
        record(path, "mlp")


def test_targets_have_the_names_of_the_build():
    assert Side("own").target("gpt") == "compare_gpt_own"
    assert Side("solution", kernels=True).target("mlp") == "compare_mlp_solution_kernels"


def test_a_run_that_throws_is_an_error_result():
    failed = Station("gpt", section="gpt", state="threw", detail="no token 99", error_type="rushlight::IndexError")
    result = benchmark_backward_hooks(TracedModel(lambda _: Trace("gpt", stations={"gpt": failed})))
    assert result.severity is BenchmarkSeverity.ERROR
    assert result.details["error_type"] == "rushlight::IndexError" and result.details["error_message"] == "no token 99"


def test_a_run_that_leaves_hooks_behind_is_an_error_result():
    model = TracedModel(lambda _: Trace("gpt", notes={"hooks_left": 2, "gradients_left": 0}))
    assert "left behind" in benchmark_backward_hooks(model).message


class NoReference:
    """A copy of the course that has neither solutions nor archives."""
    root = Path(__file__).resolve().parents[2]

    has_solutions = False
    kernels = "18"

    def check_stack(self, stack, allowed, last):
        if stack != "own":
            raise RushError('the "solution" stack needs the reference, which this copy of the course does not have.')


def test_without_a_reference_there_is_one_clear_error():
    check_sides(NoReference(), "mlp", [Side("own")])
    with pytest.raises(RushError, match="needs the reference, which this copy") as refused:
        check_sides(NoReference(), "mlp", [Side("own"), Side("solution")])
    assert "compare mlp --kernels" in refused.value.next_step
    with pytest.raises(RushError, match="double precision"):
        check_sides(NoReference(), "mlp", [Side("own", preset="strict")])


def test_the_command_says_what_it_knows(course):
    course.write("tests/compare/networks.json", '{"mlp": "01", "gpt": "01"}')
    assert course.rush("compare", "gtp").code == 2
    answer = course.rush("compare", "gtp")
    assert 'no network "gtp"' in answer.err and "gpt" in answer.err
    assert "has none" in course.rush("compare", "mlp", "--benchmarks").err
    assert 'no policy "lax"' in course.rush("compare", "mlp", "--policy", "lax").err
    assert "compare" in course.rush("--help").out
