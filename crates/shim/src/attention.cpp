// Attention on a processor, after FlashAttention-2 (Dao 2023): scores of some queries and some keys at a time, which
// stay in the cache, and sums that are corrected when a larger score comes. libtorch's own multiplies through a
// library that knows one maker's processors best; this multiplies with oneDNN's kernels, as the convolutions do.

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/native/CPUBlas.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "guarded.h"
#include "lanes.h"

namespace {

constexpr int64_t kQueries = 128;
constexpr int64_t kKeys = 512;

// Scores [rows, kKeys], of which `count` a row, to weights that are not divided by their sum yet. `best` and `sum`
// are of all keys so far, and what was summed up before is corrected.
template <typename T>
IN_PLACE void weigh_rows(float* scores, T* weights, float* best, float* sum, float* made,
                                                      int64_t rows, int64_t count, int64_t width, float scale) {
  const int64_t lanes = (count + kLanes - 1) / kLanes * kLanes;
  for (int64_t row = 0; row < rows; row++) {
    float* s = scores + row * kKeys;
    for (int64_t i = count; i < lanes; i++) s[i] = -std::numeric_limits<float>::infinity();
    Floats most = loaded(s);
    for (int64_t i = kLanes; i < lanes; i += kLanes) {
      Floats x = loaded(s + i);
      most = x > most ? x : most;
    }
    float now = best[row];
    for (int64_t i = 0; i < kLanes; i++) now = most[i] * scale > now ? most[i] * scale : now;
    Floats total = {};
    for (int64_t i = 0; i < lanes; i += kLanes) {
      Floats x = loaded(s + i) * scale - now;
      exponential(x);
      total += x;
      stored(weights + row * kKeys + i, x);
    }
    float correction = std::exp(best[row] - now), all = 0;
    for (int64_t i = 0; i < kLanes; i++) all += total[i];
    sum[row] = sum[row] * correction + all;
    best[row] = now;
    if (correction != 1.0f) {
      for (int64_t i = 0; i < width; i++) made[row * width + i] *= correction;
    }
  }
}

FOR_EACH_PROCESSOR void weigh(float* scores, float* weights, float* best, float* sum, float* made, int64_t rows,
                              int64_t count, int64_t width, float scale) {
  weigh_rows(scores, weights, best, sum, made, rows, count, width, scale);
}

FOR_EACH_PROCESSOR void weigh(float* scores, BFloat16* weights, float* best, float* sum, float* made, int64_t rows,
                              int64_t count, int64_t width, float scale) {
  weigh_rows(scores, weights, best, sum, made, rows, count, width, scale);
}

// Rows of which each has `width` numbers for each head.
template <typename T>
struct Rows {
  T* start;
  int64_t batch, row;

  Rows(const at::Tensor& x) : start(static_cast<T*>(x.data_ptr())), batch(x.stride(0)), row(x.stride(1)) {}

  T* at(int64_t b, int64_t n, int64_t offset) const { return start + b * batch + n * row + offset; }
};

int64_t even(int64_t n) { return n + n % 2; }

// Keys of a head, [width, count], and its values, [count, width], as the kernels want them: bfloat16 in pairs that
// are multiplied and added in one go.
void pack(const Rows<float>& keys, const Rows<float>&, float* packed_keys, float*, int64_t b, int64_t first,
          int64_t count, int64_t offset, int64_t width) {
  for (int64_t n = 0; n < count; n++) {
    const float* key = keys.at(b, first + n, offset);
    for (int64_t i = 0; i < width; i++) packed_keys[i * count + n] = key[i];
  }
}

void pack(const Rows<BFloat16>& keys, const Rows<BFloat16>& values, BFloat16* packed_keys, BFloat16* packed_values,
          int64_t b, int64_t first, int64_t count, int64_t offset, int64_t width) {
  for (int64_t n = 0; n < count; n++) {
    const BFloat16* key = keys.at(b, first + n, offset);
    for (int64_t i = 0; i < width; i += 2) std::memcpy(packed_keys + i * count + 2 * n, key + i, 4);
  }
  for (int64_t n = 0; n < even(count); n++) {
    BFloat16* to = packed_values + n / 2 * 2 * width + n % 2;
    const BFloat16* value = n < count ? values.at(b, first + n, offset) : nullptr;
    for (int64_t i = 0; i < width; i++) to[2 * i] = value ? value[i] : BFloat16(0);
  }
}

template <typename T>
void attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& out, int64_t heads) {
  namespace blas = at::native::cpublas;
  constexpr bool pairs = std::is_same_v<T, BFloat16>;
  const Rows<T> queries(q), keys(k), values(v), made(out);
  const int64_t batch = q.size(0), rows = q.size(1), all = k.size(1), width = q.size(2) / heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(width));
  const int64_t key_blocks = (all + kKeys - 1) / kKeys, query_blocks = (rows + kQueries - 1) / kQueries;
  const at::Tensor packed_keys = at::empty({batch * heads, all, width}, q.options());
  const at::Tensor packed_values = at::empty({pairs ? batch * heads : 0, even(all), width}, q.options());
  T* const kept_keys = static_cast<T*>(packed_keys.data_ptr());
  T* const kept_values = pairs ? static_cast<T*>(packed_values.data_ptr()) : nullptr;
  at::parallel_for(0, batch * heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t head = begin; head < end; head++) {
      for (int64_t first = 0; first < all; first += kKeys) {
        T* to_values = pairs ? kept_values + (head * even(all) + first) * width : nullptr;
        pack(keys, values, kept_keys + (head * all + first) * width, to_values, head / heads, first,
             std::min(kKeys, all - first), head % heads * width, width);
      }
    }
  });
  at::parallel_for(0, batch * heads * query_blocks, 1, [&](int64_t begin, int64_t end) {
    const auto floats = q.options().dtype(at::kFloat);
    const at::Tensor score_room = at::empty({kQueries, kKeys}, floats);
    const at::Tensor weight_room = at::empty({kQueries, kKeys}, q.options());
    const at::Tensor sum_room = at::empty({kQueries, width}, floats);
    float* const scores = score_room.data_ptr<float>();
    T* const weights = static_cast<T*>(weight_room.data_ptr());
    float* const sums = sum_room.data_ptr<float>();
    float best[kQueries], total[kQueries];
    for (int64_t block = begin; block < end; block++) {
      const int64_t head = block / query_blocks, row = block % query_blocks * kQueries;
      const int64_t b = head / heads, offset = head % heads * width, taken = std::min(kQueries, rows - row);
      std::fill_n(best, kQueries, -std::numeric_limits<float>::infinity());
      std::fill_n(total, kQueries, 0.0f);
      std::fill_n(sums, kQueries * width, 0.0f);
      for (int64_t n = 0; n < key_blocks; n++) {
        const int64_t first = n * kKeys, count = std::min(kKeys, all - first);
        blas::brgemm(taken, count, width, queries.row, count, kKeys, false, queries.at(b, row, offset),
                     kept_keys + (head * all + first) * width, scores, pairs);
        weigh(scores, weights, best, total, sums, taken, count, width, scale);
        const T* value = pairs ? kept_values + (head * even(all) + first) * width : values.at(b, first, offset);
        blas::brgemm(taken, width, pairs ? even(count) : count, kKeys, pairs ? width : values.row, width, true,
                     weights, value, sums, pairs);
      }
      for (int64_t n = 0; n < taken; n++) {
        T* to = made.at(b, row + n, offset);
        const float share = 1.0f / total[n];
        for (int64_t i = 0; i < width; i++) to[i] = static_cast<T>(sums[n * width + i] * share);
      }
    }
    blas::brgemm_release(pairs);
  });
}

}  // namespace

extern "C" {

// Softmax(q kT / sqrt(width)) v for each head, of q [B, N, heads x width] and k and v [B, M, heads x width].
int pentimento_attend(at::Tensor** made, const at::Tensor* q, const at::Tensor* k, const at::Tensor* v, int64_t heads,
                      char* why, size_t room) {
  return guarded(why, room, [&] {
    for (const at::Tensor* x : {q, k, v}) TORCH_CHECK(x->device().is_cpu(), "not in a processor's memory");
    TORCH_CHECK(q->dim() == 3 && k->dim() == 3 && v->sizes() == k->sizes(), "not queries, keys and values");
    TORCH_CHECK(q->size(0) == k->size(0) && q->size(2) == k->size(2) && q->size(2) % (2 * heads) == 0 && k->size(1) > 0,
                "queries and keys do not fit each other");
    TORCH_CHECK(k->scalar_type() == q->scalar_type() && v->scalar_type() == q->scalar_type(), "kinds differ");
    const auto inner = [](const at::Tensor& x) { return x.stride(2) == 1 ? x : x.contiguous(); };
    const at::Tensor out = at::empty(q->sizes(), q->options());
    switch (q->scalar_type()) {
      case at::kFloat: attend<float>(inner(*q), inner(*k), inner(*v), out, heads); break;
      case at::kBFloat16: attend<BFloat16>(inner(*q), inner(*k), inner(*v), out, heads); break;
      default: TORCH_CHECK(false, "no attention of this kind");
    }
    *made = new at::Tensor(out);
  });
}

}  // extern "C"
