// Attributes and masks of functions in AVX512-BF16, on x86-64 Linux.

#ifndef MOONLIGHT_BF16_INSTRUCTIONS_H
#define MOONLIGHT_BF16_INSTRUCTIONS_H

#include "kernel.h"

#if defined(__x86_64__) && defined(__linux__)
#define HAS_BF16_INSTRUCTIONS

#include <immintrin.h>

#define BF16_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define BF16_PART BF16_TARGET static inline __attribute__((always_inline))

/// Words of a vector.
enum { lanes = 16 };

BF16_PART __mmask16 first_lanes(size_t count) { return count >= lanes ? 0xffff : (__mmask16)((1u << count) - 1); }

#endif

#endif
