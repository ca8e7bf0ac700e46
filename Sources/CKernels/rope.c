#include "kernel.h"

KERNEL void kernel_rope(float *x, size_t ldx, size_t head_stride, size_t heads, const int32_t *positions,
                        const float *cosines, const float *sines, size_t pairs, float direction, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict c = cosines + (size_t)positions[r] * pairs;
    const float *restrict s = sines + (size_t)positions[r] * pairs;
    for (size_t h = 0; h < heads; h++) {
      float *restrict v = x + r * ldx + h * head_stride;
      for (size_t i = 0; i < pairs; i++) {
        float a = v[2 * i], b = v[2 * i + 1], sine = direction * s[i];
        v[2 * i] = a * c[i] - b * sine;
        v[2 * i + 1] = b * c[i] + a * sine;
      }
    }
  }
}

KERNEL void kernel_sum_heads(const float *x, size_t heads, size_t width, float *out, size_t ldo, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * heads * width;
    float *restrict sum = out + r * ldo;
    for (size_t i = 0; i < width; i++) sum[i] = row[i];
    for (size_t h = 1; h < heads; h++)
      for (size_t i = 0; i < width; i++) sum[i] += row[h * width + i];
  }
}
