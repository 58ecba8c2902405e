// libtorch's mode for tensors that nobody differentiates: they have no version and no place in a graph.

#include <c10/core/InferenceMode.h>

extern "C" void* pentimento_inference_begin() { return new c10::InferenceMode(); }

extern "C" void pentimento_inference_end(void* mode) { delete static_cast<c10::InferenceMode*>(mode); }
