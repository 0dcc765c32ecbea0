# programs/NAME.cpp: what a command of the course runs on the modules, one executable per stack, built when asked for.
# programs/on_mpi/NAME.cpp: the same for the modules that stand on MPI, where they are.

function(rushlight_programs)
  rushlight_programs_in(programs ${RUSHLIGHT_LAST})
  if(RUSHLIGHT_ON_MPI)
    list(GET RUSHLIGHT_ON_MPI -1 number)
    rushlight_programs_in(programs/on_mpi ${number} CLI11::CLI11)
  endif()
endfunction()

# Linked with the modules up to `number`, and with what else is named.
function(rushlight_programs_in folder number)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    foreach(stack own solution)
      rushlight_stack(${stack} ${number} libraries)
      if(stack IN_LIST RUSHLIGHT_STACKS AND libraries)
        add_executable(${name}_${stack} EXCLUDE_FROM_ALL ${source})
        target_include_directories(${name}_${stack} PRIVATE ${CMAKE_SOURCE_DIR}/milestones)  # networks of common/
        target_link_libraries(${name}_${stack} PRIVATE ${libraries} nlohmann_json::nlohmann_json ${ARGN})
      endif()
    endforeach()
  endforeach()
endfunction()
