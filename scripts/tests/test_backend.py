"""The kernels: the reference's always, the student's once all tasks of their module pass. Here that is module 02."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def kernels(course):
    manifest = json.loads((course.root / "modules/02_beta/module.json").read_text())
    course.write("modules/02_beta/module.json", json.dumps(manifest | {"provides": ["kernels"]}))
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "needs": "01"}))
    course.write("milestone-program", f"#!/bin/sh\necho \"$0 $@\" > {course.root}/arguments\nexit 1\n")

    def used(*options):
        answer = course.rush("milestone", "xor", *options)
        path = course.root / "arguments"
        return "--accelerated" in path.read_text().split() if path.is_file() else answer

    return used


def test_not_with_blanks(course, kernels):
    assert kernels() is False


def test_asked_for_with_blanks_is_an_error(course, kernels):
    answer = kernels("--backend", "accelerated")
    assert answer.code == 2 and "not all tasks of 02_beta pass" in answer.err


def test_not_with_one_task_wrong(course, kernels):
    course.student("02_beta/beta.cpp", "WRONG 02.2")
    assert kernels() is False


def test_once_all_pass(course, kernels):
    course.student("02_beta/beta.cpp", "done")
    assert kernels() is True


def test_plain_if_asked(course, kernels):
    course.student("02_beta/beta.cpp", "done")
    assert kernels("--backend", "plain") is False


def test_the_reference_always(course, kernels):
    assert kernels("--stack", "solution") is True


def test_only_the_program_that_uses_kernels_needs_their_module(course, kernels):
    def program():
        return Path((course.root / "arguments").read_text().split()[0]).name

    kernels()
    assert program() == "milestone_xor_own"
    course.student("02_beta/beta.cpp", "done")
    kernels()
    assert program() == "milestone_xor_own_kernels"
    kernels("--backend", "plain")
    assert program() == "milestone_xor_own"
    kernels("--stack", "solution")
    assert program() == "milestone_xor_solution"


def test_unknown(course, kernels):
    assert "auto, plain, accelerated" in kernels("--backend", "fast").err
