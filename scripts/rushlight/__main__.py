"""Entry point: `python -m rushlight`, normally through scripts/rush."""

import sys


def main() -> int:
    try:
        from .cli import run
    except ImportError as error:
        print(f"rush: Python cannot import {error.name}.\nNext step: scripts/rush setup", file=sys.stderr)
        return 2
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
