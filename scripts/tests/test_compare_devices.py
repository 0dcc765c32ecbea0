"""`rush compare gpt --devices`: what the program says, and when two loss curves agree."""

import json
import sys
from pathlib import Path

import pytest

from rushlight.basics.errors import RushError
from rushlight.compare import devices
from rushlight.compare.devices import Curves


def program(folder: Path, text: str) -> Path:
    path = folder / "compare_devices_own"
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o755)
    return path


def curves(cpu: list[float], there: list[float]) -> Curves:
    return Curves("emulated", cpu, there, 2)


def test_what_the_program_said(tmp_path):
    said = {"device": "emulated", "cpu": [2.0, 1.0], "losses": [2.0, None], "transfers": 2}
    found = devices.record(program(tmp_path, f"print('''{json.dumps(said)}''')"))
    assert (found.device, found.cpu, found.transfers) == ("emulated", [2.0, 1.0], 2)
    assert not found.agree, "NaN, which JSON writes as null, agrees with nothing"


def test_within_the_tolerance_they_agree():
    assert curves([2.0, 1.0], [2.0, 1.0005]).agree
    assert not curves([2.0, 1.0], [2.0, 1.002]).agree
    assert not curves([2.0, 1.0], [2.0]).agree
    assert not curves([], []).agree


def test_a_program_that_fails_is_quoted(tmp_path):
    with pytest.raises(RushError, match="TODO 22.3"):
        devices.record(program(tmp_path, "import sys; sys.exit('TODO 22.3')"))


def test_the_table_has_both_curves(capsys):
    devices.show(curves([2.0, 1.0], [2.0, 1.002]))
    shown = capsys.readouterr().out
    assert "emulated" in shown and "1.002000" in shown and "the losses part" in shown
