// What Muon's iteration does between its products, in fp32 and on matrices that are kept as bf16 values.

#include "bf16_instructions.h"
#include "bfloat.h"
#include "transpose.h"

// --- fp32 ----------------------------------------------------------------------------------------------------------

/// Rows from `row` on, at most `transposed_side` of them: above the diagonal what is below it in their columns.
INLINE void mirror_rows(float *x, size_t n, size_t row) {
  if (row + transposed_side > n) {
    for (size_t i = row; i < n; i++)
      for (size_t j = 0; j < i; j++) x[j * n + i] = x[i * n + j];
    return;
  }
  for (size_t j = 0; j < row; j += transposed_side) transpose_block(x + row * n + j, n, x + j * n + row, n);
  for (size_t r = row; r < row + transposed_side; r++)
    for (size_t j = row; j < r; j++) x[j * n + r] = x[r * n + j];
}

KERNEL void kernel_mirror_lower(float *x, size_t n, float diagonal) {
  for (size_t i = 0; i < n; i++) x[i * n + i] += diagonal;
  for (size_t row = 0; row < n; row += transposed_side) mirror_rows(x, n, row);
}

// --- bf16 ----------------------------------------------------------------------------------------------------------

/// out = factor * x or, with `added`, x + factor * added, rounded. `added` may be `out`.
typedef void (*rounded_row)(const float *x, float factor, const uint16_t *added, size_t count, uint16_t *out);

KERNEL static void round_row(const float *x, float factor, const uint16_t *added, size_t count, uint16_t *out) {
#pragma clang fp contract(fast)
  if (!added) {
    for (size_t i = 0; i < count; i++) out[i] = bf16_operand_bits(factor * x[i]);
    return;
  }
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) out[i] = bf16_operand_bits(factor * bf16_value(added[i]) + x[i]);
}

#ifdef HAS_BF16_INSTRUCTIONS
/// By the instruction that rounds as `bf16_operand_bits` does, in little more than half the time.
BF16_TARGET static void round_row_avx512(const float *x, float factor, const uint16_t *added, size_t count, uint16_t *out) {
  const __m512 factors = _mm512_set1_ps(factor);
  for (size_t i = 0; i < count; i += lanes) {
    __mmask16 mask = first_lanes(count - i);
    __m512 value = _mm512_maskz_loadu_ps(mask, x + i);
    if (added) {
      __m512i bits = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, added + i));
      value = _mm512_fmadd_ps(factors, _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16)), value);
    } else {
      value = _mm512_mul_ps(factors, value);
    }
    _mm256_mask_storeu_epi16(out + i, mask, (__m256i)_mm512_cvtneps_pbh(value));
  }
}
#endif

static rounded_row rounded_row_of(bf16_instructions instructions) {
#ifdef HAS_BF16_INSTRUCTIONS
  // Processors with AMX have the others, too.
  if (instructions != bf16_instructions_none) return round_row_avx512;
#endif
  (void)instructions;
  return round_row;
}

static void clear_padding(bf16_matrix x) {
  if (x.columns == x.ld) return;
  for (size_t i = 0; i < x.rows; i++) memset(x.values + i * x.ld + x.columns, 0, (x.ld - x.columns) * sizeof *x.values);
}

void kernel_round_scaled(bf16_instructions instructions, const float *x, float factor, bf16_matrix out) {
  rounded_row round = rounded_row_of(instructions);
  for (size_t i = 0; i < out.rows; i++) round(x + i * out.columns, factor, NULL, out.columns, out.values + i * out.ld);
  clear_padding(out);
}

void kernel_scale_and_add(bf16_instructions instructions, bf16_matrix x, float factor, const float *y) {
  rounded_row round = rounded_row_of(instructions);
  for (size_t i = 0; i < x.rows; i++) {
    uint16_t *row = x.values + i * x.ld;
    round(y + i * x.columns, factor, row, x.columns, row);
  }
}

/// As ``mirror_rows``.
INLINE void mirror_bf16_rows(bf16_matrix x, size_t row) {
  if (row + transposed_side > x.rows) {
    for (size_t i = row; i < x.rows; i++)
      for (size_t j = 0; j < i; j++) x.values[j * x.ld + i] = x.values[i * x.ld + j];
    return;
  }
  for (size_t j = 0; j < row; j += transposed_side)
    transpose_bf16_block(x.values + row * x.ld + j, x.ld, x.values + j * x.ld + row, x.ld);
  for (size_t i = row; i < row + transposed_side; i++)
    for (size_t j = row; j < i; j++) x.values[j * x.ld + i] = x.values[i * x.ld + j];
}

void kernel_round_symmetric(bf16_instructions instructions, const float *x, float factor, const uint16_t *added,
                            bf16_matrix out) {
  rounded_row round = rounded_row_of(instructions);
  for (size_t row = 0; row < out.rows; row += transposed_side) {
    for (size_t i = row; i < out.rows && i < row + transposed_side; i++)
      round(x + i * out.columns, added ? factor : 1, added ? added + i * out.ld : NULL, i + 1, out.values + i * out.ld);
    mirror_bf16_rows(out, row);
  }
  clear_padding(out);
}
