"""The program that CMake puts in front of every call of the compiler and the linker (cmake/Steps.cmake)."""

import sys

from rushlight.steps.main import main

sys.exit(main(sys.argv[1:]))
