"""The compiler's cache must not give back what was compiled from other text."""

import os
import subprocess

from conftest import ROOT

PROJECT = f"""
cmake_minimum_required(VERSION 3.25)
project(probe CXX)
include({ROOT}/cmake/EditLoop.cmake)
add_library(precompiled OBJECT precompiled.cpp)
target_precompile_headers(precompiled PRIVATE given.hpp)
add_executable(probe probe.cpp)
target_precompile_headers(probe REUSE_FROM precompiled)
"""


def copy_of_the_course(folder, comment):
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(PROJECT)
    (folder / "precompiled.cpp").write_text("")
    (folder / "given.hpp").write_text(f"#pragma once\n// {comment}\ninline int answer() {{ return 0; }}\n")
    (folder / "probe.cpp").write_text(f'#include "given.hpp"\nint main() {{ return answer(); }}  // {comment}\n')
    return folder


def test_a_header_with_another_comment_is_precompiled_again(tmp_path):
    cache = os.environ | {"CCACHE_DIR": str(tmp_path / "cache")}
    for name, comment in (("before", "one"), ("after", "two")):
        folder = copy_of_the_course(tmp_path / name, comment)
        for command in (["cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build"], ["ninja", "-C", folder / "build"]):
            done = subprocess.run(command, capture_output=True, text=True, env=cache)
            assert done.returncode == 0, done.stdout + done.stderr
    assert any((tmp_path / "cache").rglob("*R")), "nothing was cached: this proves nothing"
