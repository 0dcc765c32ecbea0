# site/wasm: what the live widgets of the site ask of the modules, compiled for this machine. `rush site test` compares
# its answers with those of the same code as WebAssembly, which scripts/rushlight/site/wasm.py builds.

function(rushlight_site)
  set(folder ${CMAKE_SOURCE_DIR}/site/wasm)
  if(NOT solution IN_LIST RUSHLIGHT_STACKS OR NOT EXISTS ${folder}/native.cpp)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  # What only WebAssembly has: its door, its floor and its matrix product.
  list(REMOVE_ITEM sources ${folder}/module.cpp ${folder}/host.cpp ${folder}/gemm.cpp)
  set(number ${RUSHLIGHT_LAST})
  rushlight_stack(solution ${number} libraries)
  add_executable(site_live EXCLUDE_FROM_ALL ${sources})
  target_include_directories(site_live PRIVATE ${folder})
  target_compile_options(site_live PRIVATE -Wall -Wextra)
  target_link_libraries(site_live PRIVATE ${libraries})
endfunction()
