"""A small course in a temporary folder, with a fake cmake, ninja and launcher: the command line runs for real.

The fakes act on what the student files say. A file that holds SYNTAX ERROR does not compile. A test program is the
text of the files that it links; in it, todo("01.1"), WRONG 01.1 and CRASH 01.1 decide what becomes of task 01.1.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1]
FAKES = Path(__file__).resolve().parent / "fakes"
sys.path.insert(0, str(SCRIPTS))

from rushlight import cli  # noqa: E402

FILES = {"01_alpha": {"a.cpp": ["01.1"], "b.cpp": ["01.2"]}, "02_beta": {"beta.cpp": ["02.1", "02.2"]}}
CASES = {
    "01_alpha": ["GradientFlow_01_1.Flows", "Unit_01_1.Adds", "Unit_01_2.Multiplies"],
    "02_beta": ["Seeds/Unit_02_1.Clamps/0", "Seeds/Unit_02_1.Clamps/1", "Unit_02_2.Decays"],
    "integration": ["Integration_02.Trains"],
}


def solution_text(tasks: list[str]) -> str:
    text = "// A file of the course.\nnamespace rushlight {\n"
    text += "// solution helper\nint helper_of_" + tasks[0].replace(".", "_") + "(int x) { return x; }\n// end solution\n"
    for task in tasks:
        name = f"f{task.replace('.', '')}"
        text += f"\n// {task} {name}  x -> x;  y = x\n// Hint: think.\nint {name}(int x) {{\n"
        text += f"  // solution {task}\n  return secret_{name}(x) + helper_of_{task.replace('.', '_')}(x);\n"
        text += "  // end solution\n}\n"
    return text + "}  // namespace rushlight\n"


def skeleton_text(tasks: list[str]) -> str:
    text = "// A file of the course.\nnamespace rushlight {\n"
    for task in tasks:
        name = f"f{task.replace('.', '')}"
        text += f'\n// {task} {name}  x -> x;  y = x\n// Hint: think.\nint {name}(int x) {{\n  todo("{task}");\n}}\n'
    return text + "}  // namespace rushlight\n"


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


class Course:
    """The fake course, and a way to type commands at it."""

    def __init__(self, root: Path, capfd) -> None:
        self.root, self.capfd = root, capfd

    def rush(self, *arguments: str) -> Answer:
        self.capfd.readouterr()
        code = cli.run(list(arguments))
        out, err = self.capfd.readouterr()
        return Answer(code, out, err)

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def student(self, file: str, text: str) -> None:
        """What the student wrote in modules/`file`."""
        self.write(f"modules/{file}", text)

    def solve(self, module: str) -> None:
        for file in FILES[module]:
            self.student(f"{module}/{file}", "// done\n")

    def task(self, verdict: dict, task: str) -> dict:
        return next(entry for entry in verdict["tasks"] if entry["id"] == task)

    def launches(self) -> list[str]:
        log = self.root / "build/student/launches.txt"
        return log.read_text().split() if log.exists() else []


@pytest.fixture
def course(tmp_path, monkeypatch, capfd) -> Course:
    root = tmp_path / "course"
    made = Course(root, capfd)
    for number, (module, files) in enumerate(FILES.items(), 1):
        tasks = [
            {"id": task, "title": f"task {task}", "file": file, "points": 10 * number, "hints": ["one", "two", "three"]}
            for file, ids in files.items()
            for task in ids
        ]
        manifest = {"title": module[3:].title(), "tier": "foundation", "needs": [], "hours": 1, "files": list(files)}
        made.write(f"modules/{module}/module.json", json.dumps(manifest | {"tasks": tasks}))
        for file, ids in files.items():
            made.write(f"modules/{module}/{file}", skeleton_text(ids))
            made.write(f"solutions/{module}/{file}", solution_text(ids))
    for folder, cases in CASES.items():
        made.write(f"tests/{folder}/cases.txt", "\n".join(cases) + "\n")
    made.write("CMakePresets.json", "{}")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name in ("cmake", "ninja", "launcher", "ar", "strip"):
        script = bin_folder / name
        script.write_text(f"#!{os.path.realpath(sys.executable)} -SE\n" + (FAKES / f"{name}.py").read_text())
        script.chmod(0o755)
    (bin_folder / "g++").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    monkeypatch.setenv("RUSHLIGHT_ROOT", str(root))
    monkeypatch.setenv("COLUMNS", "120")
    return made


@pytest.fixture
def git(course):
    """The course under git, everything tracked."""

    def run(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=course.root, check=True, capture_output=True)

    course.write(".gitignore", "build/\n.rush/\nruns/\n")
    run("init", "-q")
    run("add", "-A")
    return run
