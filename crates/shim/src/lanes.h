// Sixteen numbers at a time, as the compiler's own vectors: what a processor has of them it uses.

#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define IN_PLACE __attribute__((always_inline)) inline

namespace {

using c10::BFloat16;

constexpr int64_t kLanes = 16;

typedef float Floats __attribute__((vector_size(kLanes * 4)));
typedef int32_t Ints __attribute__((vector_size(kLanes * 4)));
typedef uint32_t Words __attribute__((vector_size(kLanes * 4)));
typedef uint16_t Shorts __attribute__((vector_size(kLanes * 2)));

IN_PLACE Floats loaded(const float* from) {
  Floats x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

IN_PLACE Floats loaded(const BFloat16* from) {
  Shorts halves;
  std::memcpy(&halves, from, sizeof halves);
  Words bits = __builtin_convertvector(halves, Words) << 16;
  Floats x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

IN_PLACE void stored(float* to, const Floats& x) { std::memcpy(to, &x, sizeof x); }

IN_PLACE Words bits_of(const Floats& x) {
  Words bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

// The bits of float32 as those of bfloat16: to the nearest, ties to even.
IN_PLACE Words halved(const Words& bits) { return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16; }

IN_PLACE void stored(BFloat16* to, const Floats& x) {
  Shorts upper = __builtin_convertvector(halved(bits_of(x)), Shorts);
  std::memcpy(to, &upper, sizeof upper);
}

// e to the power of what is not above 0, to a few units of the last place; below -87 it is as good as 0.
IN_PLACE void exponential(Floats& x) {
  const Floats least = Floats{} - 87.0f;
  x = x < least ? least : x;
  // Adding and taking away what leaves no room for fractions rounds.
  const float no_room = 12582912.0f;
  Floats n = (x * 1.44269504f + no_room) - no_room;
  // ln 2 in two parts, the first of which has few digits.
  Floats r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Floats series = r * (1.0f / 720) + 1.0f / 120;
  series = series * r + 1.0f / 24;
  series = series * r + 1.0f / 6;
  series = series * r + 0.5f;
  series = series * r + 1.0f;
  series = series * r + 1.0f;
  Ints power = (__builtin_convertvector(n, Ints) + 127) << 23;
  Floats scale;
  std::memcpy(&scale, &power, sizeof scale);
  x = series * scale;
}

}  // namespace
