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

#endif
