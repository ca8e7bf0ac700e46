// What becomes of numbers below fp32's smallest normal one, 1.2e-38.
//
// Processors compute with such numbers many times as slowly: AdamW takes 15 to 40 times as long for them on Sapphire Rapids, and
// twice as long on Zen 4. A run comes to them by itself: the moments of a row of the embedding whose token does not come again
// fall by a factor every step, and do not fall to zero, because the last few multiples of the smallest number are rounded to
// themselves. To a weight they make no difference, unless its rounding is a tie that they decide. So the engine's threads take
// them for zero.

#ifndef MOONLIGHT_DENORMALS_H
#define MOONLIGHT_DENORMALS_H

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

/// How a thread computes with floats.
typedef uint64_t float_mode;

/// From here on the calling thread reads denormal numbers as zero, and writes zero in place of them; returns the mode before.
static inline float_mode flush_denormals(void) {
#if defined(__x86_64__)
  const unsigned writes_zero = 1u << 15, reads_zero = 1u << 6;
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | writes_zero | reads_zero);
  return before;
#elif defined(__aarch64__)
  const uint64_t flushes = UINT64_C(1) << 24;
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | flushes));
  return before;
#else
  return 0;
#endif
}

static inline void restore_float_mode(float_mode mode) {
#if defined(__x86_64__)
  _mm_setcsr((unsigned)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
  (void)mode;
#endif
}

#endif
