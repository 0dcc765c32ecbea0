"""A milestone's program for the tests: a few lines of Python that report what a test wants."""

import json
import signal
import sys

import pytest

START = {"event": "start", "title": "XOR, 1969", "about": "Two layers do it.", "steps": 2}
STEPS = [{"event": "progress", "step": s, "steps": 2, "epoch": 1, "loss": 1.0 / s} for s in (1, 2)]
EPOCH = {"event": "epoch", "epoch": 1, "train_loss": 0.5}
PICTURES = [
    {"event": "picture", "kind": "decision", "grid": [[0, 1], [1, 0]], "extent": [0, 1, 0, 1], "points": [[0, 1, 1]]},
    {"event": "picture", "kind": "confusion", "matrix": [[3, 1], [0, 4]], "classes": ["coat", "shoe"]},
    {
        "event": "picture",
        "kind": "predictions",
        "images": [[0] * 784, [255] * 784],
        "labels": [0, 1],
        "predictions": [0, 0],
        "classes": ["coat", "shoe"],
    },
]


def result(accepted: bool) -> dict:
    return {"event": "result", "metrics": {"test_accuracy": 1.0}, "accepted": accepted, "bar": "test_accuracy >= 1"}


SPEAKS = """
import sys, json, os, signal, socket, time
channel = socket.socket(fileno=int(sys.argv[-1].partition("--channel=")[2]))
number = channel.recv(64)
out = sys.argv[sys.argv.index("--out") + 1]
def say(event):
    channel.send(number + json.dumps(event).encode() + b"\\n")
def predict(**answers):
    with open(out + "/predictions.json", "w") as file:
        json.dump(answers, file)
"""


@pytest.fixture
def program(course):
    """Makes the milestone's program report these events, print these lines and exit so."""

    def make(events: list, code: int = 0, extra: str = "") -> None:
        text = f"#!{sys.executable}\n{SPEAKS}"
        for event in events:
            text += f"print({event!r}, flush=True)\n" if isinstance(event, str) else f"say(json.loads({json.dumps(event)!r}))\n"
        course.write("milestone-program", text + f"{extra}\nsys.exit({code})\n")

    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "needs": "02"}))
    return make


def run_folder(course):
    (folder,) = (course.root / "runs").iterdir()
    return folder


@pytest.fixture
def heeds_ctrl_c():
    """As at a terminal. What a shell starts in the background ignores the signal, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


FORGED = json.dumps(result(True))
CHECKPOINT = "open(sys.argv[sys.argv.index('--out') + 1] + '/checkpoint.safetensors', 'w').close()"
