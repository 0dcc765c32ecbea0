"""npm's packages: installed once for each lock file, and nothing that they bring is run."""

import pytest

from rushlight.basics import npm
from rushlight.basics.errors import RushError

NPM = """#!/bin/sh
echo "$@" >> calls
[ -e broken ] && echo "npm error code E404" >&2 && exit 1
mkdir -p node_modules
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(NPM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}")
    return folder


def test_what_is_pinned_is_installed_once_and_elsewhere(source, tmp_path):
    folder = tmp_path / "build" / "there"
    for _ in range(2):
        assert npm.install_pinned(source, folder, "it") == folder / "node_modules"
    (call,) = (folder / "calls").read_text().splitlines()
    assert call.startswith("ci --ignore-scripts")
    assert sorted(path.name for path in source.iterdir()) == ["package-lock.json", "package.json"]


def test_another_lock_file_is_installed_anew(source, tmp_path):
    folder = tmp_path / "there"
    npm.install_pinned(source, folder, "it")
    (source / "package-lock.json").write_text('{"other": 1}')
    npm.install_pinned(source, folder, "it")
    assert len((folder / "calls").read_text().splitlines()) == 2


def test_what_failed_says_why_and_is_tried_again(source, tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    (folder / "broken").touch()
    with pytest.raises(RushError, match="could not install it .npm error code E404") as raised:
        npm.install_pinned(source, folder, "it")
    assert "npm ci" in raised.value.next_step
    (folder / "broken").unlink()
    npm.install_pinned(source, folder, "it")
    assert len((folder / "calls").read_text().splitlines()) == 2
