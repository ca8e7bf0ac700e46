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

KERNEL void kernel_round_operand(gemm_operand x, size_t rows, size_t columns, float *restrict out) {
  for (size_t r = 0; r < rows; r++, out += columns) {
    if (x.is_bf16) {
      const uint16_t *row = (const uint16_t *)x.values + r * x.ld;
      for (size_t i = 0; i < columns; i++) out[i] = bf16_operand_value(row[i]);
    } else {
      const float *row = (const float *)x.values + r * x.ld;
      for (size_t i = 0; i < columns; i++) out[i] = bf16_operand(row[i]);
    }
  }
}
