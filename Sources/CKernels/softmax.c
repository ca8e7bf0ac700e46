#include "kernel.h"

#include <math.h>

/// x = exp(scale * x - max), returns the sum.
INLINE float exponentiate(float *restrict x, float scale, float maximum, size_t count) {
  FAST_SUMS
  float sum = 0;
  for (size_t i = 0; i < count; i++) {
    float e = kernel_exp(x[i] * scale - maximum);
    x[i] = e;
    sum += e;
  }
  return sum;
}

INLINE void normalise(float *restrict x, float factor, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] *= factor;
}

KERNEL void kernel_causal_softmax(float *scores, size_t ld, size_t first, size_t columns, float scale, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    float *row = scores + r * ld;
    size_t count = first + r + 1;
    float sum = exponentiate(row, scale, scale * row_maximum(row, count), count);
    normalise(row, 1.0f / sum, count);
    if (columns > count) memset(row + count, 0, (columns - count) * sizeof(float));
  }
}

KERNEL void kernel_softmax(float *x, float temperature, size_t count) {
  float scale = 1.0f / temperature;
  float sum = exponentiate(x, scale, scale * row_maximum(x, count), count);
  normalise(x, 1.0f / sum, count);
}

KERNEL void kernel_cross_entropy(float *logits, size_t ld, const int32_t *targets, const float *row_scale,
                                 float *losses, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *row = logits + r * ld;
    float maximum = row_maximum(row, columns), target = row[targets[r]];
    float sum = exponentiate(row, 1.0f, maximum, columns);
    losses[r] = logf(sum) - (target - maximum);
    if (row_scale[r] == 0) {
      memset(row, 0, columns * sizeof(float));
    } else {
      normalise(row, row_scale[r] / sum, columns);
      row[targets[r]] -= row_scale[r];
    }
  }
}

KERNEL void kernel_cross_entropy_forward(const float *logits, size_t ld, const int32_t *targets, float *losses,
                                         size_t rows, size_t columns) {
  FAST_SUMS
  for (size_t r = 0; r < rows; r++) {
    const float *restrict row = logits + r * ld;
    float maximum = row_maximum(row, columns), sum = 0;
    for (size_t i = 0; i < columns; i++) sum += kernel_exp(row[i] - maximum);
    losses[r] = logf(sum) - (row[targets[r]] - maximum);
  }
}
