"""Builds once what the tests of the harness share."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUPPORT = ROOT / "tests" / "support"
sys.path[:0] = [str(HERE.parent), str(ROOT / "scripts")]


def run(command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


FLAGS = ["-std=c++20", "-O0", f"-I{ROOT / 'modules'}", f"-I{ROOT / 'tests'}", f"-ffile-prefix-map={ROOT}/="]


def compile_object(source, folder):
    output = folder / f"{source.stem}.o"
    run(["g++", *FLAGS, "-c", source, "-o", output])
    return output


class Programs:
    """The launcher, the misbehaving test program, and the support library that every test program links."""

    def __init__(self, folder):
        self.launcher = folder / "launcher"
        self.fixture = folder / "fixture"
        self.support = folder / "libsupport.a"
        sources = [HERE / "fixture.cpp", HERE / "no_arrays.cpp"]
        sources += [SUPPORT / f"{name}.cpp" for name in ("events", "first_failure", "main", "channel", "canaries")]
        sources += [ROOT / "modules" / "01_tensor" / "todo.cpp"]
        parts = sorted((SUPPORT / "launcher").glob("*.cpp"))
        (folder / "launcher-objects").mkdir()
        with ThreadPoolExecutor(2) as pool:
            fixture, *support = pool.map(lambda source: compile_object(source, folder), sources)
            launcher = list(pool.map(lambda source: compile_object(source, folder / "launcher-objects"), parts))
        run(["ar", "rcs", self.support, *support])
        run(["g++", "-o", self.launcher, *launcher])
        run(["g++", "-o", self.fixture, fixture, *support, "-lgtest", "-pthread"])


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    return Programs(tmp_path_factory.mktemp("programs"))


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one module, without a build folder, that the programs take for their own tree."""
    root = tmp_path / "course"
    write_course(root)
    monkeypatch.setenv("RUSHLIGHT_ROOT", str(root))
    return root


@pytest.fixture(scope="session")
def built_course(programs, tmp_path_factory):
    """The same course, configured. Tests must leave its sources as they found them."""
    root = tmp_path_factory.mktemp("built") / "course"
    write_course(root)
    (root / "CMakeLists.txt").write_text(CMAKE.format(root=ROOT, support=programs.support))
    build = root / "build"
    (build / "tests").mkdir(parents=True)
    shutil.copy(programs.launcher, build / "tests" / "launcher")
    run(["cmake", "-G", "Ninja", "-S", root, "-B", build])
    return root


def script(name, *arguments, root):
    """Runs one of tools/*.py on a course; answers what it did."""
    return subprocess.run(
        [sys.executable, HERE.parent / name, *map(str, arguments)],
        env={**os.environ, "RUSHLIGHT_ROOT": str(root)},
        capture_output=True,
        text=True,
    )


def write_course(root):
    for path, text in COURSE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


CMAKE = """
cmake_minimum_required(VERSION 3.25)
project(course LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
include_directories(modules {root}/modules {root}/tests)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${{CMAKE_BINARY_DIR}}/tests)
add_library(rl_01_own STATIC modules/01_mini/mini.cpp)
add_library(rl_01_ref STATIC ${{CMAKE_SOURCE_DIR}}/solutions/01_mini/mini.cpp)
target_precompile_headers(rl_01_ref PRIVATE <vector>)
add_library(tests_01 OBJECT tests/01_mini/unit.cpp)
foreach(pair own_own solution_ref)
  string(REPLACE "_" ";" parts ${{pair}})
  list(GET parts 0 stack)
  list(GET parts 1 library)
  add_executable(test_01_${{stack}} $<TARGET_OBJECTS:tests_01>)
  target_link_libraries(test_01_${{stack}} PRIVATE {support} rl_01_${{library}} {support} gtest pthread)
endforeach()
add_custom_target(launcher)
"""

MINI = """\
// mini.cpp: two functions.
#include "01_mini/mini.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

// solution helper
int doubled_by_the_helper(int x) { return x + x; }
// end solution

}  // namespace

// 01.1 twice  x -> 2x
// Hint: add.
int twice(int x) {
  // solution 01.1
  return doubled_by_the_helper(x);
  // end solution
}

// 01.2 thrice  x -> 3x
// Hint: use twice.
int thrice(int x) {
  if (x == 0) {
    // solution 01.2
    return 0;
    // end solution
  }
  // solution 01.2
  return twice(x) + x;
  // end solution
}

}  // namespace rushlight
"""

MINI_SKELETON = """\
// mini.cpp: two functions.
#include "01_mini/mini.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.1 twice  x -> 2x
// Hint: add.
int twice(int x) {
  todo("01.1");
}

// 01.2 thrice  x -> 3x
// Hint: use twice.
int thrice(int x) {
  if (x == 0) {
    todo("01.2");
  }
  todo("01.2");
}

}  // namespace rushlight
"""

MANIFEST = """\
{"title": "Mini", "tier": "foundation", "needs": [], "hours": 1, "files": ["mini.cpp"], "given": [],
 "tasks": [{"id": "01.1", "title": "twice", "file": "mini.cpp", "points": 1, "hints": ["a", "b", "c"]},
           {"id": "01.2", "title": "thrice", "file": "mini.cpp", "points": 1, "hints": ["a", "b", "c"]}]}
"""

UNIT = """\
#include <gtest/gtest.h>

#include "01_mini/mini.hpp"

TEST(Unit_01_1, Doubles) { EXPECT_EQ(rushlight::twice(2), 4); }
TEST(Unit_01_2, Triples) { EXPECT_EQ(rushlight::thrice(2), 6); }
TEST(GradientFlow_01_2, Zero) { EXPECT_EQ(rushlight::thrice(0), 0); }
TEST(Progressive_01_2, Both) { EXPECT_EQ(rushlight::thrice(1) - rushlight::twice(1), 1); }
"""

CASES = "GradientFlow_01_2.Zero\nProgressive_01_2.Both\nUnit_01_1.Doubles\nUnit_01_2.Triples\n"

COURSE = {
    "modules/01_mini/module.json": MANIFEST,
    "modules/01_mini/mini.hpp": "#pragma once\nnamespace rushlight {\nint twice(int x);\nint thrice(int x);\n}\n",
    "modules/01_mini/mini.cpp": MINI_SKELETON,
    "modules/01_mini/README.md": "# Mini\n\n```cpp\nint twice(int x);\n```\n",
    "solutions/01_mini/mini.cpp": MINI,
    "tests/01_mini/unit.cpp": UNIT,
    "tests/01_mini/cases.txt": CASES,
}
