"""`scripts/rush gpu`."""

import argparse
import shutil
import sys
from pathlib import Path

from ..basics.errors import RushError
from . import native, pack, report

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("memcheck", "racecheck")


def main(arguments: list[str], root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/rush gpu", description="Build module 22 for a GPU, check its kernels there."
    )
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--pack", action="store_true", help=f"copy the libraries that it takes into {pack.FOLDER}/")
    one.add_argument("--compile", action="store_true", help="build against the pack; needs no GPU")
    given = parser.parse_args(arguments)
    try:
        if given.pack:
            print(f"{pack.FOLDER}: {pack.pack(root) / 2**20:.1f} MiB")
            return 0
        return on_gpu(root) if not given.compile else compile_only(root)
    except RushError as error:
        print(f"rush: {error.message}", file=sys.stderr)
        if error.next_step:
            print(f"Next step: {error.next_step}", file=sys.stderr)
        return error.code


def compile_only(root: Path) -> int:
    native.check(root, needs_gpu=False)
    native.build(root, native.target_of(root))
    code, output = native.run_tests(root)
    print(output, end="")
    return 0 if code == native.SKIPPED else code


def on_gpu(root: Path) -> int:
    native.check(root, needs_gpu=True)
    native.build(root, native.target_of(root))
    checks = {"native": native.run_tests(root, options=("--times",))}
    times = report.times_in(checks["native"][1])
    if sanitizer := shutil.which("compute-sanitizer"):
        for name in TOOLS:
            checks[name] = native.run_tests(root, (sanitizer, "--tool", name, "--error-exitcode", "1"))
    for name, (code, output) in checks.items():
        print(f"{name}: {'passed' if code == 0 else f'status {code}'}")
        if code != 0:
            print(output, end="")
    report.write(root, {name: code for name, (code, _) in checks.items()}, times)
    return int(any(code != 0 for code, _ in checks.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
