// cuda.hpp: brings the device. After cuda::install(), Device::cuda is there for everything: x.to(Device::cuda),
// model.to(Device::cuda), and the rest of the framework goes on as before. Given.
//
// It computes every primitive, and through kernel slots gelu, softmax, layer norm, the labels of a loss, fused attention,
// the norm that clips gradients, and the steps of SGD, RMSprop, Adam and AdamW. Not convolution, pooling and AMSGrad: their
// loops ask for numbers on the CPU, and a DeviceError says so.
#pragma once

#include <cstdint>

#include "01_tensor/device.hpp"
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {

struct CudaOptions {
  bool cached = false;  // memory from 22.9's cache, for one thread; else from cudaMalloc
};

// Throws DeviceError with the reason when there is no device. The emulator always is one.
void install(CudaOptions options = {});
void remove();              // arrays that live there must be gone
bool present();             // install() would succeed
const char* device_name();  // "emulated", or what the GPU calls itself

const DeviceMemory& memory();  // device_memory.cpp
const DeviceMemory& cached_memory();
void release_cached_memory();
const Primitives& primitives();  // table_elementwise.cpp

// What kernels see of an array that lies on the device; DeviceError for one that does not.
inline Reals view(const Array& x) { return x.defined() ? Reals(x.data_on(Device::cuda), x.size()) : Reals(); }
inline Global<Real> view_to_write(Array& x) { return {x.mutable_data_on(Device::cuda), x.size()}; }
inline Ids view(const Indices& x) { return {x.data_on(Device::cuda), x.size()}; }
inline Bytes view(const Mask& x) { return x.defined() ? Bytes(x.data_on(Device::cuda), x.size()) : Bytes(); }

}  // namespace rushlight::cuda
