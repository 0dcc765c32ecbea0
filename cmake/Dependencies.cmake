# Every library comes from the distribution. A missing one stops the configure with one line that says what to install.

function(rushlight_require package debian_name)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "Rushlight needs ${package}. Install it:  sudo apt-get install ${debian_name}")
  endif()
endfunction()

macro(rushlight_need package debian_name)
  rushlight_require(${package} ${debian_name} ${ARGN})
  find_package(${package} ${ARGN} QUIET)  # again, for the variables: a function keeps its own
endmacro()

set(BLA_VENDOR OpenBLAS)  # without it xtensor-blas falls back to 1 GFLOP/s, silently
rushlight_need(BLAS libopenblas-dev)
rushlight_need(xtl libxtensor-dev)
rushlight_need(xsimd libxsimd-dev 8.1)
rushlight_need(xtensor libxtensor-dev 0.24)
rushlight_need(GTest libgtest-dev 1.12)
rushlight_need(fmt libfmt-dev 9.1)
rushlight_need(nlohmann_json nlohmann-json3-dev 3.11)
rushlight_need(CLI11 libcli11-dev 2.1)
rushlight_need(ZLIB zlib1g-dev 1.2.11)
rushlight_need(Threads build-essential)
rushlight_need(Python3 python3 3.11 COMPONENTS Interpreter)

find_path(RUSHLIGHT_XTENSOR_BLAS xtensor-blas/xlinalg.hpp)
if(NOT RUSHLIGHT_XTENSOR_BLAS)
  message(FATAL_ERROR "Rushlight needs xtensor-blas. Install it:  sudo apt-get install libxtensor-blas-dev")
endif()

# Optional: a module on ranks needs Open MPI's two programs and its library, and is absent without them.
# scripts/rushlight/course/systems.py looks for the same programs.
set(RUSHLIGHT_MPI OFF)
find_program(RUSHLIGHT_MPIRUN mpirun)
find_program(RUSHLIGHT_MPICXX mpicxx)
if(RUSHLIGHT_MPIRUN AND RUSHLIGHT_MPICXX)
  set(MPI_CXX_SKIP_MPICXX ON)
  find_package(MPI QUIET COMPONENTS CXX)
  set(RUSHLIGHT_MPI ${MPI_CXX_FOUND})
endif()
