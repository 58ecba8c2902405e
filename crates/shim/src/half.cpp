// IEEE half precision to bfloat16 in one go, to the nearest, ties to even.

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>

#include "guarded.h"
#include "lanes.h"

namespace {

// Numbers that are worth another thread.
constexpr int64_t kPart = 1 << 16;

IN_PLACE void convert_lanes(const uint16_t* from, uint16_t* to) {
  Shorts halves;
  std::memcpy(&halves, from, sizeof halves);
  const Words all = __builtin_convertvector(halves, Words), size = all & 0x7fff;
  // Exponents are 112 further from zero; what has none counts in steps of 2 to the power of -24.
  const Words normal = (size << 13) + (112u << 23);
  const Words small = bits_of(__builtin_convertvector((Ints)size, Floats) * 0x1p-24f);
  Words bits = halved(size < 0x400 ? small : normal);
  bits = size == 0x7c00 ? Words{} + 0x7f80 : bits;
  bits = size > 0x7c00 ? Words{} + 0x7fc0 : bits;
  const Shorts made = __builtin_convertvector(bits | (all & 0x8000), Shorts);
  std::memcpy(to, &made, sizeof made);
}

FOR_EACH_PROCESSOR void convert(const uint16_t* from, uint16_t* to, int64_t count) {
  int64_t n = 0;
  for (; n + kLanes <= count; n += kLanes) convert_lanes(from + n, to + n);
  uint16_t rest[kLanes] = {};
  std::copy(from + n, from + count, rest);
  convert_lanes(rest, rest);
  std::copy(rest, rest + (count - n), to + n);
}

}  // namespace

extern "C" {

// `x`, of half precision, as bfloat16.
int pentimento_half_to_bfloat16(at::Tensor** made, const at::Tensor* x, char* why, size_t room) {
  return guarded(why, room, [&] {
    TORCH_CHECK(x->device().is_cpu(), "not in a processor's memory");
    TORCH_CHECK(x->scalar_type() == at::kHalf && x->is_contiguous(), "no plain numbers of half precision");
    const at::Tensor out = at::empty_like(*x, x->options().dtype(at::kBFloat16));
    const uint16_t* const from = static_cast<const uint16_t*>(x->data_ptr());
    uint16_t* const to = static_cast<uint16_t*>(out.data_ptr());
    at::parallel_for(0, x->numel(), kPart,
                     [&](int64_t begin, int64_t end) { convert(from + begin, to + begin, end - begin); });
    *made = new at::Tensor(out);
  });
}

}  // extern "C"
