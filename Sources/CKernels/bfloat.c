#include "bfloat.h"

KERNEL void kernel_to_bf16(const float *restrict x, uint16_t *restrict out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = bf16_round(x[i]);
}

KERNEL void kernel_from_bf16(const uint16_t *restrict x, float *restrict out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = bf16_value(x[i]);
}

KERNEL void kernel_accumulate_bf16(const float *restrict x, uint16_t *restrict out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = bf16_round(bf16_value(out[i]) + x[i]);
}
