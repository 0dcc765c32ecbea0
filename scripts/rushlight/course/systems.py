"""Libraries of the system that single modules stand on ("system" in a manifest), and whether they are here."""

from __future__ import annotations

import shutil
from dataclasses import dataclass


@dataclass(frozen=True)
class System:
    title: str
    programs: tuple[str, ...]  # cmake/Dependencies.cmake looks for the same ones
    packages: str


SYSTEMS = {"mpi": System("Open MPI", ("mpirun", "mpicxx"), "libopenmpi-dev openmpi-bin")}


def missing(names: tuple[str, ...]) -> System | None:
    """The first of these that this machine lacks."""
    for name in names:
        if not all(shutil.which(program) for program in SYSTEMS[name].programs):
            return SYSTEMS[name]
    return None
