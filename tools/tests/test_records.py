"""Real build steps on a course of one file: what a program was built from is known, and no date is believed."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT

PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(probe CXX)
set(CMAKE_CXX_FLAGS -g1)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_AR> qcs --thin <TARGET> <LINK_FLAGS> <OBJECTS>")
set(CMAKE_CXX_ARCHIVE_FINISH "")
find_package(Python3 REQUIRED COMPONENTS Interpreter)
include(cmake/Steps.cmake)
add_library(written STATIC modules/01_mini/written.cpp)
rushlight_within_rules(written 01)
add_executable(probe main.cpp)
target_precompile_headers(probe PRIVATE given.hpp)
target_link_libraries(probe written)
"""


class Small:
    def __init__(self, root):
        self.root, self.build = root, root / "build"
        for name in ("scripts/build_step.py", "cmake/Steps.cmake"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        (root / "scripts/rushlight").mkdir()
        (root / "scripts/rushlight/__init__.py").touch()
        shutil.copytree(ROOT / "scripts/rushlight/steps", root / "scripts/rushlight/steps")
        (root / "modules/01_mini").mkdir(parents=True)
        (root / "CMakeLists.txt").write_text(PROJECT)
        (root / "main.cpp").write_text("namespace rushlight {\nint answer();\n}\nint main() { return rushlight::answer() - EXPECTED; }\n")
        (root / "given.hpp").write_text("#define EXPECTED 1\n")
        (root / "cases.txt").write_text("Unit_01_1.Answers\n")
        self.write(1)
        subprocess.run(["cmake", "-G", "Ninja", "-S", root, "-B", self.build], check=True, capture_output=True)

    @property
    def source(self):
        return self.root / "modules/01_mini/written.cpp"

    def write(self, answer):
        self.source.write_text(f"namespace rushlight {{\nint answer() {{ return {answer}; }}\n}}\n")

    def ninja(self):
        done = subprocess.run(["ninja", "-C", self.build], capture_output=True, text=True)
        return done.returncode, done.stdout

    def status(self):
        return subprocess.run([self.build / "probe"]).returncode

    def refusal(self, launcher):
        """What the launcher has against the program before it runs anything."""
        command = [launcher, "--exe", self.build / "probe", "--cases", self.root / "cases.txt", "--sources", self.root]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stderr if done.returncode == 2 else ""


@pytest.fixture
def small(tmp_path):
    return Small(tmp_path / "course")


def test_what_a_program_was_built_from_decides_and_no_date(programs, small):
    assert small.ninja()[0] == 0 and small.status() == 0
    assert small.refusal(programs.launcher) == ""
    small.write(2)
    os.utime(small.source, (1, 1))
    assert "no work to do" in small.ninja()[1]  # Ninja goes by dates
    assert "modules/01_mini/written.cpp has changed since" in small.refusal(programs.launcher)
    (small.build / "probe").unlink()  # what `rush` does with a program that does not match
    code, output = small.ninja()
    assert code != 0 and "Build again." in output
    assert small.ninja()[0] == 0 and small.status() == 1
    assert small.refusal(programs.launcher) == ""


def test_a_header_in_a_precompiled_one_counts(programs, small):
    assert small.ninja()[0] == 0
    (small.root / "given.hpp").write_text("#define EXPECTED 5\n")
    os.utime(small.root / "given.hpp", (1, 1))
    assert "given.hpp has changed since" in small.refusal(programs.launcher)
    (small.build / "probe").unlink()
    for _ in range(4):
        if small.ninja()[0] == 0:
            break
    assert small.status() == (1 - 5) % 256 and small.refusal(programs.launcher) == ""


def test_a_file_that_does_not_compile_leaves_no_program_that_is_believed(programs, small):
    small.ninja()
    small.source.write_text("no C++\n")
    assert small.ninja()[0] != 0
    assert "has changed since" in small.refusal(programs.launcher)
    small.source.unlink()
    assert "is missing, or not a file" in small.refusal(programs.launcher)


def test_a_finding_fails_the_step_and_leaves_no_object(small):
    small.source.write_text('extern "C" int fork();\nnamespace rushlight {\nint answer() { return fork(); }\n}\n')
    code, output = small.ninja()
    assert code != 0 and f"{small.source}:3:1: error: fork is not for this module" in output
    assert not list(small.build.rglob("written.cpp.o"))


def test_a_pipe_is_not_waited_for(small):
    small.source.unlink()
    os.mkfifo(small.source)
    code, output = small.ninja()
    assert code != 0 and "not a regular file" in output
