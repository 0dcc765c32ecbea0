# tests/benchmarks: two programs that train the same networks, bench_ours with Rushlight and bench_theirs with libtorch.
# Built when `rush bench` asks for them; libtorch is never needed for anything else.

function(rushlight_benchmarks)
  set(folder ${CMAKE_SOURCE_DIR}/tests/benchmarks)
  foreach(stack own solution)  # the ladder and its floor, and the profiler, for those who write them, too
    rushlight_stack(${stack} ${RUSHLIGHT_KERNELS} libraries)
    if(libraries)
      add_executable(bench_ladder_${stack} EXCLUDE_FROM_ALL ${folder}/ladder.cpp)
      target_include_directories(bench_ladder_${stack} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
      target_link_libraries(bench_ladder_${stack} PRIVATE nlohmann_json::nlohmann_json ${libraries})
      add_executable(bench_floor_${stack} EXCLUDE_FROM_ALL ${folder}/floor.cpp)
      target_link_libraries(bench_floor_${stack} PRIVATE nlohmann_json::nlohmann_json ${libraries})
      add_executable(profile_${stack} EXCLUDE_FROM_ALL ${folder}/profile.cpp)
      target_link_libraries(profile_${stack} PRIVATE CLI11::CLI11 nlohmann_json::nlohmann_json ${libraries})
    endif()
  endforeach()
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/solutions)
    return()
  endif()
  add_library(bench_serve STATIC EXCLUDE_FROM_ALL ${folder}/serve.cpp)
  target_include_directories(bench_serve PUBLIC ${folder})
  target_link_libraries(bench_serve PUBLIC nlohmann_json::nlohmann_json ${CMAKE_DL_LIBS})

  set(number ${RUSHLIGHT_LAST})
  rushlight_stack(solution ${number} libraries)
  add_executable(bench_ours EXCLUDE_FROM_ALL ${folder}/ours.cpp ${folder}/ours_gpt.cpp ${folder}/ours_ops.cpp
    ${folder}/ours_decoding.cpp)
  target_link_libraries(bench_ours PRIVATE bench_serve ${libraries})
  add_executable(bench_statistics EXCLUDE_FROM_ALL ${folder}/statistics.cpp)
  target_link_libraries(bench_statistics PRIVATE nlohmann_json::nlohmann_json ${libraries})
  add_executable(bench_depth EXCLUDE_FROM_ALL ${folder}/depth.cpp)
  target_link_libraries(bench_depth PRIVATE nlohmann_json::nlohmann_json ${libraries})

  add_executable(bench_compression EXCLUDE_FROM_ALL ${folder}/compression.cpp)
  target_link_libraries(bench_compression PRIVATE ${libraries})

  add_executable(bench_quantize EXCLUDE_FROM_ALL ${folder}/quantize.cpp)
  target_link_libraries(bench_quantize PRIVATE nlohmann_json::nlohmann_json ${libraries})

  # The next token, here and in llama.cpp (rush bench llama).
  set(llama ${CMAKE_SOURCE_DIR}/tests/llama)
  add_executable(bench_llama_ours EXCLUDE_FROM_ALL ${llama}/ours.cpp)
  target_link_libraries(bench_llama_ours PRIVATE bench_serve ${libraries})
  add_executable(bench_llama_peer EXCLUDE_FROM_ALL ${llama}/peer.cpp ${llama}/llama.cpp)
  target_link_libraries(bench_llama_peer PRIVATE bench_serve)

  # int8 layers, here and in ONNX Runtime (rush bench onnx).
  set(onnx ${CMAKE_SOURCE_DIR}/tests/onnx)
  add_executable(bench_onnx_ours EXCLUDE_FROM_ALL ${onnx}/ours.cpp ${onnx}/model.cpp)
  target_link_libraries(bench_onnx_ours PRIVATE bench_serve ${libraries})
  add_executable(bench_onnx_peer EXCLUDE_FROM_ALL ${onnx}/peer.cpp ${onnx}/runtime.cpp)
  target_link_libraries(bench_onnx_peer PRIVATE bench_serve)

  # Compiled as module 01 is, precompiled header included: xtensor's types depend on it.
  set(forms arithmetic math choices reductions movement indexing products)
  list(TRANSFORM forms REPLACE "(.+)" "${folder}/primitives_\\1.cpp")
  add_executable(bench_primitives EXCLUDE_FROM_ALL ${folder}/primitives.cpp ${forms})
  rushlight_module_options(bench_primitives 01_tensor)
  target_link_libraries(bench_primitives PRIVATE nlohmann_json::nlohmann_json ${libraries})

  # Its own TorchConfig.cmake is slow and talkative, and looks for CUDA: the three libraries are all that is needed.
  find_path(RUSHLIGHT_TORCH torch/csrc/api/include/torch/torch.h)
  find_library(RUSHLIGHT_TORCH_LIBRARY torch)
  if(RUSHLIGHT_TORCH AND RUSHLIGHT_TORCH_LIBRARY)
    add_executable(bench_theirs EXCLUDE_FROM_ALL ${folder}/theirs.cpp ${folder}/theirs_ops.cpp ${folder}/theirs_decoding.cpp)
    target_include_directories(bench_theirs SYSTEM PRIVATE ${RUSHLIGHT_TORCH}/torch/csrc/api/include)
    target_link_libraries(bench_theirs PRIVATE bench_serve ${RUSHLIGHT_TORCH_LIBRARY} torch_cpu c10)
  endif()
endfunction()
