# -DRUSHLIGHT_CUDA=ON: module 22's kernels once more, compiled by nvcc for GPUs, and a program that checks them on one. Off,
# nobody needs nvcc: the emulator compiles the same files with g++. A source file has one language per folder, so the
# native build has a folder of its own.

option(RUSHLIGHT_CUDA "module 22 for a GPU too, with nvcc" OFF)

function(rushlight_cuda)
  if(NOT RUSHLIGHT_CUDA)
    return()
  endif()
  find_program(RUSHLIGHT_NVCC nvcc HINTS /usr/local/cuda/bin)
  if(NOT RUSHLIGHT_NVCC)
    message(FATAL_ERROR "RUSHLIGHT_CUDA is on, but there is no nvcc. Install the CUDA toolkit, or leave it off.")
  endif()
  if(NOT RUSHLIGHT_REAL STREQUAL float)
    message(FATAL_ERROR "RUSHLIGHT_CUDA is on: the native build computes in float, not in ${RUSHLIGHT_REAL}.")
  endif()
  add_subdirectory(${CMAKE_SOURCE_DIR}/tests/cuda_native)
endfunction()
