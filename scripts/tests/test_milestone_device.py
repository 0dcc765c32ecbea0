"""`rush milestone … --device`: what it refuses before anything is built, what it runs, and what it keeps."""

import json

import pytest
from milestone_program import run_folder

from rushlight.commands import on_device
from rushlight.compare import devices
from rushlight.compare.devices import Curves
from rushlight.gpu import native


@pytest.fixture
def milestones(course):
    """One that has a form for a device, which needs module 02, and one that has none."""
    here = {"name": "here", "year": 2017, "needs": "01", "tasks": ["01"], "device": ["02"]}
    course.write("milestones/2017_here/milestone.json", json.dumps(here))
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "needs": "02"}))
    course.solve("01_alpha")
    return course


@pytest.fixture
def learns(milestones, monkeypatch):
    """The program says two curves; what it was started with is in the list."""
    started = []

    def make(there: list[float]) -> list:
        def record(program, options=()):
            started.append((program, list(options)))
            return Curves("emulated", [2.0, 1.0], there, 2)

        monkeypatch.setattr(devices, "record", record)
        return started

    monkeypatch.setattr(devices, "build", lambda tree, stack, borrowed: f"devices-{stack}")
    return make


def test_the_curves_stand_side_by_side_and_are_kept(milestones, learns):
    milestones.solve("02_beta")
    started = learns([2.0, 1.0005])
    answer = milestones.rush("milestone", "here", "--device", "emulated", "--seed", "7")
    assert answer.code == 0 and "the losses agree" in answer.out and "1.000500" in answer.out
    assert started == [("devices-own", ["--seed", "7"])]
    kept = json.loads((run_folder(milestones) / "devices.json").read_text())
    assert kept["agrees"] is True and kept["cpu"] == [2.0, 1.0]


def test_curves_that_part_miss_the_bar(milestones, learns):
    learns([2.0, 1.1])
    answer = milestones.rush("milestone", "here", "--device", "emulated", "--stack", "solution", "--json")
    assert answer.code == 1 and answer.json["agrees"] is False


def test_the_blanks_of_the_module_behind_the_device_are_named(milestones, learns):
    started = learns([2.0, 1.0])
    answer = milestones.rush("milestone", "here", "--device", "emulated")
    assert answer.code == 1 and "02" in answer.err and "--device emulated --reference 02" in answer.err
    assert not started and not (milestones.root / "runs").exists()
    assert milestones.rush("milestone", "here", "--device", "emulated", "--reference", "02").code == 0


def test_without_a_gpu_cuda_stops_with_one_sentence(milestones, learns, monkeypatch):
    monkeypatch.setattr(native, "has_gpu", lambda: False)
    started = learns([2.0, 1.0])
    answer = milestones.rush("milestone", "here", "--device", "cuda", "--stack", "solution")
    assert answer.code == 1 and "there is no GPU on this machine." in answer.err
    assert "--device emulated" in answer.err and not started


def test_on_a_gpu_the_native_program_trains_the_real_size(milestones, learns, monkeypatch):
    built = []
    monkeypatch.setattr(native, "check", lambda root, needs_gpu, instead: None)
    monkeypatch.setattr(native, "build", lambda root, target: built.append(target))
    started = learns([2.0, 1.0])
    assert milestones.rush("milestone", "here", "--device", "cuda", "--stack", "solution").code == 0
    assert built == ["compare_devices_solution_native"]
    ((program, options),) = started
    assert program.name == built[0] and options == list(on_device.REAL)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("xor", "--device", "emulated"), "xor has no form for a device"),
        (("here", "--device", "tpu"), 'there is no device "tpu"'),
        (("here", "--device", "emulated", "--control", "--epochs", "3"), "--control, --epochs"),
        (("here", "--device", "emulated", "--resume"), "--resume"),
    ],
)
def test_what_makes_no_sense_is_refused(milestones, learns, options, said):
    started = learns([2.0, 1.0])
    answer = milestones.rush("milestone", *options)
    assert answer.code != 0 and said in answer.err and not started


def test_the_list_says_what_a_device_needs(milestones):
    shown = " ".join(milestones.rush("milestone").out.split() + milestones.rush("milestone").err.split())
    assert "here --device emulated (or cuda)" in shown and "needs also 02; of these still to write: 02" in shown


def test_options_reach_the_program(tmp_path):
    path = tmp_path / "program"
    said = {"device": "emulated", "cpu": [1.0], "losses": [1.0], "transfers": 2}
    path.write_text(f"#!/bin/sh\n[ \"$2\" = 3 ] && echo '{json.dumps(said)}'\n")
    path.chmod(0o755)
    assert devices.record(path, ("--steps", "3")).agree
