"""How a milestone looks while it runs: a progress bar on a terminal, plain lines when piped, nothing with --json."""

from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from ..basics.text import spelt_out
from .channel import Event
from .run import Run


class View(Protocol):
    def event(self, event: Event) -> None: ...
    def text(self, line: str) -> None: ...
    def close(self) -> None: ...


class Silent:
    def event(self, event: Event) -> None:
        pass

    def text(self, line: str) -> None:
        pass

    def close(self) -> None:
        pass


class Plain:
    def __init__(self, console: Console) -> None:
        self.console = console

    def event(self, event: Event) -> None:
        if event["event"] == "start":
            self.console.print(Text(str(event.get("title", "")), style="bold"))
            self.console.print(Text(str(event.get("about", ""))))
            if event.get("resumes") is False:
                self.console.print(Text("Once stopped it cannot go on: the next run of it begins anew."))
        elif event["event"] == "epoch":
            self.console.print(Text(describe_epoch(event)))
        elif event["event"] == "sample":
            self.console.print(Text(f"sample, temperature {event.get('temperature', 1)}:", style="bold"))
            self.console.print(Text(spelt_out(str(event.get("text", "")))))
        elif event["event"] == "report":
            self.console.print(Text(spelt_out(str(event.get("text", "")))))

    def text(self, line: str) -> None:
        self.console.print(Text.assemble(("| ", "dim"), line))  # whatever it looks like: the program's own output

    def close(self) -> None:
        pass


class Live(Plain):
    """Plain, with a bar that counts steps."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        super().__init__(console)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        self.progress = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True)
        self.bar = self.progress.add_task("starting", total=None)
        self.progress.start()

    def event(self, event: Event) -> None:
        super().event(event)
        if event["event"] == "start" and isinstance(event.get("steps"), int):
            self.progress.update(self.bar, total=event["steps"], description="training")
        if event["event"] == "progress":
            phase, epoch, loss = event.get("phase"), event.get("epoch"), event.get("loss")
            words = (f"{phase}, " if phase else "") + (f"epoch {epoch}" if epoch is not None else "training")
            words += f"  loss {loss:.4f}" if isinstance(loss, (int, float)) else ""
            self.progress.update(
                self.bar, completed=event.get("step", 0), total=event.get("steps"), description=words
            )

    def close(self) -> None:
        self.progress.stop()


def make_view(console: Console, quiet: bool) -> View:
    if quiet:
        return Silent()
    return Live(console) if console.is_terminal else Plain(console)


def describe_epoch(event: Event) -> str:
    values = [f"{key.replace('_', ' ')} {number(value)}" for key, value in event.items() if key not in ("event", "epoch")]
    return f"epoch {event.get('epoch', '?')}: {', '.join(values)}"


def number(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if value == 0 or abs(value) >= 1e-3 else f"{value:.2e}"


def show_result(console: Console, run: Run) -> None:
    result = run.last("result")
    for name, value in run.metrics.items():
        console.print(Text.assemble(f"{name.replace('_', ' ')}: ", (number(value), "bold")))
    if run.recounted and not run.disbelieved:
        console.print(Text("accuracy counted again from its predictions: the same"))
    if result:
        bar = result.get("bar", "")
        words, colour = ("met", "green") if run.accepted else ("does not count for" if run.disbelieved else "missed", "red")
        if run.interrupted and words == "missed":
            words, colour = "stopped early: no verdict on", "yellow"
        console.print(Text.assemble((f"{words} its bar", colour), f" ({bar})" if bar else ""))
        if run.options["control"]:
            console.print(Text("This was the negative control: it is meant to miss the bar."))


def show_folder(console: Console, run: Run) -> None:
    listing = ", ".join(sorted(path.name for path in run.folder.iterdir()))
    console.print(Text.assemble("run folder: ", (str(run.folder), "cyan"), f"  ({listing})"))
