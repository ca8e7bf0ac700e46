// Packing for gemm_bf16.c: words of two bf16 values that are neighbours in depth, rounded on the way where they are fp32.

#ifndef MOONLIGHT_BF16_PACKING_H
#define MOONLIGHT_BF16_PACKING_H

#include "bf16_instructions.h"
#include "fetch.h"

enum {
  /// Columns that are packed, and multiplied by, together.
  panel_columns = 2 * lanes,
  /// Packed depth is a multiple of this, filled up with zeros: what one tile of AMX holds.
  depth_step = 32,
  /// How many rows of bf16 values before it is read one is fetched.
  rows_ahead = 16,
};

_Static_assert(bf16_row_multiple % depth_step == 0, "rows that are read in place have whole steps");

INLINE size_t whole_steps(size_t depth) { return (depth + depth_step - 1) / depth_step * depth_step; }

/// Up to 32 neighbours in depth, which lie side by side: 16 words, zero beyond `count`.
BF16_PART __m512i words_along(gemm_operand x, size_t place, size_t count) {
  __mmask32 mask = count >= 2 * lanes ? 0xffffffffu : (__mmask32)((1u << count) - 1);
  if (x.is_bf16) return _mm512_maskz_loadu_epi16(mask, (const uint16_t *)x.values + place);
  const float *values = (const float *)x.values + place;
  __m512 first = _mm512_maskz_loadu_ps((__mmask16)mask, values);
  __m512 second = _mm512_maskz_loadu_ps((__mmask16)(mask >> lanes), values + lanes);
  return (__m512i)_mm512_cvtne2ps_pbh(second, first);
}

/// Up to 16 values of each of two rows, which are neighbours in depth; the second is zero where `is_paired` is.
BF16_PART __m512i words_across(gemm_operand x, size_t place, size_t count, int is_paired) {
  __mmask16 first = first_lanes(count), second = is_paired ? first : 0;
  __m512i halves;
  if (x.is_bf16) {
    const uint16_t *values = (const uint16_t *)x.values + place;
    halves = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_maskz_loadu_epi16(first, values)),
                                _mm256_maskz_loadu_epi16(second, values + x.ld), 1);
  } else {
    const float *values = (const float *)x.values + place;
    halves = (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(second, values + x.ld),
                                          _mm512_maskz_loadu_ps(first, values));
  }
  const __m512i order =
      _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3,
                       18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, halves);
}

/// Fetches what `words_across` reads of a whole step one step later: lines that are no neighbours, which the processor does not
/// fetch by itself.
BF16_PART void prefetch_next_step(gemm_operand x, size_t place) {
  if (x.is_bf16) return;
  const float *values = (const float *)x.values + place + depth_step * x.ld;
  for (size_t i = 0; i < depth_step; i++) __builtin_prefetch(values + i * x.ld);
}

/// The same for `words_along`: fetches what it reads of the next columns.
BF16_PART void prefetch_next_columns(gemm_operand x, size_t place) {
  size_t size = element_bytes(x);
  const char *line = (const char *)x.values + place * size;
  for (size_t i = 0; i < lanes; i++, line += x.ld * size) {
    prefetch_second_cache(line);
    if (!x.is_bf16) prefetch_second_cache(line + lanes * sizeof(float));
  }
}

/// 32 values of each of two rows of bf16 values: the words of the first 16 columns, and of the others.
BF16_PART void wide_words_across(const uint16_t *values, size_t ld, int is_paired, __m512i *first, __m512i *second) {
  __m512i upper = _mm512_loadu_si512(values);
  __m512i lower = is_paired ? _mm512_loadu_si512(values + ld) : _mm512_setzero_si512();
  // Four neighbours of every eight.
  __m512i even = _mm512_unpacklo_epi16(upper, lower), odd = _mm512_unpackhi_epi16(upper, lower);
  *first = _mm512_permutex2var_epi64(even, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), odd);
  *second = _mm512_permutex2var_epi64(even, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), odd);
}

/// 16 x 16 words.
BF16_PART void transpose_words(__m512i r[lanes]) {
  __m512i t[lanes];
#pragma clang loop unroll(full)
  for (int i = 0; i < lanes; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  // Four rows each; lane l of r[i + c] is column 4 l + c.
#pragma clang loop unroll(full)
  for (int i = 0; i < lanes; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma clang loop unroll(full)
  for (int c = 0; c < 4; c++) {
    __m512i front = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x44), back = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xee);
    __m512i next_front = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x44);
    __m512i next_back = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xee);
    t[c] = _mm512_shuffle_i32x4(front, next_front, 0x88);
    t[4 + c] = _mm512_shuffle_i32x4(front, next_front, 0xdd);
    t[8 + c] = _mm512_shuffle_i32x4(back, next_back, 0x88);
    t[12 + c] = _mm512_shuffle_i32x4(back, next_back, 0xdd);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < lanes; i++) r[i] = t[i];
}

/// Of b [., .] or, transposed, its transpose, `columns` columns from `column` on and `depth` rows from `p` on: panels
/// [whole depth / 2, panel_columns] of words. In a last panel of at most half its columns the other half is not written.
BF16_TARGET static void pack_panels(gemm_operand b, size_t p, size_t column, size_t depth, size_t columns, uint16_t *out) {
  size_t padded = whole_steps(depth);
  size_t j = 0;
  if (b.is_bf16 && !b.is_transposed) {
    // Whole panels: a row of one is one line of the cache.
    for (; j + panel_columns <= columns; j += panel_columns) {
      const uint16_t *values = (const uint16_t *)b.values + p * b.ld + column + j;
      __m512i *panel = (__m512i *)(out + j * padded);
      for (size_t q = 0; q < padded; q += 2, panel += 2) {
        if (q < depth) {
          for (size_t i = 0; i < 2; i++) __builtin_prefetch(values + (q + rows_ahead + i) * b.ld);
          wide_words_across(values + q * b.ld, b.ld, q + 1 < depth, panel, panel + 1);
        } else {
          panel[0] = panel[1] = _mm512_setzero_si512();
        }
      }
    }
  }
  for (; j < columns; j += lanes) {
    size_t width = columns - j < lanes ? columns - j : lanes;
    uint16_t *half = out + j / panel_columns * panel_columns * padded + j % panel_columns * 2;
    for (size_t q = 0; q < padded; q += depth_step) {
      __m512i words[lanes];
      if (b.is_transposed) {
        size_t count = q < depth ? depth - q : 0;
        prefetch_next_columns(b, (column + j + lanes) * b.ld + p + q);
        for (size_t i = 0; i < lanes; i++)
          words[i] = i < width ? words_along(b, (column + j + i) * b.ld + p + q, count) : _mm512_setzero_si512();
        transpose_words(words);
      } else {
        prefetch_next_step(b, (p + q) * b.ld + column + j);
        for (size_t i = 0; i < lanes; i++)
          words[i] = q + 2 * i < depth ? words_across(b, (p + q + 2 * i) * b.ld + column + j, width, q + 2 * i + 1 < depth)
                                       : _mm512_setzero_si512();
      }
      for (size_t i = 0; i < lanes; i++) _mm512_store_si512(half + (q + 2 * i) * panel_columns, words[i]);
    }
  }
}

/// Of a [., .] or, transposed, its transpose, `rows` rows from `row` on and `depth` columns from `p` on: [rows, whole depth].
/// Of rows up to a multiple of 16 what is written does not matter.
BF16_TARGET static void pack_rows(gemm_operand a, size_t row, size_t p, size_t rows, size_t depth, uint16_t *out) {
  size_t padded = whole_steps(depth);
  for (size_t i = 0; i < rows; i += lanes) {
    size_t height = rows - i < lanes ? rows - i : lanes;
    for (size_t q = 0; q < padded; q += depth_step) {
      if (!a.is_transposed) {
        for (size_t r = 0; r < height; r++)
          _mm512_store_si512(out + (i + r) * padded + q, words_along(a, (row + i + r) * a.ld + p + q, depth - q));
        continue;
      }
      __m512i words[lanes];
      prefetch_next_step(a, (p + q) * a.ld + row + i);
      for (size_t r = 0; r < lanes; r++)
        words[r] = q + 2 * r < depth ? words_across(a, (p + q + 2 * r) * a.ld + row + i, height, q + 2 * r + 1 < depth)
                                     : _mm512_setzero_si512();
      transpose_words(words);
      for (size_t r = 0; r < lanes; r++) _mm512_store_si512(out + (i + r) * padded + q, words[r]);
    }
  }
}

#endif
