// current_stream.hpp: the stream of launches that name none, and of the framework's own copies and arrays. The default
// stream, unless WorkStream::run() (graph.hpp) says otherwise. Given.
#pragma once

namespace rushlight::cuda {

inline thread_local cudaStream_t stream_of_this_thread = nullptr;
inline cudaStream_t current_stream() { return stream_of_this_thread; }

}  // namespace rushlight::cuda
