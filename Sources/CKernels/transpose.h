#ifndef MOONLIGHT_TRANSPOSE_H
#define MOONLIGHT_TRANSPOSE_H

#include "kernel.h"

enum { transposed_side = 8 };

/// out[j * distance + i] = x[i * ld + j] for 8 x 8.
INLINE void transpose_block(const float *x, size_t ld, float *out, size_t distance) {
  typedef float vector __attribute__((vector_size(32)));
  typedef float unaligned_vector __attribute__((vector_size(32), aligned(4)));
  vector r[8], s[8];
  for (int i = 0; i < 8; i++) r[i] = *(const unaligned_vector *)(x + i * ld);
  for (int i = 0; i < 8; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      r[i + 2 * j] = __builtin_shufflevector(s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[i + 2 * j + 1] = __builtin_shufflevector(s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int j = 0; j < 4; j++) {
    *(unaligned_vector *)(out + j * distance) = __builtin_shufflevector(r[j], r[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(unaligned_vector *)(out + (j + 4) * distance) = __builtin_shufflevector(r[j], r[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// The same of bf16 values.
INLINE void transpose_bf16_block(const uint16_t *x, size_t ld, uint16_t *out, size_t distance) {
  typedef uint16_t vector __attribute__((vector_size(16)));
  typedef uint16_t unaligned_vector __attribute__((vector_size(16), aligned(2)));
  vector r[8], s[8];
  for (int i = 0; i < 8; i++) r[i] = *(const unaligned_vector *)(x + i * ld);
  for (int i = 0; i < 4; i++) {
    s[2 * i] = __builtin_shufflevector(r[i], r[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
    s[2 * i + 1] = __builtin_shufflevector(r[i], r[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
  }
  for (int i = 0; i < 4; i++) {
    r[2 * i] = __builtin_shufflevector(s[i], s[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
    r[2 * i + 1] = __builtin_shufflevector(s[i], s[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
  }
  for (int i = 0; i < 4; i++) {
    *(unaligned_vector *)(out + 2 * i * distance) = __builtin_shufflevector(r[i], r[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
    *(unaligned_vector *)(out + (2 * i + 1) * distance) =
        __builtin_shufflevector(r[i], r[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
  }
}

#endif
