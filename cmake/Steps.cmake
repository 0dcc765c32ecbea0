# What stands in front of every call of the compiler and the linker (scripts/build_step.py): each object has a record of
# the files that it was built from, by digest, and each program carries all of them. The launcher compares. Students'
# files are compiled within rules and limits as well.

set(RUSHLIGHT_STEP ${Python3_EXECUTABLE} -S -E ${CMAKE_SOURCE_DIR}/scripts/build_step.py)
set(RUSHLIGHT_COMPILER_CACHE ${CMAKE_CXX_COMPILER_LAUNCHER})
set(CMAKE_CXX_COMPILER_LAUNCHER ${RUSHLIGHT_STEP} compile -- ${RUSHLIGHT_COMPILER_CACHE})
set(CMAKE_CXX_LINKER_LAUNCHER ${RUSHLIGHT_STEP} link --)

# Whatever is compiled from a student's file of module `number`, or from the reference's in its place: what holds for one
# holds for the other.
function(rushlight_within_rules target number)
  set_target_properties(${target} PROPERTIES
    CXX_COMPILER_LAUNCHER "${RUSHLIGHT_STEP};compile;--module;${number};--;${RUSHLIGHT_COMPILER_CACHE}")
endfunction()
