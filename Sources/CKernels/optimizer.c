#include "bfloat.h"

/// One AdamW element: decay first, epsilon outside the root and after bias correction (Loshchilov and Hutter; the form
/// of Megatron's and PyTorch's AdamW).
INLINE float adam_step(float w, float g, float *m, float *v, adam_settings s) {
#pragma clang fp contract(fast)
  float first = s.beta1 * *m + (1.0f - s.beta1) * g;
  float second = s.beta2 * *v + (1.0f - s.beta2) * g * g;
  *m = first;
  *v = second;
  // Not sqrtf: that may set errno, and a loop with it does not vectorise.
  float root = __builtin_elementwise_sqrt(second * s.correction2) + s.eps;
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

KERNEL void kernel_adam_bf16(float *restrict weights, uint16_t *restrict rounded, const uint16_t *restrict gradients,
                             uint16_t *restrict first, uint16_t *restrict second, adam_settings settings, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float m = bf16_value(first[i]), v = bf16_value(second[i]);
    float weight = adam_step(weights[i], bf16_value(gradients[i]) * settings.gradient_scale, &m, &v, settings);
    weights[i] = weight;
    rounded[i] = bf16_round(weight);
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

KERNEL void kernel_sgd(float *restrict weights, const float *restrict gradients, float *restrict momentum,
                       float lr, float weight_decay, float factor, float scale, size_t count) {
#pragma clang fp contract(fast)
  for (size_t i = 0; i < count; i++) {
    float m = factor * momentum[i] + scale * gradients[i] + weight_decay * weights[i];
    momentum[i] = m;
    weights[i] -= lr * m;
  }
}
