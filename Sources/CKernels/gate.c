#include "kernel.h"

KERNEL void kernel_silu_gate(const float *gate, const float *up, size_t ld, const float *weights, float *out,
                             size_t ldo, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict g = gate + r * ld, *restrict u = up + r * ld;
    float *restrict o = out + r * ldo;
    float w = weights ? weights[r] : 1.0f;
    for (size_t i = 0; i < columns; i++) o[i] = g[i] * kernel_sigmoid(g[i]) * u[i] * w;
  }
}

// With s = sigmoid(g) and a = g * s: da/dg = s + a * (1 - s).
KERNEL void kernel_silu_gate_backward(const float *dout, size_t ldd, float *gate, float *up, size_t ld,
                                      const float *weights, float *dweights, float *out, size_t ldo, size_t rows,
                                      size_t columns) {
  FAST_SUMS
  for (size_t r = 0; r < rows; r++) {
    const float *d = dout + r * ldd;
    float *restrict g = gate + r * ld, *restrict u = up + r * ld;
    float *o = out + r * ldo;
    float w = weights ? weights[r] : 1.0f, dw = 0;
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < columns; i++) {
      float s = kernel_sigmoid(g[i]), a = g[i] * s, di = d[i], ui = u[i];
      dw += di * (a * ui);
      u[i] = di * w * a;
      g[i] = di * w * ui * (s + a * (1.0f - s));
      o[i] = a * ui * w;
    }
    if (dweights) dweights[r] = dw;
  }
}
