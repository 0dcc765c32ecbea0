"""A fake cmake: writes the files of a build folder that the command line looks at."""
import glob
import json
import os
import sys

root = os.getcwd()
preset = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "student"
folder = os.path.join(root, "build", preset)
reference = next((a.split("=", 1)[1] for a in sys.argv if a.startswith("-DRUSHLIGHT_REFERENCE=")), "")
if os.path.exists(os.path.join(root, "break-configure")):
    print("CMake Error at cmake/Dependencies.cmake:6 (message):")
    print("  Rushlight needs xtensor.  Install it: sudo apt-get install libxtensor-dev")
    print("Call Stack (most recent call first):\n  CMakeLists.txt:3 (include)\n")
    sys.exit(1)
os.makedirs(os.path.join(folder, "tests"), exist_ok=True)
with open(os.path.join(folder, "CMakeCache.txt"), "w") as out:
    out.write(f"CMAKE_HOME_DIRECTORY:INTERNAL={root}\nRUSHLIGHT_REFERENCE:STRING={reference}\n")
with open(os.path.join(folder, "build.ninja"), "w") as out:
    out.write("# fake\n")
with open(os.path.join(folder, "reference.txt"), "w") as out:
    out.write("GNU 12.2.0 fmt 9.1.0\n")
sources = [os.path.join(root, path) for path in sorted(glob.glob("*/[0-9][0-9]_*/*.cpp", root_dir=root))]
with open(os.path.join(folder, "compile_commands.json"), "w") as out:
    json.dump([{"directory": folder, "command": f"true -o x {path}", "file": path} for path in sources], out)
with open(os.path.join(folder, "configured.txt"), "a") as out:
    out.write(" ".join(sys.argv[1:]) + "\n")
