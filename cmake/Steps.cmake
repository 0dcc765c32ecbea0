# What stands in front of every call of the compiler and the linker (scripts/build_step.py): each object has a record of
# the files that it was built from, by digest, and each program carries all of them. The launcher compares. Students'
# files are compiled within rules and limits as well.

# The interpreter itself: what is found may be a script that looks for it, which every step would pay for.
execute_process(COMMAND ${Python3_EXECUTABLE} -S -E -c "import sys; print(sys.executable)"
                OUTPUT_VARIABLE RUSHLIGHT_PYTHON OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(RUSHLIGHT_STEP ${RUSHLIGHT_PYTHON} -S -E ${CMAKE_SOURCE_DIR}/scripts/build_step.py)
set(RUSHLIGHT_COMPILER_CACHE ${CMAKE_CXX_COMPILER_LAUNCHER})  # empty without one
set(CMAKE_CXX_COMPILER_LAUNCHER ${RUSHLIGHT_STEP} compile --)
list(APPEND CMAKE_CXX_COMPILER_LAUNCHER ${RUSHLIGHT_COMPILER_CACHE})
set(CMAKE_CXX_LINKER_LAUNCHER ${RUSHLIGHT_STEP} link --)

# Whatever is compiled from a student's file of module `number`, or from the reference's in its place: what holds for one
# holds for the other.
function(rushlight_within_rules target number)
  set(step ${RUSHLIGHT_STEP} compile --module ${number} --)
  list(APPEND step ${RUSHLIGHT_COMPILER_CACHE})
  set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${step}")
endfunction()
