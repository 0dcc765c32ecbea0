"""keep_run.py: what is kept of a run, and that one which missed its bar is not."""

import json

import keep_run
import pytest

from rushlight.basics.errors import RushError

SUMMARY = {
    "name": "mlp", "stack": "solution", "metrics": {"test_accuracy": 0.9}, "accepted": True, "bar": "test_accuracy >= 0.88",
    "options": {"quick": False}, "seconds": 12.5, "machine": "a computer",
}  # fmt: skip


def run_of(folder, summary):
    (folder / "summary.json").write_text(json.dumps(summary))
    events = [{"event": "progress", "step": 10}, {"event": "epoch", "epoch": 1, "test_accuracy": 0.9}, {"event": "result"}]
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def test_the_numbers_and_the_epochs_are_kept(tmp_path):
    kept = keep_run.kept(SUMMARY, run_of(tmp_path, SUMMARY))
    assert kept["command"] == "scripts/rush milestone mlp" and kept["metrics"] == {"test_accuracy": 0.9}
    assert kept["epochs"] == [{"epoch": 1, "test_accuracy": 0.9}]


def test_a_quick_run_says_so(tmp_path):
    summary = SUMMARY | {"options": {"quick": True}}
    assert keep_run.kept(summary, run_of(tmp_path, summary))["command"] == "scripts/rush milestone mlp --quick"


def test_a_run_that_missed_its_bar_is_refused(tmp_path):
    with pytest.raises(RushError, match="did not meet its bar"):
        keep_run.main([str(run_of(tmp_path, SUMMARY | {"accepted": False}))])


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RushError, match="no summary.json"):
        keep_run.main([str(tmp_path)])


def test_a_red_word_on_a_page_of_greys_stays_red(tmp_path):
    image = pytest.importorskip("PIL.Image")
    page = image.new("RGB", (256, 256))
    page.putdata([(x, x, x) for _ in range(256) for x in range(256)])
    page.paste((214, 39, 40), (100, 100, 130, 104))
    page.save(tmp_path / "page.png")
    keep_run.shrink(tmp_path / "page.png", tmp_path / "kept.png")
    red, green, _ = image.open(tmp_path / "kept.png").convert("RGB").getpixel((110, 102))
    assert red > green + 100
