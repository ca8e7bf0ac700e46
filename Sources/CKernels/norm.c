#include "kernel.h"

#include <math.h>

INLINE float row_rstd(const float *row, size_t columns, float eps) {
  FAST_SUMS
  float sum = 0;
  for (size_t i = 0; i < columns; i++) sum += row[i] * row[i];
  return 1.0f / sqrtf(sum / (float)columns + eps);
}

KERNEL void kernel_rms_norm(const float *x, size_t ldx, const float *gain, float eps, float *normed, size_t ldn,
                            float *rstd, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * ldx;
    float *restrict out = normed + r * ldn;
    float scale = row_rstd(row, columns, eps);
    rstd[r] = scale;
    for (size_t i = 0; i < columns; i++) out[i] = gain[i] * (row[i] * scale);
  }
}

KERNEL void kernel_add_rms_norm(const float *x, const float *y, const float *gain, float eps, float *sum,
                                float *normed, float *rstd, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *a = x + r * columns, *b = y + r * columns;
    float *row = sum + r * columns;
    float *restrict out = normed + r * columns;
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < columns; i++) row[i] = a[i] + b[i];
    float scale = row_rstd(row, columns, eps);
    rstd[r] = scale;
    for (size_t i = 0; i < columns; i++) out[i] = gain[i] * (row[i] * scale);
  }
}

// With y = gain * x * s and s = (mean(x^2) + eps)^-1/2:
// dx = s * (gain * dy) - x * s^3 / columns * dot(gain * dy, x)
KERNEL void kernel_rms_norm_backward(const float *dnormed, size_t ldd, const float *x, size_t ldx,
                                     const float *gain, const float *rstd, const float *residual, float *dx,
                                     size_t lddx, float *dgain, size_t rows, size_t columns) {
  FAST_SUMS
  for (size_t r = 0; r < rows; r++) {
    const float *dy = dnormed + r * ldd, *row = x + r * ldx;
    float *out = dx + r * lddx;
    float s = rstd[r], dot = 0;
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < columns; i++) {
      float product = dy[i] * row[i];
      dot += gain[i] * product;
      dgain[i] += product * s;
    }
    float correction = dot * s * s * s / (float)columns;
    if (residual) {
      const float *base = residual + r * lddx;
#pragma clang loop vectorize(assume_safety)
      for (size_t i = 0; i < columns; i++) out[i] = base[i] + (s * gain[i] * dy[i] - row[i] * correction);
    } else {
#pragma clang loop vectorize(assume_safety)
      for (size_t i = 0; i < columns; i++) out[i] = s * gain[i] * dy[i] - row[i] * correction;
    }
  }
}
