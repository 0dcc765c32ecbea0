"""Several ranks: how they are started, the model of their sums, what is printed, Slurm's script, a machine without MPI."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from rushlight import cli
from rushlight.basics.errors import RushError
from rushlight.commands import bench_ranks
from rushlight.course import systems
from rushlight.course.tree import Tree
from rushlight.ranks import model, start

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "slurm" / "train.sbatch"


def test_the_fit_finds_latency_and_bandwidth():
    true = model.Link(20e-6, 3e9)
    link = model.fit([(size, true.exchange(size)) for size in (4, 1024, 65536, 4 << 20)])
    assert link.latency == pytest.approx(20e-6, rel=1e-6)
    assert link.bandwidth == pytest.approx(3e9, rel=1e-6) and link.adding == 0
    assert model.fit([(4, 2e-5), (4 << 20, 1e-3)], [(4, 8e-9), (100, 2e-8), (1000, 1e-7)]).adding == 2e-10


def test_times_that_are_no_line_are_refused():
    with pytest.raises(ValueError, match="measure again"):
        model.fit([(4, 1.0), (1024, 0.5), (4096, 0.1)])
    with pytest.raises(ValueError, match="two different sizes"):
        model.fit([(4, 1.0), (4, 1.1)])


def test_a_ring_for_many_bytes_and_a_tree_for_few():
    link = model.Link(1e-5, 1e9)
    assert link.ring(1e9, 2) == pytest.approx(2 * (1e-5 + 0.5))
    assert link.ring(1e9, 64) < link.tree(1e9, 64)
    assert link.ring(4, 64) > link.tree(4, 64)
    adds = model.Link(1e-5, 1e9, 1e-10)
    assert adds.ring(1e9, 4) - link.ring(1e9, 4) == pytest.approx(3 * 0.1 / 4)
    assert adds.tree(1e9, 4) - link.tree(1e9, 4) == pytest.approx(2 * 0.1)
    assert link.ring(1e9, 1024) < 2.1  # never more than twice the bytes, and the latencies


def test_errors_and_what_is_hidden():
    assert model.error([1, 2, 4], [1, 1, 2]) == (1.0, 1.0)
    assert model.hidden(0.010, 0.004) == pytest.approx(0.6)
    assert model.hidden(0.010, 0.012) < 0
    assert model.hidden(0, 0) == 0


@pytest.fixture
def started(monkeypatch):
    """What the ranks are started with; they say that they agree, and that one is slow."""
    words = []
    said = [
        '{"event":"progress","step":10,"loss":2.0,"stragglers":[{"rank":1,"times_slower":2.5}]}',
        '{"event":"agreement","step":20,"checksum":255}',
    ]

    def follow(command, on_line):
        words.extend(command)
        for line in said:
            on_line(line)
        return 0, ""

    monkeypatch.setattr(start, "build", lambda tree, stack: Path("/built") / stack)
    monkeypatch.setattr(start, "tool", lambda name: name)
    monkeypatch.setattr(start, "follow", follow)
    return words


def test_a_milestone_runs_on_ranks(started):
    assert cli.run(["run", "--ranks", "3", "milestone", "cnn", "--steps", "7", "--stack", "solution"]) == 0
    assert started[:6] == ["mpirun", "-q", "-n", "3", "/built/solution", "train"]
    assert started[started.index("--network") + 1] == "cnn"
    assert started[started.index("--steps") + 1] == "7"


def test_what_does_not_run_on_ranks_says_so(started, capsys):
    assert cli.run(["run", "--ranks", "2", "milestone", "transformer"]) == 2
    assert "transformer does not train on several processes" in capsys.readouterr().err
    assert cli.run(["run", "--ranks", "2", "mlp"]) == 2
    assert "milestone mlp" in capsys.readouterr().err
    assert started == []


def test_agreement_and_stragglers_are_shown(started, capsys):
    assert cli.run(["ranks", "2", "--agree-every", "20"]) == 0
    assert started[started.index("--agree-every") + 1] == "20"
    shown = capsys.readouterr()
    assert "step    20   model 00000000000000ff on every rank" in shown.out
    assert "rank 1 needs 2.5 times as long" in shown.err + shown.out


def measured(ranks: int) -> dict:
    link = model.Link(1e-5, 1e9, 1e-10)
    way = {"bucket_kib": 256, "overlap": {"step": 0.010, "waiting": 0.001}, "apart": {"step": 0.012, "waiting": 0.004}}
    points = [{"bytes": size, "exchange": link.exchange(size), "add": size * link.adding, "ring": 2 * link.ring(size, ranks)} for size in (4, 4096, 1 << 20)]
    return {"ranks": ranks, "numbers": 1000, "steps": [way], **({"messages": points} if ranks > 1 else {})}


def test_the_report_says_how_far_the_model_is_off():
    report = bench_ranks.report_of([measured(1), measured(2), measured(3)])
    assert [row["hidden"] for row in report["steps"]] == [None, pytest.approx(0.75), pytest.approx(0.75)]
    assert [check["ranks"] for check in report["fit"]] == [2, 3]
    assert all(check["median"] == pytest.approx(0.5) for check in report["fit"])  # the rings took twice as long
    assert [row["ranks"] for row in report["model"]] == [8, 64, 1024]
    assert report["bytes"] == 4000


def test_without_mpi_the_module_is_absent_and_says_so(monkeypatch):
    monkeypatch.setattr(systems.shutil, "which", lambda name: None)
    tree = Tree(ROOT)
    assert "21" not in tree.modules and "20" in tree.modules
    assert "21" in tree.all_modules
    with pytest.raises(RushError, match="module 21 needs Open MPI"):
        tree.module("21")
    with pytest.raises(RushError, match="module 21 needs Open MPI"):
        tree.module("distributed")


def test_what_spans_modules_stands_on_none_that_may_be_absent():
    tree = Tree(ROOT)
    assert not tree.modules[tree.last].system


@pytest.fixture
def cluster(tmp_path):
    """A folder with a built program and a srun that writes down how it was called."""
    program = tmp_path / "build" / "student" / "ranks_solution"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    srun = tmp_path / "bin" / "srun"
    srun.parent.mkdir()
    srun.write_text('#!/bin/sh\nprintf "%s\\n" "$OPENBLAS_NUM_THREADS" "$@" > called\n')
    for path in (program, srun):
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def submit(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "SLURM_SUBMIT_DIR": str(folder), "RUSHLIGHT_STACK": "solution"}
    return subprocess.run(["bash", str(SCRIPT), *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_slurm_starts_the_program_and_goes_on(cluster):
    assert submit(cluster, "--steps", "7").returncode == 0
    words = (cluster / "called").read_text().split("\n")
    run = str(cluster / "runs" / "ranks.safetensors")
    assert words[:-1] == ["1", "--mpi=pmix", "--kill-on-bad-exit=1", str(cluster / "build/student/ranks_solution"), "train", "--file", run, "--steps", "7"]
    Path(run).touch()
    assert submit(cluster).returncode == 0
    assert (cluster / "called").read_text().split("\n")[-3:-1] == [run, "--resume"]


def test_slurm_says_what_is_missing(cluster):
    (cluster / "build/student/ranks_solution").unlink()
    done = submit(cluster)
    assert done.returncode == 1 and "Build it first" in done.stderr
    assert not (cluster / "called").exists()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say():
    done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
