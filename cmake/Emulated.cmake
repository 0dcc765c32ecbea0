# The earlier modules' suites once more, with every array on the emulated device: the test objects, compiled once, call other
# functions in the place of those that make arrays and look into them (tests/support/emulated). A suite is in where
# tests/<folder>/cpu_only.txt is; the cases that this file names stay out, each under its
# reason. Not 08 and 10: data sets and tokenizers make no use of a device.

set(RUSHLIGHT_EMULATED "")
if(EXISTS ${CMAKE_SOURCE_DIR}/solutions AND RUSHLIGHT_REAL STREQUAL float AND NOT RUSHLIGHT_SANITIZE)
  set(RUSHLIGHT_EMULATED ${CMAKE_BINARY_DIR}/emulated)
endif()

# `objects` with the calls renamed, as an archive.
function(rushlight_on_device archive objects)
  add_custom_command(OUTPUT ${archive}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/support/emulated/rename ${archive} $<TARGET_OBJECTS:tests_emulated> ${objects}
    DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/emulated/rename tests_emulated $<TARGET_OBJECTS:tests_emulated> ${objects}
    COMMAND_EXPAND_LISTS VERBATIM)
endfunction()

function(rushlight_emulated_support)
  if(NOT RUSHLIGHT_EMULATED)
    return()
  endif()
  add_custom_target(emulated)
  add_library(tests_emulated OBJECT ${CMAKE_SOURCE_DIR}/tests/support/emulated/arrays.cpp)
  rushlight_test_options(tests_emulated)
  rushlight_on_device(${RUSHLIGHT_EMULATED}/support.a $<TARGET_OBJECTS:tests_support>)
  add_custom_target(emulated_support DEPENDS ${RUSHLIGHT_EMULATED}/support.a)
endfunction()

# Lines of cases.txt without those that cpu_only.txt names; * stands for anything.
function(rushlight_emulated_cases folder out)
  set(list ${CMAKE_SOURCE_DIR}/tests/${folder}/cases.txt)
  set(apart ${CMAKE_SOURCE_DIR}/tests/${folder}/cpu_only.txt)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list} ${apart})
  file(STRINGS ${list} cases)
  file(STRINGS ${apart} cpu_only REGEX "^[A-Z*]")
  foreach(name IN LISTS cpu_only)
    string(REPLACE "." "[.]" pattern ${name})
    string(REPLACE "*" ".*" pattern ${pattern})
    list(LENGTH cases before)
    list(FILTER cases EXCLUDE REGEX "^${pattern}$")
    list(LENGTH cases after)
    if(before EQUAL after)
      message(FATAL_ERROR "tests/${folder}/cpu_only.txt: there is no case '${name}'.")
    endif()
  endforeach()
  list(JOIN cases "\n" text)
  set(${out} ${RUSHLIGHT_EMULATED}/${folder}.txt PARENT_SCOPE)
  file(CONFIGURE OUTPUT ${RUSHLIGHT_EMULATED}/${folder}.txt CONTENT "${text}\n")
endfunction()

function(rushlight_emulated_suite folder name)
  if(NOT RUSHLIGHT_EMULATED OR NOT EXISTS ${CMAKE_SOURCE_DIR}/tests/${folder}/cpu_only.txt)
    return()
  endif()
  set(archive ${RUSHLIGHT_EMULATED}/${name}.a)
  rushlight_on_device(${archive} $<TARGET_OBJECTS:tests_${name}>)
  add_custom_target(emulated_${name} DEPENDS ${archive})
  set(target test_${name}_emulated)
  rushlight_stack(solution ${RUSHLIGHT_LAST} libraries)
  add_executable(${target} EXCLUDE_FROM_ALL $<TARGET_OBJECTS:tests_emulated>)
  target_link_libraries(${target} PRIVATE -Wl,--whole-archive ${archive} -Wl,--no-whole-archive
    ${RUSHLIGHT_EMULATED}/support.a rl_channel GTest::gtest ${libraries})
  target_link_options(${target} PRIVATE -Wl,--wrap=_ZN9rushlight6TensorC1ERKNS_5ArrayEb)  # leaf() in arrays.cpp
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests
    LINK_DEPENDS "${archive};${RUSHLIGHT_EMULATED}/support.a")
  add_dependencies(${target} emulated_${name} emulated_support)
  add_dependencies(emulated ${target} launcher)
  rushlight_emulated_cases(${folder} cases)
  list(APPEND RUSHLIGHT_LAUNCHER_OPTIONS --timeout 60)  # an emulated thread is no thread of a GPU
  rushlight_ctest_entries(${folder} ${target} emulated ${cases})
endfunction()
