#include "bfloat.h"

#include <math.h>

/// One AdamW element: decay first, epsilon outside the root and after bias correction (Loshchilov and Hutter; the form
/// of Megatron's and PyTorch's AdamW).
INLINE float adam_step(float w, float g, float *m, float *v, adam_settings s) {
#pragma clang fp contract(fast)
  float first = s.beta1 * *m + (1.0f - s.beta1) * g;
  float second = s.beta2 * *v + (1.0f - s.beta2) * g * g;
  *m = first;
  *v = second;
  float root = sqrtf(second * s.correction2) + s.eps;
  return w * (1.0f - s.lr * s.weight_decay) - s.lr * s.correction1 * first / root;
}

KERNEL void kernel_adam(float *restrict weights, const float *restrict gradients, float *restrict first,
                        float *restrict second, adam_settings settings, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float m = first[i], v = second[i];
    weights[i] = adam_step(weights[i], gradients[i] * settings.gradient_scale, &m, &v, settings);
    first[i] = m;
    second[i] = v;
  }
}

KERNEL void kernel_adam_bf16(float *restrict master, uint16_t *restrict weights, const uint16_t *restrict gradients,
                             uint16_t *restrict first, uint16_t *restrict second, adam_settings settings,
                             size_t count) {
  for (size_t i = 0; i < count; i++) {
    float m = bf16_value(first[i]), v = bf16_value(second[i]);
    float w = adam_step(master[i], bf16_value(gradients[i]) * settings.gradient_scale, &m, &v, settings);
    master[i] = w;
    weights[i] = bf16_round(w);
    first[i] = bf16_round(m);
    second[i] = bf16_round(v);
  }
}

KERNEL void kernel_momentum(const float *restrict gradients, float *restrict momentum, float *restrict out,
                            float factor, float scale, int nesterov, size_t count) {
  if (nesterov) {
    for (size_t i = 0; i < count; i++) {
      float g = scale * gradients[i], m = factor * momentum[i] + g;
      momentum[i] = m;
      out[i] = g + factor * m;
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      float m = factor * momentum[i] + scale * gradients[i];
      momentum[i] = m;
      out[i] = m;
    }
  }
}

KERNEL void kernel_decayed_update(float *restrict weights, const float *restrict update, float decay, float step,
                                  size_t count) {
  for (size_t i = 0; i < count; i++) weights[i] = decay * weights[i] - step * update[i];
}
