"""File digests, remembered, so that what did not change need not be read again."""

import json
import time
from pathlib import Path

from ..basics.files import read_json_or, sha256, write_atomic

JUST_NOW = 100_000_000  # ns; a second change so soon could leave all times as they were


class Digests:
    """Remembered by size, inode and both times: nobody can set back the time of the last change of state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        stored = read_json_or(path, {})
        self.known: dict[str, list] = stored if isinstance(stored, dict) else {}
        self.changed = False

    def of(self, path: Path) -> str:
        stat = path.stat()
        stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        entry = self.known.get(str(path))
        if isinstance(entry, list) and len(entry) == 5 and entry[:4] == stamp:
            return str(entry[4])
        digest = sha256(path)
        if time.time_ns() - stat.st_ctime_ns > JUST_NOW:
            self.known[str(path)] = [*stamp, digest]
            self.changed = True
        return digest

    def save(self) -> None:
        """As far as the disk allows: without them everything is only slower."""
        if not self.changed:
            return
        try:
            write_atomic(self.path, json.dumps(self.known))
        except OSError:
            return
        self.changed = False
