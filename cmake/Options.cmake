# What every target of ours is compiled with, on two interface targets: nothing is set globally.
#   rl_options   everything
#   rl_xtensor   module 01 alone: xtensor with SIMD, for all of its files or for none (it changes types)

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

function(rushlight_options)
  add_library(rl_options INTERFACE)
  target_include_directories(rl_options INTERFACE ${CMAKE_SOURCE_DIR}/modules)
  target_link_libraries(rl_options INTERFACE fmt::fmt xsimd)
  # Errno and floating-point traps are not looked at here, and without them loops over exp and sqrt vectorise.
  target_compile_options(rl_options INTERFACE -fno-math-errno -fno-trapping-math -fvect-cost-model=dynamic)
  # Debug information and __FILE__ name files as seen from the course's folder, wherever that is. The compiler is given
  # full paths; from ccache, those as seen from the build folder.
  cmake_path(RELATIVE_PATH CMAKE_SOURCE_DIR BASE_DIRECTORY ${CMAKE_BINARY_DIR} OUTPUT_VARIABLE root)
  target_compile_options(rl_options INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${root}/=
                                              -ffile-prefix-map=${CMAKE_BINARY_DIR}=.)
  if(RUSHLIGHT_REAL STREQUAL double)
    target_compile_definitions(rl_options INTERFACE RUSHLIGHT_DOUBLE)
  elseif(NOT RUSHLIGHT_REAL STREQUAL float)
    message(FATAL_ERROR "RUSHLIGHT_REAL is '${RUSHLIGHT_REAL}': it must be float or double.")
  endif()
  if(RUSHLIGHT_CHECKS)
    target_compile_definitions(rl_options INTERFACE XTENSOR_ENABLE_ASSERT _GLIBCXX_ASSERTIONS)
  endif()
  if(RUSHLIGHT_NATIVE)
    target_compile_options(rl_options INTERFACE -march=native)
    include(CheckCXXCompilerFlag)
    check_cxx_compiler_flag(-mprefer-vector-width=512 RUSHLIGHT_WIDE_VECTORS)
    if(RUSHLIGHT_WIDE_VECTORS)  # where there are any: g++ uses half of their width unless told
      target_compile_options(rl_options INTERFACE -mprefer-vector-width=512)
    endif()
  endif()
  if(RUSHLIGHT_SANITIZE)
    target_compile_options(rl_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                                                -fno-omit-frame-pointer)
    target_link_options(rl_options INTERFACE -fsanitize=address,undefined)
  endif()
  if(RUSHLIGHT_MOLD)
    target_link_options(rl_options INTERFACE -fuse-ld=mold)
  endif()

  add_library(rl_xtensor INTERFACE)
  target_link_libraries(rl_xtensor INTERFACE rl_options xtensor xsimd)
  if(RUSHLIGHT_REAL STREQUAL float)  # in double, xsimd's erf is 68 ulp off and its log wrong below 1e-308
    target_compile_definitions(rl_xtensor INTERFACE XTENSOR_USE_XSIMD)
  endif()

  if(RUSHLIGHT_NATIVE)  # g++ 12 suspects its own AVX-512 header of using what it left uninitialised (its bug 105593)
    target_compile_options(rl_xtensor INTERFACE -Wno-maybe-uninitialized)
  endif()

  # Headers that never change, parsed once. Reuse needs a target that owns them.
  rushlight_precompiled(pch_xtensor rl_xtensor "01_tensor/views.hpp")
  rushlight_precompiled(pch_core rl_options "01_tensor/tensor.hpp" <algorithm> <cmath> <map> <set>)
  rushlight_lines_only(pch_xtensor)
  rushlight_lines_only(pch_core)
endfunction()

# Whatever is optimised: gdb and crash reports name its functions and lines; its variables are mostly gone anyway, and
# leaving them out saves each build of a saved file a fifth of a second. Full in tests and in the libraries for gdb.
function(rushlight_lines_only target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-g1>)
endfunction()

function(rushlight_precompiled name options)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE ${options})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/modules ${CMAKE_SOURCE_DIR}/tests)
  list(TRANSFORM ARGN REPLACE "^([0-9a-z].*)$" "\"\\1\"")
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()
