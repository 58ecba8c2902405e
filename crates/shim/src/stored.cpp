// Numbers as they lie in a file, made a tensor in one go: looked at for what is no number, and converted, while they are in
// the cache. Rounds to the nearest, ties to even.

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <atomic>

#include "guarded.h"
#include "lanes.h"

namespace {

// Numbers that are worth another thread.
constexpr int64_t kPart = 1 << 16;

// As they lie there, which need not be at even places.
struct Half {
  static constexpr uint32_t kExponent = 0x7c00;
  uint16_t bits;
};
struct Brain {
  static constexpr uint32_t kExponent = 0x7f80;
  uint16_t bits;
};
struct Single {
  static constexpr uint32_t kExponent = 0x7f800000;
  uint32_t bits;
};

IN_PLACE Words widened(const uint16_t* from) {
  Shorts bits;
  std::memcpy(&bits, from, sizeof bits);
  return __builtin_convertvector(bits, Words);
}

IN_PLACE Words widened(const uint32_t* from) {
  Words bits;
  std::memcpy(&bits, from, sizeof bits);
  return bits;
}

IN_PLACE void narrowed(uint16_t* to, const Words& bits) {
  const Shorts made = __builtin_convertvector(bits, Shorts);
  std::memcpy(to, &made, sizeof made);
}

IN_PLACE void narrowed(uint32_t* to, const Words& bits) { std::memcpy(to, &bits, sizeof bits); }

// The bits of one kind as those of another; of finite numbers.
template <typename From, typename To>
struct As;

template <typename Same>
struct As<Same, Same> {
  static IN_PLACE Words of(const Words& bits) { return bits; }
};

template <>
struct As<Half, Single> {
  static IN_PLACE Words of(const Words& bits) {
    // Exponents are 112 further from zero; what has none counts in steps of 2 to the power of -24.
    const Words size = bits & 0x7fff, normal = (size << 13) + (112u << 23);
    const Words small = bits_of(__builtin_convertvector((Ints)size, Floats) * 0x1p-24f);
    return (size < 0x400 ? small : normal) | ((bits & 0x8000) << 16);
  }
};

template <>
struct As<Brain, Single> {
  static IN_PLACE Words of(const Words& bits) { return bits << 16; }
};

template <>
struct As<Single, Brain> {
  static IN_PLACE Words of(const Words& bits) { return halved(bits); }
};

template <>
struct As<Half, Brain> {
  static IN_PLACE Words of(const Words& bits) { return halved(As<Half, Single>::of(bits)); }
};

// Converts so many lanes, and marks those that are no numbers.
template <typename From, typename To>
IN_PLACE void convert_lanes(const From* from, To* to, Words& broken) {
  const Words bits = widened(&from->bits);
  broken |= (Words)((bits & From::kExponent) == From::kExponent);
  narrowed(&to->bits, As<From, To>::of(bits));
}

// Whether all are numbers.
template <typename From, typename To>
IN_PLACE bool convert(const From* from, To* to, int64_t count) {
  Words broken{};
  int64_t n = 0;
  for (; n + kLanes <= count; n += kLanes) convert_lanes(from + n, to + n, broken);
  From rest[kLanes] = {};
  To made[kLanes];
  std::memcpy(rest, from + n, (count - n) * sizeof(From));
  convert_lanes(rest, made, broken);
  std::memcpy(to + n, made, (count - n) * sizeof(To));
  const Words none{};
  return std::memcmp(&broken, &none, sizeof none) == 0;
}

#define CONVERSION(name, From, To)                                                       \
  FOR_EACH_PROCESSOR bool name(const void* from, void* to, int64_t count) {              \
    return convert(static_cast<const From*>(from), static_cast<To*>(to), count);         \
  }
CONVERSION(half_to_half, Half, Half)
CONVERSION(half_to_brain, Half, Brain)
CONVERSION(half_to_single, Half, Single)
CONVERSION(brain_to_brain, Brain, Brain)
CONVERSION(brain_to_single, Brain, Single)
CONVERSION(single_to_single, Single, Single)
CONVERSION(single_to_brain, Single, Brain)

struct Conversion {
  at::ScalarType from, to;
  bool (*convert)(const void*, void*, int64_t);
};

constexpr Conversion kConversions[] = {
    {at::kHalf, at::kHalf, half_to_half},         {at::kHalf, at::kBFloat16, half_to_brain},
    {at::kHalf, at::kFloat, half_to_single},      {at::kBFloat16, at::kBFloat16, brain_to_brain},
    {at::kBFloat16, at::kFloat, brain_to_single}, {at::kFloat, at::kFloat, single_to_single},
    {at::kFloat, at::kBFloat16, single_to_brain},
};

}  // namespace

extern "C" {

// The numbers at `from`, of the kind `stored`, as a tensor of `dims` sizes of the kind `wanted`, or none if one is no number.
int pentimento_stored(at::Tensor** made, const unsigned char* from, const int64_t* sizes, size_t dims, int8_t stored,
                      int8_t wanted, char* why, size_t room) {
  return guarded(why, room, [&] {
    const auto from_kind = static_cast<at::ScalarType>(stored), to_kind = static_cast<at::ScalarType>(wanted);
    const Conversion* const known = std::find_if(std::begin(kConversions), std::end(kConversions), [&](const auto& one) {
      return one.from == from_kind && one.to == to_kind;
    });
    TORCH_CHECK(known != std::end(kConversions), "no conversion of these kinds");
    const at::Tensor out = at::empty(at::IntArrayRef(sizes, dims), at::TensorOptions().dtype(to_kind));
    unsigned char* const to = static_cast<unsigned char*>(out.data_ptr());
    const int64_t width = c10::elementSize(from_kind), made_width = c10::elementSize(to_kind);
    std::atomic<bool> finite{true};
    at::parallel_for(0, out.numel(), kPart, [&](int64_t begin, int64_t end) {
      if (!known->convert(from + begin * width, to + begin * made_width, end - begin)) finite = false;
    });
    *made = finite ? new at::Tensor(out) : nullptr;
  });
}

}  // extern "C"
