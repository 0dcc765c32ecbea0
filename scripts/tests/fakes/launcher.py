"""A fake launcher: the words in the test program decide."""
import json
import os
import re
import sys

words = [word for word in sys.argv[1:] if word != "--json"]
arguments = dict(zip(words[::2], words[1::2]))
exe, cases, only = arguments["--exe"], arguments["--cases"], arguments.get("--task")
with open(os.path.join(os.path.dirname(os.path.dirname(exe)), "launches.txt"), "a") as log:
    log.write(os.path.basename(exe) + (f":{only}" if only else "") + "\n")
with open(exe, errors="replace") as stream:
    text = stream.read()
if "LAUNCHER FAILS" in text:
    print("launcher: cannot make a folder", file=sys.stderr)
    sys.exit(2)

tasks = {}
for line in open(cases).read().split():
    match = re.search(r"[A-Za-z]+_(\d\d)(?:_(\d))?[/.]", line)
    task = match[1] + (f".{match[2]}" if match[2] else "")
    if only in (None, task):
        tasks.setdefault(task, []).append(line)

report = []
for task, names in sorted(tasks.items()):
    state, message, blocked = "pass", "", None
    if f"CRASH {task}" in text:
        state, message = "crash", "segmentation fault (SIGSEGV)"
        if place := re.search(r"SANITIZED (.+)", text):
            message = f"AddressSanitizer: heap-buffer-overflow\n    #0 0x55 in relu {place[1]}"
    elif f"SLOW {task}" in text:
        state, message = "crash", "ran longer than 10 s and was stopped (a loop that never ends?)"
    elif f"WRONG {task}" in text:
        state, message = "wrong", "expected 2, found 3"
    elif f'todo("{task}")' in text:
        state, message = "todo", f"todo {task}: not written yet"
    elif match := re.search(rf"NEEDS {task} (\d\d\.\d)", text):
        state, message, blocked = "todo", f"todo {match[1]}", match[1]
    waits = sorted(set(re.findall(rf"WAITS {task} (\d\d\.\d)", text))) or ([blocked] if blocked else [])
    details = [
        {"case": n, "state": state, "ms": 1, "message": message, "file": "tests/x/unit.cpp", "line": 12} for n in names
    ]
    counts = dict.fromkeys(("passed", "wrong", "crash", "todo", "missing"), 0)
    counts["passed" if state == "pass" else state] = len(names)
    if state == "pass" and waits and len(names) > 1:
        details[-1] |= {"state": "waits", "message": "\n".join(f"todo {each}: not written yet" for each in waits)}
        counts |= {"passed": len(names) - 1, "todo": 1}
    report.append(
        {"id": task, "state": state, "blocked_by": blocked, "waits_for": waits, "cases": len(names), **counts, "seconds": 0.01}
        | {"message": message, "details": details}
    )
print(json.dumps({"exe": exe, "tasks": report}))
