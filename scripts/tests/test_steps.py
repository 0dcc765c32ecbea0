"""The rules for students' files, on texts and on small objects; tests/hostile has many more, which need a build."""

import os
import subprocess

import pytest

from rushlight.steps import compile_step, imports, link_step, record
from rushlight.steps.object_rules import check_object, findings as object_findings, place
from rushlight.steps.source_rules import findings
from rushlight.steps.step import Refused


@pytest.mark.parametrize(
    "text, line, word",
    [
        ("#include <unistd.h>", 1, "no task needs it"),
        ('\n#  include "../x.hpp"', 2, "must begin with a module's folder"),
        ("/* a\n b */ #include <gtest/gtest.h>", 2, "no task needs it"),
        ("#inc\\\nlude <unistd.h>", 1, "no task needs it"),
        ("int x; // a \\\n hidden comment line\nasm();", 3, "assembler"),
        ('auto a = R"(/*)";\nasm("x");', 2, "assembler"),
        ("int a = 1'000;\nasm(\"x\"); // '", 2, "assembler"),
        ("#define X a ## b", 1, "glued"),
        ("#include NAME", 1, "name the header itself"),
    ],
)
def test_what_a_text_may_not_hold_is_found_in_its_line(text, line, word):
    (found,) = findings(text)
    assert found[0] == line and word in found[1]


@pytest.mark.parametrize(
    "text",
    [
        '#include <vector>\n#include <xtensor/xtensor.hpp>\n#include "01_tensor/tensor.hpp"\n',
        "// asm\n/* #include <unistd.h> */\nint plasma; // ##\n",
        'auto a = "asm \\" asm";\nauto b = R"x( asm )" asm )x";\nchar c = \'"\'; char d = \'"\';\n',
        "#pragma GCC optimize(\"O3\")\n#if 1\n#endif\n#error later\n",
    ],
)
def test_what_only_looks_forbidden_is_not(text):
    assert findings(text) == []


@pytest.mark.parametrize(
    "name, namespace",
    [
        ("_ZN9rushlight4reluERKNS_6TensorE", "9rushlight"),
        ("_ZTVN9rushlight6LinearE", "9rushlight"),
        ("_ZZN9rushlight4reluEvE5table", "9rushlight"),
        ("_ZGVZN9rushlight4reluEvE5table", "9rushlight"),
        ("_ZThn16_N9rushlight6LinearD1Ev", "9rushlight"),
        ("_ZNKSt6vectorIiSaIiEE4sizeEv", "St6vector"),
        ("_Z6squaref", "6square"),
        ("main", ""),
    ],
)
def test_a_mangled_name_says_where_it_lives(name, namespace):
    assert place(name).startswith(namespace) and bool(place(name)) == bool(namespace)


def test_what_may_be_used():
    for name in ("expf", "memcpy", "printf", "_ZSt4cout", "_Znwm", "__cxa_throw", "malloc", "clock_gettime", "_ZGVbN4v_sinf", "_ZTIi", "_ZTIPKc"):
        assert imports.allowed(name, set()), name
    for name in ("open", "getenv", "fork", "write", "syscall", "_ZNSt13basic_filebufIcSt11char_traitsIcEED1Ev", "fclose"):
        assert not imports.allowed(name, set()), name
    thread = "_ZNSt6thread4joinEv"
    assert not imports.allowed(thread, set()) and imports.allowed(thread, {"threads"})
    assert imports.groups_of("08") == {"threads"} and imports.groups_of("01") == set()


@pytest.fixture
def built(tmp_path):
    def build(text):
        source, output = tmp_path / "a.cpp", tmp_path / "a.o"
        source.write_text(text)
        subprocess.run(["/usr/bin/g++", "-std=c++20", "-O1", "-g1", "-c", source, "-o", output], check=True)
        return str(source), str(output)

    return build


def test_an_objects_finding_names_function_file_and_line(built):
    text = 'extern "C" char* getenv(const char*);\nnamespace rushlight {\nbool f() {\n  return getenv("X") != nullptr;\n}\n}\n'
    source, output = built(text)
    with pytest.raises(Refused) as refusal:
        check_object(output, source, "01")
    assert str(refusal.value).startswith(f"{source}:4:1: error: getenv is not for this module: no task depends on the environment")


def test_an_honest_object_has_no_finding(built):
    text = """
#include <iostream>
#include <map>
#include <string>
namespace rushlight {
static const std::map<std::string, int> table = {{"one", 1}};
struct Shape { virtual ~Shape() = default; virtual int size() { return 1; } };
struct Square : Shape { int size() override { static std::string text = "long enough to need memory of its own"; return 2; } };
int f(Shape& shape) { std::cout << table.size() << shape.size(); return dynamic_cast<Square&>(shape).size(); }
}
"""
    assert object_findings(built(text)[1], "01") == []


def test_names_for_everybody_and_early_functions_are_found(built):
    text = "int square(int x) { return x * x; }\nvolatile int seen;\n__attribute__((constructor)) static void early() { seen = 1; }\n"
    words = " ".join(what for _, what in object_findings(built(text)[1], "01"))
    assert "square is defined outside the course's namespace" in words and "constructor function" in words


def test_the_standard_librarys_own_functions_stay_its_own(built):
    text = "namespace std {\ninline void __throw_bad_function_call() { throw 1; }\n}\nnamespace rushlight {\nauto keep = std::__throw_bad_function_call;\n}\n"
    (finding,) = object_findings(built(text)[1], "01")
    assert "std::__throw_bad_function_call is defined outside the course's namespace" in finding[1]


def test_a_record_of_a_pipe_or_a_folder_is_empty(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert record.digest(str(tmp_path / "pipe")) == record.digest(str(tmp_path)) == record.digest("nowhere") == ""


def test_links_are_no_files(tmp_path):
    (tmp_path / "real.cpp").write_text("")
    (tmp_path / "link.cpp").symlink_to("real.cpp")
    (tmp_path / "folder").symlink_to(tmp_path)
    for name in ("link.cpp", "folder/real.cpp"):
        with pytest.raises(Refused, match="symbolic link"):
            compile_step.check_place(str(tmp_path / name))
    compile_step.check_place(str(tmp_path / "real.cpp"))


def test_a_thin_archive_tells_its_members(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib").mkdir()
    objects = [f"CMakeFiles/a_long_name_of_a_target.dir/file_{i}.cpp.o" for i in range(3)]
    for name in objects:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["as", "-o", name, "/dev/null"], check=True)
    subprocess.run(["ar", "qcs", "--thin", "lib/x.a", *objects], check=True)
    assert link_step.members("lib/x.a") == objects


def test_the_compiler_has_a_limit_that_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUSHLIGHT_TIMEOUT_SCALE", "0.01")
    source = tmp_path / "a.cpp"
    source.write_text(
        "template <int N, long M> struct T { static constexpr long v = T<N - 1, 2 * M>::v + T<N - 1, 2 * M + 1>::v; };\n"
        "template <long M> struct T<0, M> { static constexpr long v = M; };\nlong f() { return T<24, 1>::v; }\n"
    )
    command = ["/usr/bin/g++", "-MD", "-MF", "a.d", "-o", "a.o", "-c", str(source)]
    with pytest.raises(Refused, match="more than 1 s of processor time"):
        compile_step.compile_step(command, "01")
