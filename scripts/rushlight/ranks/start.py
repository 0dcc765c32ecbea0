"""Starting a program on several processes of this machine."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Callable

from ..basics.errors import RushError
from ..basics.process import plain_environment, stop, tool
from ..building.build import Build
from ..course.systems import SYSTEMS, missing
from ..course.tree import Tree

PROGRAM = "ranks"

# What Open MPI has to be told on a laptop or in a container: root may start it, ranks may share a processor and give way
# while they wait, and one process may not read another's memory.
SETTINGS = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
}


def build(tree: Tree, stack: str) -> Path:
    """The program for `stack`, own or solution; one sentence where MPI or the reference is missing."""
    if system := missing(("mpi",)):
        raise RushError(f"several ranks need {system.title}, which is not installed.", f"sudo apt-get install {system.packages}")
    stack = tree.check_stack(stack, ("own", "solution"), max(tree.modules))
    building = Build(tree)
    building.ensure()
    return building.programs([f"{PROGRAM}_{stack}"], f"building {PROGRAM}_{stack}")[0]


def command(ranks: int, program: Path, arguments: list[str]) -> list[str]:
    return [tool(SYSTEMS["mpi"].programs[0]), "-q", "-n", str(ranks), str(program), *arguments]


def environment(folder: str) -> dict[str, str]:
    """`folder`: for what Open MPI keeps on the disk. In the one that all jobs share, a job that ends takes away what another is
    about to begin in."""
    settings = SETTINGS | {"OMPI_MCA_orte_tmpdir_base": folder}
    return {"OPENBLAS_NUM_THREADS": "1", **plain_environment(), **{key: os.environ.get(key, value) for key, value in settings.items()}}


def follow(words: list[str], on_line: Callable[[str], None]) -> tuple[int, str]:
    """Exit status, and what went to stderr: the message of the rank that failed."""
    with (
        tempfile.TemporaryDirectory(prefix="ranks-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile("w+", errors="replace") as complaints,  # a pipe that nobody reads yet may fill, and stop the ranks
    ):
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, text=True, errors="replace", env=environment(folder)
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                on_line(line.rstrip("\n"))
            status = process.wait()
        except BaseException:
            stop(process)
            raise
        complaints.seek(0)
        return status, complaints.read().strip()
