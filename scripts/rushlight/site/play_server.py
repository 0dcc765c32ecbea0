"""Serves the built site to this machine alone, with the student's module in place of the reference's."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from .own_code import OwnCode

SCRIPT = b'<script src="/play.js" defer></script></head>'


class Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".wasm": "application/wasm", ".js": "text/javascript"}

    def __init__(self, code: OwnCode, script: Path, *arguments, **options) -> None:
        self.code, self.script = code, script
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/rushlight.wasm":
            self._send(self.code.module, "application/wasm")
        elif path == "/play.json":
            self._send(self.code.json(), "application/json")
        elif path == "/play.js":
            self._send(self.script.read_bytes(), "text/javascript")
        elif (page := self._page()) is not None:
            self._send(page.read_bytes().replace(b"</head>", SCRIPT, 1), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def _page(self) -> Path | None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() and urlsplit(self.path).path.endswith("/") else path
        return path if path.suffix == ".html" and path.is_file() else None

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Requests are nobody's news."""


def server(code: OwnCode, site: Path, script: Path, port: int) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, code, script, directory=str(site)))
