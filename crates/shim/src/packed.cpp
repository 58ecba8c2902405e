// oneDNN's convolution with weights that were reordered before, behind C functions: libtorch keeps it for programs
// that its compiler writes.

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include "guarded.h"

namespace {

using Sides = std::vector<int64_t>;

c10::OperatorHandle found(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "");
}

at::Tensor called(const c10::OperatorHandle& operation, torch::jit::Stack stack) {
  operation.callBoxed(stack);
  return stack.front().toTensor();
}

}  // namespace

extern "C" {

// `weight` [O, I, k, k] in the order that is fastest for an input of size `input` [B, I, H, W].
int pentimento_pack(at::Tensor** made, const at::Tensor* weight, int64_t padding, int64_t stride,
                    const int64_t* input, char* why, size_t room) {
  return guarded(why, room, [&] {
    static const auto operation = found("mkldnn::_reorder_convolution_weight");
    Sides sides(2, padding), strides(2, stride), ones(2, 1), size(input, input + 4);
    torch::jit::Stack stack;
    torch::jit::push(stack, *weight, sides, strides, ones, int64_t{1}, std::optional<Sides>(size));
    *made = new at::Tensor(called(operation, std::move(stack)));
  });
}

// `x` [B, I, H, W] convolved; the result has channels innermost. `bias` may be null.
int pentimento_packed_conv2d(at::Tensor** made, const at::Tensor* x, const at::Tensor* weight, const at::Tensor* bias,
                             int64_t padding, int64_t stride, const char* then, char* why, size_t room) {
  return guarded(why, room, [&] {
    static const auto operation = found("mkldnn::_convolution_pointwise");
    Sides sides(2, padding), strides(2, stride), ones(2, 1);
    auto biases = bias ? std::optional<at::Tensor>(*bias) : std::nullopt;
    torch::jit::Stack stack;
    torch::jit::push(stack, *x, *weight, biases, sides, strides, ones, int64_t{1}, std::string(then),
                     c10::List<std::optional<at::Scalar>>(), std::optional<std::string>());
    *made = new at::Tensor(called(operation, std::move(stack)));
  });
}

}  // extern "C"
