"""`rush export gguf`: what it asks of its arguments, and what becomes of the program's answer."""

import sys

import pytest
from typer.testing import CliRunner

from rushlight.basics.errors import RushError
from rushlight.cli import application
from rushlight.commands import exporting


@pytest.fixture
def program(tmp_path):
    def make(text):
        path = tmp_path / "program"
        path.write_text(f"#!{sys.executable}\n{text}\n")
        path.chmod(0o755)
        return path

    return make


def test_the_programs_answer_is_the_report(program, tmp_path):
    echo = program("import json, sys\nprint(json.dumps({'file': sys.argv[4], 'type': sys.argv[3]}))")
    assert exporting.run(echo, "a", "b", "q8_0", "c") == {"file": "c", "type": "q8_0"}


def test_its_error_is_the_commands_error(program):
    broken = program("import sys\nprint('a.safetensors: is no file', file=sys.stderr)\nsys.exit(1)")
    with pytest.raises(RushError, match="a.safetensors: is no file"):
        exporting.run(broken)
    silent = program("import sys\nsys.exit(3)")
    with pytest.raises(RushError, match="status 3"):
        exporting.run(silent)


def invoke(*arguments):
    return CliRunner().invoke(application(["export"]), ["export", "gguf", *map(str, arguments)])


def test_types_and_files_are_checked_before_anything_is_built(tmp_path):
    checkpoint = tmp_path / "gpt.safetensors"
    missing = invoke(checkpoint, tmp_path / "out.gguf")
    assert isinstance(missing.exception, RushError) and "gpt.safetensors" in str(missing.exception)
    checkpoint.write_bytes(b"")
    no_tokenizer = invoke(checkpoint, tmp_path / "out.gguf")
    assert isinstance(no_tokenizer.exception, RushError) and "tokenizer.json" in str(no_tokenizer.exception)
    (tmp_path / "tokenizer.json").write_text("{}")
    wrong = invoke(checkpoint, tmp_path / "out.gguf", "--type", "q5")
    assert isinstance(wrong.exception, RushError) and "q5" in str(wrong.exception)


def test_a_sample_is_made_by_the_program_of_the_stack_with_what_is_borrowed(program, tmp_path, monkeypatch):
    asked = []
    echo = program(f"import pathlib, sys\npathlib.Path({str(tmp_path / 'arguments')!r}).write_text(' '.join(sys.argv[1:]))")
    monkeypatch.setattr(exporting, "_program", lambda tree, *about: asked.append(about) or echo)
    command = ["export", "sample", str(tmp_path / "out"), "--steps", "3", "--stack", "solution", "--reference", "02"]
    result = CliRunner().invoke(application(["export"]), command)
    assert result.exit_code == 0 and "q4_0.gguf" in result.output
    assert asked == [("gguf_sample", "solution", "02")]
    modules, folder, steps = (tmp_path / "arguments").read_text().split()
    assert modules.endswith("/modules") and folder == str(tmp_path / "out") and steps == "3"


def test_what_is_borrowed_is_configured_before_a_program_is_built(monkeypatch):
    calls = []

    class Build:
        def __init__(self, tree): ...
        def ensure(self, reference): calls.append(reference)
        def programs(self, targets, what): return calls.append(targets) or ["program"]

    class Tree:
        last = "22"
        def check_stack(self, stack, allowed, last): return stack
        def check_reference(self, text): return tuple(text.split(","))

    monkeypatch.setattr(exporting, "Build", Build)
    assert exporting._program(Tree(), "export_gguf", "own", "02,03") == "program"
    assert calls == [("02", "03"), ["export_gguf_own"]]
