"""Runs inside gdb, when the failing test has stopped: where that is, and how to go on.

gdb reads this with its own Python; `rush_task` was set before (gdb.py): the student's files, and the places where the
task's functions begin.
"""

import gdb

FRAMES = 12
NUMBERS = 8  # of an Array


def sizes_of(shape):
    return [int(shape["sizes_"]["_M_elems"][axis]) for axis in range(int(shape["rank_"]))]


def shape_text(shape):
    sizes = sizes_of(shape)
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(map(str, sizes))})"


def array_text(array):
    block = array["buffer_"]["_M_ptr"]
    if int(block) == 0:
        return "no Array at all"
    count = int(block["count"])
    numbers = [f"{float(block['data'][place]):.6g}" for place in range(min(count, NUMBERS))]
    return f"Array{shape_text(array['shape_'])} [{', '.join(numbers)}{', …' if count > NUMBERS else ''}]"


def tensor_text(tensor):
    state = tensor["state_"]["_M_ptr"]
    return "no Tensor at all" if int(state) == 0 else f"Tensor of {array_text(state['value'])}"


TEXTS = {"rushlight::Array": array_text, "rushlight::Tensor": tensor_text, "rushlight::Shape": shape_text}


class Printer:
    def __init__(self, value, text):
        self.value, self.text = value, text

    def to_string(self):
        return self.text(self.value)


def printer_of(value):
    kind = value.type.target() if value.type.code == gdb.TYPE_CODE_REF else value.type
    text = TEXTS.get(kind.unqualified().strip_typedefs().name)
    return Printer(value.referenced_value() if kind is not value.type else value, text) if text else None


def frames():
    frame = gdb.newest_frame()
    while frame is not None:
        yield frame
        frame = frame.older()


def file_of(frame):
    table = frame.find_sal().symtab
    return table.filename if table is not None else ""


def students_frame(files):
    return next((frame for frame in frames() if file_of(frame).endswith(files)), None)


def show_callers():
    """The course's own frames: those of the standard library and of gtest between them say nothing."""
    ours = [frame for frame in frames() if file_of(frame).startswith(("modules/", "solutions/", "tests/"))]
    print("\nWho called whom, the innermost first (backtrace shows every frame):")
    for frame in ours[:FRAMES]:
        print(f"  {file_of(frame)}:{frame.find_sal().line}  {frame.name() or 'a lambda'}")
    if len(ours) > FRAMES:
        print(f"  … and {len(ours) - FRAMES} more")


def show_stop(files):
    if gdb.selected_thread() is None:
        print("\nThe test came to its end without stopping.")
        return
    show_callers()
    frame = students_frame(tuple(files))
    if frame is None:
        print("\nNone of these frames is in a file of yours: a value was wrong when the test looked at it.")
        return
    frame.select()
    print("\nThe innermost frame in a file of yours, and its variables:")
    gdb.execute("frame")
    gdb.execute("info locals")


def set_breakpoints(places):
    print()
    for place in places:
        gdb.Breakpoint(place)


def explain(places):
    stops = "stops where your function begins" if places else "stops at the failure again"
    print(f"""
Four commands take you far:
  run        starts the test anew, and {stops}
  next       goes one line on (step goes into what the line calls)
  print x    shows a variable; of an Array or a Tensor its shape and first numbers
  up         goes to whoever called this (down comes back)
quit ends it.""")


gdb.execute("set pagination off")
gdb.execute("set confirm off")
gdb.pretty_printers.append(printer_of)
show_stop(rush_task["files"])  # noqa: F821  set by gdb.py
set_breakpoints(rush_task["places"])  # noqa: F821
explain(rush_task["places"])  # noqa: F821
