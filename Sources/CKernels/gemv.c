// Products of a matrix and one vector, for generation: every weight is read once, from where and as it is stored, so the
// memory's speed is the limit. An element of the result is summed in one order however rows are split among calls.

#include "bfloat.h"

enum {
  lanes = 8,
  /// Vectors of columns of a transposed product.
  columns_at_a_time = 8,
};

typedef float vector __attribute__((vector_size(4 * lanes)));
typedef float unaligned_vector __attribute__((vector_size(4 * lanes), aligned(4)));
typedef uint32_t words __attribute__((vector_size(4 * lanes)));
typedef uint16_t halves __attribute__((vector_size(2 * lanes), aligned(2)));

// Macros, because a function that takes or returns such a vector has a calling convention of its own on every target.
#define VECTOR(x) (*(unaligned_vector *)(x))
#define CONST_VECTOR(x) (*(const unaligned_vector *)(x))
/// Eight elements of `a` from `i` on, in fp32.
#define LOAD(a, i) \
  (is_bf16 ? (vector)(__builtin_convertvector(*(const halves *)((const uint16_t *)(a) + (i)), words) << 16) \
           : (vector)CONST_VECTOR((const float *)(a) + (i)))

INLINE float element(const void *a, size_t i, const int is_bf16) {
  return is_bf16 ? bf16_value(((const uint16_t *)a)[i]) : ((const float *)a)[i];
}

/// One row after the other: a single stream is what the processor fetches ahead best.
INLINE void gemv(const void *a, size_t lda, const int is_bf16, const float *x, float *y, size_t m, size_t n,
                 int accumulate) {
#pragma clang fp contract(fast)
  for (size_t r = 0; r < m; r++) {
    vector sums[4] = {};
    size_t row = r * lda, i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
#pragma clang loop unroll(full)
      for (int j = 0; j < 4; j++) sums[j] += LOAD(a, row + i + j * lanes) * CONST_VECTOR(x + i + j * lanes);
    }
    for (; i + lanes <= n; i += lanes) sums[0] += LOAD(a, row + i) * CONST_VECTOR(x + i);
    vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    float total = ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    for (; i < n; i++) total += element(a, row + i, is_bf16) * x[i];
    y[r] = accumulate ? y[r] + total : total;
  }
}

/// `width` vectors of columns from `i` on, kept in registers over all rows.
INLINE void sum_columns(const int width, const void *a, size_t lda, const int is_bf16, const float *x, float *y,
                        size_t m, size_t i) {
#pragma clang fp contract(fast)
  vector sums[columns_at_a_time];
#pragma clang loop unroll(full)
  for (int j = 0; j < width; j++) sums[j] = CONST_VECTOR(y + i + j * lanes);
  for (size_t r = 0; r < m; r++) {
    float factor = x[r];
#pragma clang loop unroll(full)
    for (int j = 0; j < width; j++) sums[j] += LOAD(a, r * lda + i + j * lanes) * factor;
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < width; j++) VECTOR(y + i + j * lanes) = sums[j];
}

INLINE void gemv_transposed(const void *a, size_t lda, const int is_bf16, const float *x, float *y, size_t m,
                            size_t n) {
#pragma clang fp contract(fast)
  size_t i = 0;
  for (; i + columns_at_a_time * lanes <= n; i += columns_at_a_time * lanes)
    sum_columns(columns_at_a_time, a, lda, is_bf16, x, y, m, i);
  for (; i + lanes <= n; i += lanes) sum_columns(1, a, lda, is_bf16, x, y, m, i);
  for (; i < n; i++)
    for (size_t r = 0; r < m; r++) y[i] += element(a, r * lda + i, is_bf16) * x[r];
}

KERNEL void kernel_gemv(const float *a, size_t lda, const float *x, float *y, size_t m, size_t n, int accumulate) {
  gemv(a, lda, 0, x, y, m, n, accumulate);
}

KERNEL void kernel_gemv_bf16(const uint16_t *a, size_t lda, const float *x, float *y, size_t m, size_t n,
                             int accumulate) {
  gemv(a, lda, 1, x, y, m, n, accumulate);
}

KERNEL void kernel_gemv_transposed(const float *a, size_t lda, const float *x, float *y, size_t m, size_t n) {
  gemv_transposed(a, lda, 0, x, y, m, n);
}

KERNEL void kernel_gemv_transposed_bf16(const uint16_t *a, size_t lda, const float *x, float *y, size_t m, size_t n) {
  gemv_transposed(a, lda, 1, x, y, m, n);
}
