// Shared by the kernels: function multiversioning and the exponential.

#ifndef MOONLIGHT_KERNEL_H
#define MOONLIGHT_KERNEL_H

#include "CKernels.h"

#include <string.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The loader chooses among clones before the sanitizer's runtime is there, which the chosen code calls.
#define WITHOUT_CLONES
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && __has_attribute(target_clones) && !defined(WITHOUT_CLONES)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

#define INLINE static inline __attribute__((always_inline))

/// Lets the compiler reorder the sums of one function so that reductions vectorise, and fuse multiply-adds.
#define FAST_SUMS _Pragma("clang fp reassociate(on) contract(fast)")

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

INLINE float float_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

INLINE uint32_t bits_from_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Before a loop over rows of some dozens of numbers: its vectors are not bundled, behind which a short row would be left over.
#define SHORT_ROWS _Pragma("clang loop vectorize(enable) vectorize_width(16) interleave_count(1)")

/// The largest of at least one number. As integers of the same order, of which the compiler makes vectors whether or not there
/// can be a NaN, which counts as larger than infinity or smaller than minus infinity.
INLINE float row_maximum(const float *x, size_t count) {
  int32_t maximum = INT32_MIN;
  SHORT_ROWS
  for (size_t i = 0; i < count; i++) {
    int32_t bits = (int32_t)bits_from_float(x[i]), ordered = bits ^ ((bits >> 31) & INT32_MAX);
    maximum = ordered > maximum ? ordered : maximum;
  }
  return float_from_bits((uint32_t)(maximum ^ ((maximum >> 31) & INT32_MAX)));
}

/// exp(x) within 1.5 ulp for x in [-87, 88]; smaller arguments give 0, larger ones exp(88), a NaN one. Range reduction by
/// n = round(x / ln 2), then a polynomial on [-ln 2 / 2, ln 2 / 2]. Written without branches so that loops vectorise.
INLINE float kernel_exp(float x) {
#pragma clang fp reassociate(off) contract(fast)
  // Neither comparison holds for a NaN, which so goes through all of it.
  float clamped = x < -87.0f ? -87.0f : x;
  clamped = clamped > 88.0f ? 88.0f : clamped;
  // A sum whose last digit is worth one: its last bits are n, and 127 as the exponent of a power of two wants it.
  const float whole = 12582912.0f + 127.0f;
  float shifted = clamped * 1.44269504088896341f + whole;
  float n = shifted - whole;
  float r = clamped - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  float power = float_from_bits(bits_from_float(shifted) << 23);
  return x < -87.0f ? 0.0f : p * power;
}

/// Fetches a line that is read soon, but not next: not into the first cache, which is full of what is.
INLINE void prefetch_second_cache(const void *line) { __builtin_prefetch(line, 0, 2); }

INLINE float kernel_sigmoid(float x) { return 1.0f / (1.0f + kernel_exp(-x)); }

#endif
