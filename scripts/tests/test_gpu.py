"""`rush gpu`: each thing that may be missing has its own sentence, and the pack alone is where libraries are looked for."""

import json
import subprocess
from pathlib import Path

import pytest

from rushlight.basics.errors import RushError
from rushlight.cli import FILES
from rushlight.gpu import __main__ as gpu
from rushlight.gpu import native, pack, report


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """One that has everything; a test takes away what it is about."""
    (tmp_path / pack.FOLDER).mkdir()
    monkeypatch.setattr(native, "has_gpu", lambda: True)
    monkeypatch.setattr(native, "nvcc", lambda: "/somewhere/nvcc")
    return tmp_path


def refusal(machine, capsys):
    assert gpu.main([], machine) == 1
    return capsys.readouterr().err


def test_what_is_missing_is_named(machine, monkeypatch, capsys):
    (machine / pack.FOLDER).rmdir()
    assert "there is no gpu-pack" in refusal(machine, capsys)
    monkeypatch.setattr(native, "nvcc", lambda: None)
    assert "there is no nvcc" in refusal(machine, capsys)
    monkeypatch.setattr(native, "has_gpu", lambda: False)
    assert "there is no GPU" in refusal(machine, capsys)


def test_compile_asks_for_no_gpu(machine, monkeypatch):
    monkeypatch.setattr(native, "has_gpu", lambda: False)
    native.check(machine, needs_gpu=False)
    with pytest.raises(RushError, match="no GPU"):
        native.check(machine, needs_gpu=True)


@pytest.mark.parametrize(("status", "expected"), [(0, 0), (native.SKIPPED, 0), (1, 1)])
def test_a_skip_is_no_failure_of_compile(machine, monkeypatch, status, expected):
    monkeypatch.setattr(native, "build", lambda root, target: None)
    monkeypatch.setattr(native, "run_tests", lambda root, wrapper=(): (status, ""))
    assert gpu.main(["--compile"], machine) == expected


def test_on_a_gpu_a_skip_is_a_failure(machine, monkeypatch):
    monkeypatch.setattr(native, "build", lambda root, target: None)
    monkeypatch.setattr(gpu.shutil, "which", lambda name: f"/bin/{name}")
    statuses = {(): 0, "memcheck": 0, "racecheck": native.SKIPPED}
    said = 'device: X\n{"card": "X", "copy_gb_per_s": 900.0, "kernels": []}\n0 wrong\n'
    monkeypatch.setattr(
        native, "run_tests", lambda root, wrapper=(), options=(): (statuses[wrapper[2] if wrapper else ()], said)
    )
    assert gpu.main([], machine) == 1
    written = json.loads((machine / "gpu-report.json").read_text())
    assert written["checks"] == {"native": 0, "memcheck": 0, "racecheck": native.SKIPPED}
    assert written["times"] == {"card": "X", "copy_gb_per_s": 900.0, "kernels": []}
    assert (machine / "gpu-report.md").read_text() == report.table(**written)


def test_the_table_has_the_share_of_what_is_possible():
    kernel = {"kernel": "softmax", "shape": "(8, 4)", "roof": "bytes", "ms": 2.0, "floor_ms": 1.5}
    text = report.table({"native": 0}, {"card": "X", "copy_gb_per_s": 900.0, "kernels": [kernel]})
    assert "| softmax | (8, 4) | 2.000 | 1.500 | 75% | bytes |" in text


def test_without_times_there_is_no_second_table():
    assert report.times_in("SKIP: no GPU\n") is None
    assert "GB/s" not in report.table({"native": 0})


def test_the_command_line_lists_it():
    assert "gpu" in FILES["machine"]


def test_only_the_pack_is_searched(machine):
    command = native.configure_command(machine)
    assert f"-DCMAKE_PREFIX_PATH={machine / pack.FOLDER}" in command
    assert "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF" in command
    assert "-DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF" in command


def installed(usr: Path, monkeypatch) -> None:
    """A /usr with one header, linked libraries and what the pack leaves out."""
    library = usr / pack.ARCHITECTURE
    (usr / "include").mkdir(parents=True)
    (usr / "share" / "doc").mkdir(parents=True)
    library.mkdir(parents=True)
    (usr / "include" / "header.hpp").write_text("text")
    (usr / "share" / "doc" / "readme").write_text("text")
    for name in pack.LIBRARIES:
        (library / f"{name}.real").write_text(name)
        (library / name).symlink_to(library / f"{name}.real")
    listed = "\n".join(str(path) for path in (usr / "include" / "header.hpp", usr / "share" / "doc" / "readme"))
    monkeypatch.setattr(pack, "tool", lambda name: name)
    monkeypatch.setattr(
        pack.subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, 0, listed, "")
    )


def test_the_pack_mirrors_usr(tmp_path, monkeypatch):
    usr, root = tmp_path / "usr", tmp_path / "course"
    root.mkdir()
    installed(usr, monkeypatch)
    size = pack.pack(root, usr)
    folder = root / pack.FOLDER
    assert (folder / "include" / "header.hpp").read_text() == "text"
    assert not (folder / "share" / "doc").exists()
    assert (folder / pack.ARCHITECTURE / "libopenblas.so").read_text() == "libopenblas.so.0"
    assert not (folder / pack.ARCHITECTURE / "libopenblas.so.0").is_symlink(), "it goes to another machine"
    assert size == 4 + sum(map(len, pack.LIBRARIES))


def test_a_pack_that_is_too_large_leaves_the_old_one(tmp_path, monkeypatch):
    usr, root = tmp_path / "usr", tmp_path / "course"
    (root / pack.FOLDER).mkdir(parents=True)
    installed(usr, monkeypatch)
    monkeypatch.setattr(pack, "LIMIT", 3)
    with pytest.raises(RushError, match="more than"):
        pack.pack(root, usr)
    assert [path.name for path in root.iterdir()] == [pack.FOLDER]
