# From each modules/NN_name/module.json: one static library per implementation.
#   rl_NN_own   the student's files      rl_NN_ref   the reference (Reference.cmake says where it comes from)
#   rl_NN_given   what both stand on. It is in both archives, for programs that link those alone; in test programs its
#                 objects stand first, so that nobody can put something else in their place
#   rl_NN_own_debug   the student's files again, for `rush debug` and for the explanation of a crash
# The libraries do not depend on each other: an executable lists them N, N-1, ..., 1 and so chooses, for every
# module, whose code it runs. A dependency would let link order choose in silence.

file(GLOB manifests CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/modules ${CMAKE_SOURCE_DIR}/modules/*/module.json)
list(SORT manifests)
rushlight_find_reference()  # sets RUSHLIGHT_STACKS

# The strings of a JSON array at `key` of a module's manifest; empty when the key is absent.
function(rushlight_manifest_list folder key out)
  set(path ${CMAKE_SOURCE_DIR}/modules/${folder}/module.json)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} json)
  string(JSON count ERROR_VARIABLE missing LENGTH "${json}" ${key})
  set(items "")
  if(NOT missing AND count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON item GET "${json}" ${key} ${i})
      list(APPEND items ${item})
    endforeach()
  endif()
  set(${out} ${items} PARENT_SCOPE)
endfunction()

# The folders, in order. A module that stands on a library which this machine lacks ("system" in its manifest) is absent;
# what spans modules is linked with those that stand on nothing of the kind: up to RUSHLIGHT_LAST.
set(RUSHLIGHT_MODULES "")
set(RUSHLIGHT_LAST "")
set(RUSHLIGHT_ON_MPI "")
foreach(manifest IN LISTS manifests)
  get_filename_component(folder ${manifest} DIRECTORY)
  string(SUBSTRING ${folder} 0 2 number)
  rushlight_manifest_list(${folder} system system)
  if(NOT system)
    set(RUSHLIGHT_LAST ${number})
  elseif(NOT system STREQUAL mpi)
    message(FATAL_ERROR "modules/${folder}/module.json: \"system\" is '${system}', and only mpi is known.")
  elseif(NOT RUSHLIGHT_MPI)
    message(STATUS "Module ${folder} is left out: it needs Open MPI (sudo apt-get install libopenmpi-dev openmpi-bin).")
    continue()
  else()
    list(APPEND RUSHLIGHT_ON_MPI ${number})
  endif()
  list(APPEND RUSHLIGHT_MODULES ${folder})
endforeach()

# The module whose kernels make the others faster, as its manifest says.
set(RUSHLIGHT_KERNELS "")
foreach(folder IN LISTS RUSHLIGHT_MODULES)
  rushlight_manifest_list(${folder} provides provides)
  if(kernels IN_LIST provides)
    string(SUBSTRING ${folder} 0 2 RUSHLIGHT_KERNELS)
  endif()
endforeach()

# A module's library; further arguments are compiler options.
function(rushlight_library target folder sources)
  rushlight_bookkeeping_apart(${target} ${folder} "${sources}" sources ${ARGN})
  add_library(${target} STATIC ${sources})
  rushlight_module_options(${target} ${folder} ${ARGN})
endfunction()

# The same of what students write.
function(rushlight_written_library target folder sources)
  rushlight_library(${target} ${folder} "${sources}" ${ARGN})
  string(SUBSTRING ${folder} 0 2 number)
  foreach(part ${target} ${target}_bookkeeping)
    if(TARGET ${part} AND NOT RUSHLIGHT_SANITIZE)  # a sanitizer puts its own symbols into every object
      rushlight_within_rules(${part} ${number})
    endif()
  endforeach()
endfunction()

function(rushlight_module_options target folder)
  rushlight_interface(${folder} options headers)
  target_link_libraries(${target} PRIVATE ${options})
  target_precompile_headers(${target} REUSE_FROM ${headers})
  rushlight_lines_only(${target})
  target_compile_options(${target} PRIVATE ${ARGN})
  string(SUBSTRING ${folder} 0 2 number)
  if(number IN_LIST RUSHLIGHT_ON_MPI)
    target_include_directories(${target} SYSTEM PRIVATE ${MPI_CXX_INCLUDE_DIRS})
  endif()
endfunction()

# With or without xtensor: the options that a module's files are compiled with, and their precompiled headers.
function(rushlight_interface folder options headers)
  rushlight_manifest_list(${folder} xtensor xtensor)
  if(xtensor)
    string(SUBSTRING ${folder} 0 2 number)
    set(${options} rl_xtensor PARENT_SCOPE)
    set(${headers} pch_${number}_xtensor PARENT_SCOPE)
  else()
    set(${options} rl_options PARENT_SCOPE)
    set(${headers} pch_core PARENT_SCOPE)
  endif()
endfunction()

# Not optimised, so that gdb sees every variable, and under AddressSanitizer. Built when somebody asks for it. It has no
# precompiled header: those of the others are of no use under a sanitizer.
function(rushlight_debug_library number folder sources)
  rushlight_interface(${folder} options headers)
  add_library(rl_${number}_own_debug STATIC EXCLUDE_FROM_ALL ${sources})
  if(number IN_LIST RUSHLIGHT_ON_MPI)
    target_include_directories(rl_${number}_own_debug SYSTEM PRIVATE ${MPI_CXX_INCLUDE_DIRS})
  endif()
  target_link_libraries(rl_${number}_own_debug PRIVATE ${options})
  target_compile_options(rl_${number}_own_debug PRIVATE -O0 -fsanitize=address -fno-omit-frame-pointer)
endfunction()

# In the place of a file that is missing, one that stops the build of what needs it, by name: the configuration goes on.
# (GENERATED would do so too, and let the target `clean` delete what students wrote.) The glob, which every build looks at,
# notices when one goes or comes back.
function(rushlight_present_or_error folder files out)
  file(GLOB present CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/modules/${folder}/*.cpp)
  foreach(file IN LISTS files)
    if(NOT EXISTS ${file})
      cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE name)
      set(file ${CMAKE_BINARY_DIR}/missing/${name})
      file(CONFIGURE OUTPUT ${file} CONTENT "#error ${name} is missing\n")
    endif()
    list(APPEND present_or_error ${file})
  endforeach()
  set(${out} ${present_or_error} PARENT_SCOPE)
endfunction()

function(rushlight_modules)
  foreach(folder IN LISTS RUSHLIGHT_MODULES)
    string(SUBSTRING ${folder} 0 2 number)
    rushlight_manifest_list(${folder} files files)
    rushlight_manifest_list(${folder} given given)
    list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/modules/${folder}/ OUTPUT_VARIABLE own)
    list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/solutions/${folder}/ OUTPUT_VARIABLE reference)
    list(TRANSFORM given PREPEND ${CMAKE_SOURCE_DIR}/modules/${folder}/)
    set(given_objects "")
    if(given)
      rushlight_library(rl_${number}_given ${folder} "${given}")
      list(GET RUSHLIGHT_MODULES 0 first)
      if(folder STREQUAL first)
        rushlight_few_compilations(rl_${number}_given)  # the first verdict of all waits for them
      endif()
      set(given_objects $<TARGET_OBJECTS:rl_${number}_given>)
    endif()
    rushlight_present_or_error(${folder} "${own}" own)
    # A blank uses none of its parameters. A forgotten return would crash somewhere else.
    rushlight_written_library(rl_${number}_own ${folder} "${own};${given_objects}" -Wall -Wno-unused -Werror=return-type)
    rushlight_debug_library(${number} ${folder} "${own};${given}")
    rushlight_reference(${number} ${folder} "${reference};${given_objects}")
  endforeach()
endfunction()

# What `stack` links for an executable of module `number`: the given objects, the libraries, N down to 1, and what they
# stand on. Empty where it needs the reference of a module that has none here. Further arguments: these modules alone.
function(rushlight_stack stack number out)
  set(libraries "")
  set(given "")
  set(system "")
  foreach(folder IN LISTS RUSHLIGHT_MODULES)
    string(SUBSTRING ${folder} 0 2 each)
    if(each STRGREATER number)
      break()
    elseif(each IN_LIST RUSHLIGHT_ON_MPI AND NOT each STREQUAL number)
      continue()  # nobody else stands on it
    elseif(ARGN AND NOT each IN_LIST ARGN)
      continue()
    endif()
    set(mine own)
    if(stack STREQUAL solution OR each IN_LIST RUSHLIGHT_REFERENCE OR (stack STREQUAL isolated AND NOT each STREQUAL number))
      set(mine ref)
    endif()
    if(NOT TARGET rl_${each}_${mine})
      set(${out} "" PARENT_SCOPE)
      return()
    endif()
    list(PREPEND libraries rl_${each}_${mine})
    if(TARGET rl_${each}_given)
      list(APPEND given $<TARGET_OBJECTS:rl_${each}_given>)
    endif()
    if(each IN_LIST RUSHLIGHT_ON_MPI)
      set(system ${MPI_CXX_LIBRARIES})
    endif()
  endforeach()
  set(${out} ${given} ${libraries} ${system} rl_options BLAS::BLAS ZLIB::ZLIB Threads::Threads PARENT_SCOPE)
endfunction()
