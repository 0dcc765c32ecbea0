# What every target of ours is compiled with, on two interface targets: nothing is set globally.
#   rl_options   everything
#   rl_xtensor   modules whose manifest says "xtensor": with SIMD, for all of its files or for none (it changes types)

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
  if(RUSHLIGHT_SANITIZE STREQUAL thread)
    target_compile_options(rl_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(rl_options INTERFACE -fsanitize=thread)
  elseif(RUSHLIGHT_SANITIZE)
    target_compile_options(rl_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                                                -fno-omit-frame-pointer)
    target_link_options(rl_options INTERFACE -fsanitize=address,undefined)
  endif()

  add_library(rl_xtensor INTERFACE)
  target_link_libraries(rl_xtensor INTERFACE rl_options xtensor xsimd)
  if(RUSHLIGHT_REAL STREQUAL float)  # in double, xsimd's erf is 68 ulp off and its log wrong below 1e-308
    target_compile_definitions(rl_xtensor INTERFACE XTENSOR_USE_XSIMD)
  endif()
  if(RUSHLIGHT_NATIVE)  # g++ 12 suspects its own AVX-512 header of using what it left uninitialised (its bug 105593)
    target_compile_options(rl_xtensor INTERFACE -Wno-maybe-uninitialized)
  endif()
endfunction()

# For files that students are given, tests among them: up to eight in one compilation, since each spends most of its time
# on the headers (of the 2.5 s that a test took alone, 2.0 went before its first line). Names in them must differ.
function(rushlight_few_compilations target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8 UNITY_BUILD_UNIQUE_ID RUSHLIGHT_FILE)
endfunction()
