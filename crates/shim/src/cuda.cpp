// at::cuda::CUDAGraph and the allocator behind C functions.

#include <ATen/DeviceAccelerator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

#include <optional>

#include "guarded.h"

namespace {

struct Graph {
  at::cuda::CUDAGraph graph;
  // What was current before the recording; graphs are recorded on a stream of their own.
  std::optional<c10::cuda::CUDAStream> before;
};

}  // namespace

extern "C" {

int pentimento_graph_new(void** made, char* why, size_t room) {
  return guarded(why, room, [&] { *made = new Graph; });
}

void pentimento_graph_free(void* graph) { delete static_cast<Graph*>(graph); }

// Makes a stream of its own current: what is done there before `begin` warms up.
int pentimento_graph_enter(void* graph, char* why, size_t room) {
  return guarded(why, room, [&] {
    auto* own = static_cast<Graph*>(graph);
    own->before = c10::cuda::getCurrentCUDAStream();
    own->before->synchronize();
    c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool());
  });
}

int pentimento_graph_begin(void* graph, char* why, size_t room) {
  return guarded(why, room, [&] {
    c10::cuda::getCurrentCUDAStream().synchronize();
    static_cast<Graph*>(graph)->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
  });
}

int pentimento_graph_end(void* graph, char* why, size_t room) {
  return guarded(why, room, [&] { static_cast<Graph*>(graph)->graph.capture_end(); });
}

// Makes the stream current again that was so before `enter`.
int pentimento_graph_leave(void* graph, char* why, size_t room) {
  return guarded(why, room, [&] {
    auto* own = static_cast<Graph*>(graph);
    c10::cuda::getCurrentCUDAStream().synchronize();
    if (own->before) c10::cuda::setCurrentCUDAStream(*own->before);
  });
}

int pentimento_graph_replay(void* graph, char* why, size_t room) {
  return guarded(why, room, [&] { static_cast<Graph*>(graph)->graph.replay(); });
}

int pentimento_memory(uint64_t* free, uint64_t* total, char* why, size_t room) {
  return guarded(why, room, [&] {
    auto [unused, all] = at::getDeviceAllocator(at::kCUDA)->getMemoryInfo(0);
    *free = unused;
    *total = all;
  });
}

int pentimento_empty_cache(char* why, size_t room) {
  return guarded(why, room, [&] { at::getDeviceAllocator(at::kCUDA)->emptyCache(); });
}

}  // extern "C"
