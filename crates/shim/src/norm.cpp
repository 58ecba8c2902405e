// Group normalisation (Wu and He 2018) of pictures with channels innermost, and SiLU in the same go.

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty_like.h>

#include <cmath>
#include <type_traits>
#include <vector>

#include "guarded.h"
#include "lanes.h"

namespace {

// Positions that are summed up in float32; the sums themselves are in float64.
constexpr int64_t kPart = 256;

// Adds to `sums`, for each channel, what is at `count` positions, or how far it is from `means`, squared.
template <bool squared, typename T>
IN_PLACE void add_up(const T* x, const float* means, float* sums, int64_t count, int64_t channels) {
  for (int64_t n = 0; n < count; n++, x += channels) {
    for (int64_t c = 0; c < channels; c += kLanes) {
      Floats value = loaded(x + c);
      if (squared) {
        value = value - loaded(means + c);
        value *= value;
      }
      stored(sums + c, loaded(sums + c) + value);
    }
  }
}

template <typename T>
IN_PLACE void apply_to(const T* x, T* to, const float* scale, const float* shift, int64_t count, int64_t channels,
                       bool silu) {
  for (int64_t n = 0; n < count; n++, x += channels, to += channels) {
    for (int64_t c = 0; c < channels; c += kLanes) {
      Floats value = loaded(x + c) * loaded(scale + c) + loaded(shift + c);
      if (silu) {
        Floats power = value > 0.0f ? -value : value;
        exponential(power);
        value = value * (value > 0.0f ? Floats{} + 1.0f : power) / (power + 1.0f);
      }
      stored(to + c, value);
    }
  }
}

#define FOR_EACH_KIND(T)                                                                                            \
  FOR_EACH_PROCESSOR void sum(const T* x, float* sums, int64_t count, int64_t channels) {                          \
    add_up<false>(x, sums, sums, count, channels);                                                                 \
  }                                                                                                                \
  FOR_EACH_PROCESSOR void spread(const T* x, const float* means, float* sums, int64_t count, int64_t channels) {   \
    add_up<true>(x, means, sums, count, channels);                                                                 \
  }                                                                                                                \
  FOR_EACH_PROCESSOR void apply(const T* x, T* to, const float* scale, const float* shift, int64_t count,          \
                                int64_t channels, bool silu) {                                                     \
    apply_to(x, to, scale, shift, count, channels, silu);                                                          \
  }

FOR_EACH_KIND(float)
FOR_EACH_KIND(BFloat16)

template <typename T>
void normalise(const at::Tensor& x, const at::Tensor& out, int64_t groups, const at::Tensor& weight,
               const at::Tensor& bias, double eps, bool silu) {
  const int64_t batch = x.size(0), channels = x.size(1), positions = x.size(2) * x.size(3), each = channels / groups;
  const T* const from = static_cast<const T*>(x.data_ptr());
  T* const to = static_cast<T*>(out.data_ptr());
  const T* const weights = static_cast<const T*>(weight.data_ptr());
  const T* const biases = static_cast<const T*>(bias.data_ptr());
  const int64_t parts = (positions + kPart - 1) / kPart;
  std::vector<float> means(batch * channels), scales(batch * channels), shifts(batch * channels);
  std::vector<float> sums(batch * parts * channels);
  const auto in_parts = [&](auto work) {
    at::parallel_for(0, batch * parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++) {
        const int64_t b = part / parts, first = part % parts * kPart;
        const int64_t count = std::min(kPart, positions - first);
        work(b, (b * positions + first) * channels, count, sums.data() + part * channels);
      }
    });
  };
  // Of the numbers of a group, what `sums` says on the mean.
  const auto mean = [&](int64_t b, int64_t group) {
    double all = 0;
    for (int64_t part = 0; part < parts; part++) {
      for (int64_t c = 0; c < each; c++) all += sums[(b * parts + part) * channels + group * each + c];
    }
    return static_cast<float>(all / static_cast<double>(positions * each));
  };
  const auto for_groups = [&](auto work) {
    for (int64_t b = 0; b < batch; b++) {
      for (int64_t group = 0; group < groups; group++) work(b, group, b * channels + group * each);
    }
  };
  in_parts([&](int64_t, int64_t at, int64_t count, float* into) { sum(from + at, into, count, channels); });
  for_groups([&](int64_t b, int64_t group, int64_t at) { std::fill_n(means.begin() + at, each, mean(b, group)); });
  std::fill(sums.begin(), sums.end(), 0.0f);
  in_parts([&](int64_t b, int64_t at, int64_t count, float* into) {
    spread(from + at, means.data() + b * channels, into, count, channels);
  });
  for_groups([&](int64_t b, int64_t group, int64_t at) {
    const float share = 1.0f / std::sqrt(mean(b, group) + static_cast<float>(eps));
    for (int64_t c = 0; c < each; c++) {
      scales[at + c] = share * static_cast<float>(weights[group * each + c]);
      shifts[at + c] = static_cast<float>(biases[group * each + c]) - means[at + c] * scales[at + c];
    }
  });
  in_parts([&](int64_t b, int64_t at, int64_t count, float*) {
    apply(from + at, to + at, scales.data() + b * channels, shifts.data() + b * channels, count, channels, silu);
  });
}

}  // namespace

extern "C" {

// `x` [B, C, H, W] with channels innermost, normalised in groups, weighed, and where `silu` says so times its sigmoid.
int pentimento_group_norm(at::Tensor** made, const at::Tensor* x, int64_t groups, const at::Tensor* weight,
                          const at::Tensor* bias, double eps, int silu, char* why, size_t room) {
  return guarded(why, room, [&] {
    for (const at::Tensor* of : {x, weight, bias}) {
      TORCH_CHECK(of->device().is_cpu(), "not in a processor's memory");
    }
    TORCH_CHECK(x->dim() == 4 && x->is_contiguous(at::MemoryFormat::ChannelsLast), "channels are not innermost");
    TORCH_CHECK(x->numel() > 0 && groups > 0 && x->size(1) % groups == 0 && x->size(1) % kLanes == 0,
                "no such groups of channels");
    for (const at::Tensor* of : {weight, bias}) {
      TORCH_CHECK(of->scalar_type() == x->scalar_type() && of->dim() == 1 && of->size(0) == x->size(1) &&
                      of->is_contiguous(),
                  "weights do not fit");
    }
    const at::Tensor out = at::empty_like(*x);
    switch (x->scalar_type()) {
      case at::kFloat: normalise<float>(*x, out, groups, *weight, *bias, eps, silu != 0); break;
      case at::kBFloat16: normalise<BFloat16>(*x, out, groups, *weight, *bias, eps, silu != 0); break;
      default: TORCH_CHECK(false, "no normalisation of this kind");
    }
    *made = new at::Tensor(out);
  });
}

}  // extern "C"
