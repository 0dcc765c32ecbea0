"""snippets.py: which blocks are found, where each is put, and that one which does not compile is told with its line."""

import shutil

import pytest
import snippets

TEXT = """\
# One

<!-- given: #include <vector>
int n = 2; -->

```cpp
std::vector<int> x(n);
```

```text
no code
```

```cpp
struct Pair { int a; };
```
"""


def test_blocks_are_found_with_what_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(snippets, "ROOT", tmp_path)
    (tmp_path / "a.md").write_text(TEXT)
    first, second = snippets.snippets(tmp_path / "a.md")
    assert (first.line, first.given, first.code) == (7, "#include <vector>\nint n = 2;", "std::vector<int> x(n);\n")
    assert first.program.startswith("#include <vector>\n") and "void snippet() {\nint n = 2;" in first.program
    assert (second.line, second.given) == (15, "") and "void snippet" not in second.program


@pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")
def test_a_mistake_is_told_with_its_line():
    good = snippets.Snippet("a.md", 7, "std::vector<int> x(n);\n", "#include <vector>\nint n = 2;")
    assert snippets.complaint(good) == ""
    bad = snippets.Snippet("a.md", 7, "int y = 1;\nstd::vector<int> x(m);\n", "#include <vector>")
    assert snippets.complaint(bad).startswith("a.md:8:") and "‘m’" in snippets.complaint(bad)
