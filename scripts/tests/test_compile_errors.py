"""A student file that does not compile: which task is wrong, which wait, and which line is shown."""

from pathlib import Path

import pytest
from rushlight.building.compile_errors import read_failures
from rushlight.building.warnings import known_warnings, note_warnings

ROOT = Path("/course")


def test_the_tasks_of_the_file_are_wrong_and_the_others_wait_for_them(course):
    course.student("01_alpha/b.cpp", "// one\n// two\nSYNTAX ERROR\n")
    verdict = course.rush("test", "--json").json
    guilty = course.task(verdict, "01.2")
    assert (guilty["state"], guilty["blocked_by"]) == ("wrong", None)
    assert guilty["message"] == "modules/01_alpha/b.cpp:3: error: expected ';' before 'error'"
    for waiting in ("01.1", "02.1", "02.2", "integration.02"):
        task = course.task(verdict, waiting)
        assert (task["state"], task["blocked_by"]) == ("wrong", "01.2")
    assert verdict["wrong"] == 7 and verdict["passed"] == 0


def test_a_later_module_costs_an_earlier_one_nothing(course):
    course.solve("01_alpha")
    course.student("02_beta/beta.cpp", "SYNTAX ERROR\n")
    verdict = course.rush("test", "--json").json
    assert course.task(verdict, "01.1")["state"] == "pass"
    assert course.task(verdict, "02.2")["message"].startswith("modules/02_beta/beta.cpp:1: error:")
    assert course.task(verdict, "02.2")["blocked_by"] is None


def test_an_old_test_program_is_not_mistaken_for_a_new_one(course):
    course.solve("01_alpha")
    assert course.rush("test", "01").code == 0
    course.student("01_alpha/a.cpp", "SYNTAX ERROR\n")
    assert course.rush("test", "01").code == 1
    course.solve("01_alpha")
    assert course.rush("test", "01").code == 0


def test_the_explanation_shows_the_compilers_line(course):
    course.student("01_alpha/a.cpp", "SYNTAX ERROR\n")
    out = course.rush("test", "01").out
    assert "modules/01_alpha/a.cpp:1: error: expected ';'" in out
    assert "/usr/bin/c++" not in out


def block(*lines: str) -> str:
    return "\n".join(["[1/2] Building CXX object a.o", "FAILED: a.o ", *lines, "[2/2] Linking", "unrelated error:"])


def test_an_error_inside_a_library_is_placed_where_our_code_asked_for_it():
    failures = read_failures(
        block(
            "/usr/bin/c++ -O2 -c /course/modules/01_alpha/a.cpp",
            "In file included from /usr/include/c++/12/algorithm:61,",
            "/usr/include/c++/12/bits/stl_algo.h:1938:5:   required from 'void std::sort(_It, _It) [with _It = int*]'",
            "/course/modules/01_alpha/a.cpp:41:12:   required from here",
            "/usr/include/c++/12/bits/ops.h:45:23: error: no match for 'operator<' [with T = xt::xarray<float>; U = int]",
        ),
        ROOT,
    )
    assert [f.source for f in failures] == ["modules/01_alpha/a.cpp"]
    assert failures[0].module == "01" and failures[0].file == "a.cpp"
    assert failures[0].message == "modules/01_alpha/a.cpp:41: error: no match for 'operator<'"


def test_a_broken_header_of_the_system_is_blamed_on_the_file_that_includes_it():
    failures = read_failures(
        block("c++ -c /course/tests/01_alpha/unit.cpp", "/usr/include/c++/12/cstdlib:75:15: fatal error: stdlib.h: No"),
        ROOT,
    )
    assert failures[0].message == "tests/01_alpha/unit.cpp: error: stdlib.h: No"


def test_colours_and_endless_type_names_are_removed():
    long = "x" * 1000
    failures = read_failures(
        block(
            "c++ -c /course/modules/02_beta/beta.cpp",
            f"\x1b[01m\x1b[K/course/modules/02_beta/beta.cpp:7:1:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[K{long}",
        ),
        ROOT,
    )
    assert failures[0].message.startswith("modules/02_beta/beta.cpp:7: error: xxx")
    assert len(failures[0].message) <= 240


def test_a_function_that_the_linker_misses_is_named():
    failures = read_failures(
        block(
            ": && /usr/bin/c++ -o tests/test_01_own lib/librl_01_own.a",
            "mold: error: undefined symbol: rushlight::sum_to(rushlight::Array const&, rushlight::Shape const&)",
            "collect2: error: ld returned 1 exit status",
        ),
        ROOT,
    )
    assert failures[0].symbol == "sum_to" and failures[0].source == ""
    assert failures[0].message.startswith("sum_to is declared but nowhere defined")
    gnu = read_failures(block("x.cpp:(.text+0x1): undefined reference to `rushlight::Linear::forward(int)'"), ROOT)
    assert gnu[0].symbol == "Linear::forward"


def message_of(file: str, *lines: str) -> str:
    (failure,) = read_failures(block(f"/usr/bin/c++ -O2 -c /course/modules/{file}", *lines), ROOT)
    return failure.message


def test_an_error_in_a_given_header_is_placed_where_the_student_asked_for_it():
    message = message_of(
        "02_beta/beta.cpp",
        "/course/modules/02_beta/loops.hpp:26:40:   required from 'Array elementwise(Function, const Array&)'",
        "/course/modules/02_beta/beta.cpp:15:30:   required from here",
        "/course/modules/02_beta/loops.hpp:26:55: error: cannot convert 'Tensor' to 'float'",
    )
    assert message == "modules/02_beta/beta.cpp:15: error: cannot convert 'Tensor' to 'float'"


def test_what_comes_after_the_template_arguments_is_the_point_and_stays():
    error = "/course/modules/01_alpha/a.cpp:7:9: error: could not convert 'f(x) [with T = int]' from 'Array' to 'Arrays'"
    assert message_of("01_alpha/a.cpp", error).endswith("could not convert 'f(x)' from 'Array' to 'Arrays'")


def excerpt_of(*lines: str) -> tuple[str, ...]:
    (failure,) = read_failures(block("/usr/bin/c++ -O2 -c /course/modules/01_alpha/a.cpp", *lines), ROOT)
    return failure.excerpt


def test_a_lambda_without_its_result_type_is_told_so():
    (meaning,) = excerpt_of("/course/modules/01_alpha/a.cpp:7:9: error: returning initializer list")
    assert "'-> Arrays'" in meaning


def test_the_line_its_caret_and_the_notes_of_the_first_error_are_shown():
    assert excerpt_of(
        "/course/modules/01_alpha/a.cpp:7:9: error: no match",
        "    7 |   return f(x);",
        "      |          ^",
        "/course/modules/01_alpha/a.hpp:3:5: note: candidate: ‘int rushlight::f(int, int)’",
        "    3 | int f(int, int);",
        "/course/modules/01_alpha/a.hpp:3:5: note:   candidate expects 2 arguments, 1 provided",
        "/course/modules/01_alpha/a.cpp:9:1: error: another",
        "    9 |   oh",
        "/course/modules/01_alpha/a.cpp:9:1: note: of the other",
    ) == (
        "    7 |   return f(x);",
        "      |          ^",
        "note: candidate: ‘int f(int, int)’",
        "note: candidate expects 2 arguments, 1 provided",
    )


@pytest.mark.parametrize(
    "error, words",
    [
        ("no matching function for call to ‘record(const char [5], rushlight::Tensor, <brace-enclosed initializer list>)’", "takes the value, an Array"),
        ("could not convert ‘{rushlight::operator*(x, x)}’ from ‘<brace-enclosed initializer list>’ to ‘rushlight::Arrays’ rushlight::Tensor", ""),
        ("could not convert ‘{rushlight::f(const rushlight::Tensor&)(x)}’ from ‘<brace-enclosed initializer list>’ to ‘rushlight::Arrays’", "a rule returns Arrays"),
        ("cannot convert ‘const rushlight::Tensor’ to ‘int’", ""),
        ("could not convert ‘y’ from ‘rushlight::Tensor’ to ‘rushlight::Array’", "an Array is wanted"),
        (
            "invalid initialization of reference of type ‘const rushlight::Array&’ from expression of type ‘const rushlight::Tensor’",
            "an Array is wanted",
        ),
    ],
)
def test_a_forgotten_value_has_a_sentence_of_its_own(error, words):
    shown = excerpt_of(f"/course/modules/01_alpha/a.cpp:7:9: error: {error}")
    assert words in "".join(shown) if words else not shown


def test_the_log_is_named(course):
    course.student("01_alpha/a.cpp", "SYNTAX ERROR\n")
    assert "build/student/rush-build.log" in course.rush("test", "01").out


BUILT = """[1/3] Building CXX object CMakeFiles/rl_01_own.dir/modules/01_alpha/a.cpp.o
In function 'int f()',
    inlined from 'int g()' at /course/modules/01_alpha/a.cpp:9:5:
/usr/include/c++/12/bits/x.h:3:1: warning: 'n' may be used uninitialized [-Wmaybe-uninitialized]
/course/modules/01_alpha/a.cpp: In function 'int h()':
/course/modules/01_alpha/a.cpp:4:7: warning: comparison of different signs [-Wsign-compare]
    4 |   if (a < b)
      |       ~~^~~
/usr/include/c++/12/bits/x.h:3:1: warning: nobody's own [-Wother]
[2/3] Building CXX object CMakeFiles/rl_01_own_debug.dir/modules/01_alpha/a.cpp.o
[3/3] Linking CXX executable tests/test_01_own
"""


def test_warnings_in_the_students_own_lines_are_kept_the_telling_ones_first(tmp_path):
    note_warnings(tmp_path, ROOT, BUILT)
    note_warnings(tmp_path, ROOT, "[1/1] Linking CXX executable tests/test_01_own\n")  # nothing was compiled
    first, second = known_warnings(tmp_path, {"modules/01_alpha/a.cpp"})
    assert first.lines == ["modules/01_alpha/a.cpp:9: warning: 'n' may be used uninitialized"]
    assert second.lines[1:] == ["    4 |   if (a < b)", "      |       ~~^~~"]
    assert known_warnings(tmp_path, {"modules/01_alpha/b.cpp"}) == []
    note_warnings(tmp_path, ROOT, BUILT.splitlines()[0])  # compiled again, without a word
    assert known_warnings(tmp_path, {"modules/01_alpha/a.cpp"}) == []


def test_a_warning_is_shown_before_the_failure_that_it_explains(course):
    course.student("01_alpha/a.cpp", "WRONG 01.1\n")
    built = BUILT.replace("/course/", f"{course.root}/")
    (course.root / "build/student").mkdir(parents=True)
    note_warnings(course.root / "build/student", course.root, built)
    out = course.rush("test", "01").out
    assert out.index("a.cpp:9: warning: 'n' may be used") < out.index("expected 2, found 3")


def test_a_pass_that_rests_on_a_value_nobody_gave_says_so(course):
    course.student("01_alpha/a.cpp", "// done\n")
    (course.root / "build/student").mkdir(parents=True)
    note_warnings(course.root / "build/student", course.root, BUILT.replace("/course/", f"{course.root}/"))
    out = course.rush("test", "01.1").out
    assert "2/2\n    modules/01_alpha/a.cpp:9: warning" in out and "signs" not in out


def test_a_missing_semicolon_is_looked_for_in_the_line_above():
    error = "/course/modules/01_alpha/a.cpp:7:3: error: expected ‘,’ or ‘;’ before ‘for’"
    (failure,) = read_failures(block("/usr/bin/c++ -c /course/modules/01_alpha/a.cpp", error), ROOT)
    assert "is a ; missing, at the end of the line above?" in failure.excerpt


def test_control_characters_are_spelt_out():
    error = "/course/modules/01_alpha/a.cpp:7:2: error: #error \x1b]0;x\x07 \x9b2J"
    assert message_of("01_alpha/a.cpp", error).endswith("#error \\x1b]0;x\\x07 \\x9b2J")


def test_want_of_disk_or_memory_is_nobodys_fault():
    for words in ("/tmp/cc.s: Fatal error: x.o: No space left on device", "g++: fatal error: Killed signal terminated program cc1plus"):
        (failure,) = read_failures(block("/usr/bin/c++ -c /course/modules/01_alpha/a.cpp", words), ROOT)
        assert failure.machine
    error = "/course/modules/01_alpha/a.cpp:7:2: error: #error No space left on device"
    (failure,) = read_failures(block("/usr/bin/c++ -c /course/modules/01_alpha/a.cpp", error), ROOT)
    assert not failure.machine and failure.source == "modules/01_alpha/a.cpp"
    limit = "/course/modules/01_alpha/a.cpp:1:1: error: compiling it took more than 4096 MiB of memory"
    words = "virtual memory exhausted: Cannot allocate memory"
    (failure,) = read_failures(block("/usr/bin/c++ -c /course/modules/01_alpha/a.cpp", words, limit), ROOT)
    assert not failure.machine and "4096 MiB" in failure.message
