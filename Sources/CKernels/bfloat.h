#ifndef MOONLIGHT_BFLOAT_H
#define MOONLIGHT_BFLOAT_H

#include "kernel.h"

INLINE uint16_t bf16_round(float value) {
  uint32_t bits = bits_from_float(value);
  uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  // Rounding could carry a NaN's mantissa into infinity: keep it a (quiet) NaN.
  return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : rounded);
}

INLINE float bf16_value(uint16_t bits) { return float_from_bits((uint32_t)bits << 16); }

/// Operands of products are bf16 without subnormal numbers: those count as zero, as the processors' instructions have it.
INLINE float bf16_operand_value(uint16_t bits) {
  return (bits & 0x7f80u) == 0 ? float_from_bits((uint32_t)(bits & 0x8000u) << 16) : bf16_value(bits);
}

INLINE uint16_t bf16_operand_bits(float value) {
  uint32_t bits = bits_from_float(value);
  // Before it is rounded: the largest subnormal numbers would become normal.
  return (bits & 0x7f800000u) == 0 ? (uint16_t)(bits >> 16 & 0x8000u) : bf16_round(value);
}

INLINE float bf16_operand(float value) { return bf16_value(bf16_operand_bits(value)); }

#endif
