# What makes a saved file come to its verdict quickly, and changes nothing else: a build without this file gives the
# same verdicts, later. `rush bench loop` measures it.

find_program(RUSHLIGHT_MOLD mold)
find_program(RUSHLIGHT_CCACHE ccache)
if(RUSHLIGHT_CCACHE)
  # Precompiled headers need these sloppiness settings. With a base folder, another copy of the course (a clone, the
  # students' tree) finds what this one compiled; errors keep their full paths. And they need depend mode: without it, a
  # header in which a comment has changed gets the precompiled one from before. That knows the old text by its checksum,
  # so #pragma once does not recognise the new one: "redefinition of" whatever stands in it. The namespace leaves behind
  # what was cached so.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1 CCACHE_NAMESPACE=rushlight
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_ABSSTDERR=1 ${RUSHLIGHT_CCACHE})
endif()

# An archive that lists its objects instead of holding copies, index included: one process for each, instead of two, and
# nothing to copy whenever a file is saved.
set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_AR> qcs --thin <TARGET> <LINK_FLAGS> <OBJECTS>")
set(CMAKE_CXX_ARCHIVE_FINISH "")

# A linker that takes a fraction of a second, and the precompiled headers of the modules, as their manifests name them:
#   pch_NN_xtensor   what a module's own files see of xtensor        pch_core   what all modules without xtensor include
function(rushlight_edit_loop)
  if(RUSHLIGHT_MOLD)
    target_link_options(rl_options INTERFACE -fuse-ld=mold)
  endif()
  set(core "")
  foreach(folder IN LISTS RUSHLIGHT_MODULES)
    string(SUBSTRING ${folder} 0 2 number)
    rushlight_manifest_list(${folder} xtensor headers)
    if(headers)
      list(TRANSFORM headers PREPEND ${folder}/)
      rushlight_precompiled(pch_${number}_xtensor rl_xtensor ${headers})
      rushlight_lines_only(pch_${number}_xtensor)
    endif()
    rushlight_manifest_list(${folder} precompiled headers)
    list(TRANSFORM headers PREPEND ${folder}/)
    list(APPEND core ${headers})
  endforeach()
  rushlight_precompiled(pch_core rl_options ${core} <algorithm> <cmath> <map> <set>)
  rushlight_lines_only(pch_core)
endfunction()

# Headers that never change, parsed once. Reuse needs a target that owns them.
function(rushlight_precompiled name options)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE ${options})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/modules ${CMAKE_SOURCE_DIR}/tests)
  list(TRANSFORM ARGN REPLACE "^([0-9a-z].*)$" "\"\\1\"")
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

# Whatever is optimised: gdb and crash reports name its functions and lines; its variables are mostly gone anyway, and
# leaving them out saves each build of a saved file a fifth of a second. Full in tests and in the libraries for gdb.
function(rushlight_lines_only target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-g1>)
endfunction()

# A module's bookkeeping, as its manifest calls the files in which no training step spends its time (names, graphs,
# files, text), is compiled with -Og: that takes the compiler two thirds of the time. What is in `sources` of it becomes
# objects of their own; `out` is what the library is then made of. Further arguments are compiler options.
function(rushlight_bookkeeping_apart target folder sources out)
  rushlight_manifest_list(${folder} bookkeeping names)
  set(bookkeeping ${sources})
  list(JOIN names "|" pattern)
  string(REPLACE "." "[.]" pattern "/(${pattern})$")
  list(FILTER bookkeeping INCLUDE REGEX "${pattern}")
  if(names AND bookkeeping)
    list(REMOVE_ITEM sources ${bookkeeping})
    add_library(${target}_bookkeeping OBJECT ${bookkeeping})
    rushlight_module_options(${target}_bookkeeping ${folder} ${ARGN} $<$<CONFIG:RelWithDebInfo>:-Og>)
    list(APPEND sources $<TARGET_OBJECTS:${target}_bookkeeping>)
  endif()
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# What is tested is optimised. The tests are compiled far more often than they run, and -O2 doubles that time; -Og takes
# no longer than -O0 and makes tests that compute much a third faster.
function(rushlight_tests_compile_quickly target)
  target_compile_options(${target} PRIVATE -Og)
endfunction()
