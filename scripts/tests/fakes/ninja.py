"""A fake ninja: a test program is the text of the student files that it links; SYNTAX ERROR does not compile.

What is built to run under AddressSanitizer (..._debug) says so.
"""
import glob
import hashlib
import os
import re
import shutil
import struct
import sys

arguments = sys.argv[1:]
folder = arguments[arguments.index("-C") + 1]
root = os.path.dirname(os.path.dirname(folder))
dry = "-n" in arguments
if open(os.path.join(folder, "build.ninja")).read() != "# fake\n":
    print("ninja: error: build.ninja:1: expected '=', got identifier")
    sys.exit(1)
targets = [a for a in arguments if a == "launcher" or re.match(r"(test|milestone|profile|rl)_", a)]
cache = open(os.path.join(folder, "CMakeCache.txt")).read()
reference = re.search(r"RUSHLIGHT_REFERENCE:STRING=(.*)", cache)[1].split(";")


def read(path):
    with open(path) as stream:
        return stream.read()


def sources(key, stack):
    for module in sorted(os.listdir(os.path.join(root, "modules"))):
        number = module[:2]
        if key.isdigit() and number > key:
            continue
        borrowed = stack == "solution" or number in reference or (stack == "isolated" and number != key)
        where = "solutions" if borrowed else "modules"
        if borrowed and not os.path.exists(os.path.join(root, where)):
            yield from glob.glob(os.path.join(root, "reference", "*", f"{module}.a"))
            continue
        yield from sorted(glob.glob(os.path.join(root, where, module, "*.cpp")))


def names_of(path):
    with open(path, "rb") as stream:
        found = re.findall(rb"^[0-9a-f]{64} (.*)$", stream.read().partition(b"\0.rushlight")[0][64:], re.MULTILINE)
    return sorted(os.path.join(root, name.decode()) for name in found)


def program(text, files):
    """The text as an ELF file with one section, the record of what it was built from."""
    lines = (f"{hashlib.sha256(read(f).encode()).hexdigest()} {os.path.relpath(f, root)}\n" for f in sorted(files))
    record, names = "".join(lines).encode(), b"\0.rushlight.sources\0.names\0"
    parts, rows = [record, names], [bytes(64)]
    at = 64
    for name, part in zip((1, 20), parts):
        rows.append(struct.pack("<IIQQQQIIQQ", name, 1, 0, 0, at, len(part), 0, 0, 1, 0))
        at += len(part)
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, at, 0, 64, 0, 0, 64, 3, 2)
    return head + b"".join(parts) + b"".join(rows) + text.encode()


work, failed = [], set()
for target in targets:
    if target == "launcher":
        path, text = os.path.join(folder, "tests", "launcher"), None
        if not os.path.exists(path):
            work.append(target)
            if not dry:
                shutil.copy(shutil.which("launcher"), path)
        continue
    if target.startswith(("milestone_", "profile_")):
        path = os.path.join(folder, "milestones", target)
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy(os.path.join(root, "milestone-program"), path)
            os.chmod(path, 0o755)
        continue
    if target.startswith("rl_"):  # what the fake ar takes for a list of objects
        path = os.path.join(folder, "lib", f"lib{target}.a")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(f"{target}.o\n")
        with open(os.path.join(folder, "lib", f"{target}.o"), "w") as out:
            out.write(f"machine code of {target}\n")
        continue
    key, stack = target.split("_")[1:3]
    files = sorted(sources(key, stack))
    if not files or (key.isdigit() and not any(f"/{key}_" in f for f in files)):
        print(f"ninja: error: unknown target '{target}'")
        sys.exit(1)
    if os.path.exists(os.path.join(root, "disk-full")) and not dry:
        print("[1/9] Building CXX object x.o\nFAILED: x.o \n/usr/bin/c++ -o x.o -c " + files[0])
        print("/tmp/ccAb.s: fatal error: error writing to x.o: No space left on device\nninja: build stopped.")
        sys.exit(1)
    broken = [f for f in files if "SYNTAX ERROR" in read(f)]
    failed.update(broken)
    text = f"{target}\n" + "".join(read(f) for f in files)
    if target.endswith("_debug"):
        text += f"SANITIZED {files[-1]}:7\n"
    path = os.path.join(folder, "tests", target)
    # As the real one, it looks at dates, not at what the files hold.
    newest = max(map(os.path.getmtime, files))
    if broken or not os.path.exists(path) or os.path.getmtime(path) < newest or names_of(path) != files:
        work.append(target)
        if not dry and not broken:
            with open(path, "wb") as out:
                out.write(program(text, files))
            os.chmod(path, 0o755)

if dry:
    print("\n".join(work) or "ninja: no work to do.")
    sys.exit(0)
for number, file in enumerate(sorted(failed), 1):
    line = read(file).split("SYNTAX ERROR")[0].count("\n") + 1
    print(f"[{number}/9] Building CXX object x.o")
    print("FAILED: CMakeFiles/x.dir/x.o ")
    print(f"/usr/bin/c++ -O2 -o CMakeFiles/x.dir/x.o -c {file}")
    print(f"{file}: In function 'int rushlight::f(int)':")
    print(f"{file}:{line}:3: error: expected ';' before 'error' [-Wfatal]")
if failed:
    print("ninja: build stopped: cannot make progress due to previous errors.")
    sys.exit(1)
print("\n".join(f"[1/1] {target}" for target in work) or "ninja: no work to do.")
