"""Runs inside gdb, when the failing test has stopped: where that is, and how to go on.

gdb reads this with its own Python; `rush_task` was set before (gdb.py): the student's files, and the places where the
task's functions begin.
"""

import gdb

FRAMES = 12


def students_frame(files):
    frame = gdb.newest_frame()
    while frame is not None:
        table = frame.find_sal().symtab
        if table is not None and any(table.filename.endswith(name) for name in files):
            return frame
        frame = frame.older()
    return None


def show_stop(files):
    if gdb.selected_thread() is None:
        print("\nThe test came to its end without stopping.")
        return
    print("\nWho called whom, the innermost first:")
    gdb.execute(f"backtrace -frame-arguments scalars -frame-info location {FRAMES}")
    frame = students_frame(files)
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
  print x    shows a variable; print rushlight::to_string(x) an Array's or a Tensor's numbers
  up         goes to whoever called this (down comes back)
quit ends it.""")


gdb.execute("set pagination off")
gdb.execute("set confirm off")
show_stop(rush_task["files"])  # noqa: F821  set by gdb.py
set_breakpoints(rush_task["places"])  # noqa: F821
explain(rush_task["places"])  # noqa: F821
