"""scripts/rush and scripts/setup.sh: plain sh on a machine where anything may be missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1]
BASICS = ("sh", "dirname", "readlink", "mkdir", "cat", "grep", "sed", "tail", "mktemp", "rm", "env")


@pytest.fixture
def machine(tmp_path):
    """A PATH with the basic tools only, and a copy of the scripts."""
    made = Machine(tmp_path)
    for name in BASICS:
        made.link(name)
    made.tool("id", "echo 1000")
    return made


class Machine:
    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.root = folder / "a course"  # a space, on purpose
        (self.root / "scripts").mkdir(parents=True)
        for name in ("rush", "setup.sh"):
            shutil.copy(SCRIPTS / name, self.root / "scripts" / name)
        self.log = folder / "log.txt"
        self.packages = folder / "packages.txt"
        self.packages.write_text("# a list\ncmake 3.25 required builds\ngdb 13 optional debugs\n")

    def link(self, name: str) -> None:
        (self.bin / name).symlink_to(shutil.which(name))

    def tool(self, name: str, body: str) -> Path:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.log}"\n{body}\n')
        path.chmod(0o755)
        return path

    def without_system_python(self) -> None:
        """The scripts look in /usr/bin by name, and this very machine may have a good one there."""
        script = self.root / "scripts" / "rush"
        script.write_text(script.read_text().replace("/usr/bin/python3", "/nowhere/python3"))

    def packages_are(self, *installed: str) -> None:
        """A dpkg-query that knows these, and an apt-get that installs by writing a file."""
        state = self.bin.parent / "installed"
        state.mkdir()
        for name in installed:
            (state / name).touch()
        self.tool("dpkg-query", f'for last; do :; done; [ -e "{state}/$last" ] && printf installed')
        install = f'for name; do case $name in -*|apt-get|install|update) ;; *) : >"{state}/$name" ;; esac; done'
        self.tool("apt-get", f'case "$*" in *install*) {install} ;; esac')
        self.tool("apt-cache", "exit 0")

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        variables = {"PATH": str(self.bin), "RUSH_PACKAGES": str(self.packages), "HOME": "/nowhere"} | environment
        return subprocess.run(
            ["/bin/sh", str(self.root / "scripts" / script), *arguments],
            env=variables,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def calls(self, name: str) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith(name + " ")]


USELESS = 'case "$1" in -c) exit 1 ;; esac; echo useless'


def good(name: str) -> str:
    return f'case "$1" in -c) exit 0 ;; esac; echo "{name} ran $*"'


def test_the_first_python_is_passed_over_when_it_lacks_the_packages(machine):
    machine.without_system_python()
    machine.tool("python3", USELESS)
    machine.tool("python3.11", USELESS)
    machine.tool("python3.12", good("python3.12"))
    result = machine.run("rush", "status")
    assert result.returncode == 0
    assert result.stdout == "python3.12 ran -m rushlight status\n"


def test_the_choice_is_remembered_and_checked(machine):
    machine.tool("python3", good("python3"))
    assert "python3 ran -m rushlight status" in machine.run("rush", "status").stdout
    remembered = machine.root / ".rush/interpreter"
    assert remembered.read_text().strip() == str(machine.bin / "python3")
    other = machine.tool("other", good("other"))
    remembered.write_text(f"{other}\n")
    assert "other ran" in machine.run("rush", "status").stdout
    machine.tool("other", USELESS)  # the packages went away
    assert "python3 ran" in machine.run("rush", "status").stdout


def test_a_read_only_course_still_runs(machine):
    machine.tool("python3", good("python3"))
    (machine.root / ".rush").write_text("in the way of the folder")
    assert "python3 ran -m rushlight status" in machine.run("rush", "status").stdout


def test_the_real_check_wants_typer_and_rich(machine):
    python = machine.tool("python3", f'exec {sys.executable} -I "$@"')
    assert machine.run("rush", "--python").stdout.strip() == str(python)


def test_without_any_python_the_message_says_what_to_do(machine):
    machine.without_system_python()
    result = machine.run("rush", "status")
    assert result.returncode == 2
    assert "no Python 3.11 or later with typer and rich" in result.stderr and "scripts/rush setup" in result.stderr


def test_it_works_through_a_link_and_from_anywhere(machine, tmp_path):
    machine.tool("python3", good("python3"))
    link = tmp_path / "rush-link"
    link.symlink_to(machine.root / "scripts/rush")
    result = subprocess.run(
        ["/bin/sh", str(link), "status"], env={"PATH": str(machine.bin)}, cwd="/", capture_output=True, text=True
    )
    assert "python3 ran" in result.stdout


def test_setup_has_nothing_to_do(machine):
    machine.packages_are("cmake", "gdb")
    result = machine.run("rush", "setup")
    assert result.returncode == 0 and "every package is installed" in result.stderr
    assert machine.calls("apt-get") == []


def test_setup_as_root_needs_no_sudo(machine):
    machine.packages_are("cmake")
    machine.tool("id", "echo 0")
    result = machine.run("rush", "setup", "--yes")
    assert result.returncode == 0
    assert machine.calls("apt-get")[-1] == "apt-get install -y -q --no-install-recommends gdb"


def test_setup_counts_what_another_package_brings_along(machine):
    machine.packages_are("cmake")
    machine.tool("dpkg-query", 'case "$*" in *cmake) printf installed ;; *Provides*) echo "installed an-ide, gdb (= 13), gdb-server" ;; esac')
    result = machine.run("rush", "setup")
    assert result.returncode == 0 and "every package is installed" in result.stderr


def test_setup_uses_sudo_where_it_may(machine):
    machine.packages_are()
    machine.tool("sudo", 'shift; [ "$1" = true ] || "$@"')
    machine.link("true")
    result = machine.run("rush", "setup")
    assert result.returncode == 0
    assert any(call.endswith("--no-install-recommends cmake gdb") for call in machine.calls("sudo"))


def test_setup_without_rights_prints_the_command(machine):
    machine.packages_are()
    machine.tool("sudo", "exit 1")
    result = machine.run("rush", "setup")
    assert result.returncode == 1
    assert "apt-get install -y --no-install-recommends cmake gdb" in result.stderr
    assert machine.calls("apt-get") == []


def test_start_goes_on_where_only_optional_packages_are_missing(machine):
    machine.packages_are("cmake")
    machine.tool("python3", good("python3"))
    result = machine.run("rush", "start")
    assert result.returncode == 0 and "ran -m rushlight start" in result.stdout
    assert "gdb" in result.stderr


def test_start_stops_where_a_required_package_is_missing(machine):
    machine.packages_are("gdb")
    machine.tool("python3", good("python3"))
    result = machine.run("rush", "start")
    assert result.returncode == 1 and "ran" not in result.stdout and "cmake" in result.stderr


def test_setup_that_fails_says_what_is_still_missing(machine):
    machine.packages_are()
    machine.tool("id", "echo 0")
    machine.tool("apt-get", "echo 'E: no network'; exit 100")
    result = machine.run("rush", "setup")
    assert result.returncode == 1
    assert "E: no network" in result.stderr and "still missing: cmake" in result.stderr


def test_a_package_that_the_system_does_not_offer_is_left_out(machine):
    machine.packages_are()
    machine.tool("id", "echo 0")
    machine.tool("apt-cache", '[ "$2" != gdb ]')
    result = machine.run("rush", "setup")
    assert result.returncode == 0
    assert machine.calls("apt-get")[-1].endswith("--no-install-recommends cmake")
    assert "gdb" in result.stderr


def test_another_distribution_gets_the_list(machine):
    result = machine.run("rush", "setup")
    assert result.returncode == 1 and "cmake" in result.stderr


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing():
    paths = [str(SCRIPTS / name) for name in ("rush", "setup.sh")]
    result = subprocess.run(["shellcheck", *paths], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_package_list_is_well_formed():
    from rushlight.machine.packages import wanted

    packages = wanted()
    assert len({package.name for package in packages}) == len(packages) > 20
    assert all(package.purpose and package.tested[0].isdigit() for package in packages)
    lines = (SCRIPTS / "packages.txt").read_text().splitlines()
    assert all(line.split()[2] in ("required", "optional") for line in lines if not line.startswith("#"))
    assert os.access(SCRIPTS / "rush", os.X_OK)


def test_a_clone_that_asks_for_windows_line_ends_runs(tmp_path):
    clone = tmp_path / "clone"
    command = ["git", "clone", "-q", "--no-local", "-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    subprocess.run([*command, str(SCRIPTS.parent), str(clone)], check=True, capture_output=True)
    asked = subprocess.run([clone / "scripts/rush", "--python"], capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    assert b"\r" not in (clone / "tests/01_tensor/cases.txt").read_bytes()
