// One tile of gemm_bf16.c's products, by each kind of instructions: packed rows times a panel.

#ifndef MOONLIGHT_BF16_TILES_H
#define MOONLIGHT_BF16_TILES_H

#include "bf16_packing.h"
#include "fetch.h"

/// A part of the result.
typedef struct {
  float *start;
  size_t ld, rows, columns;
  /// Behind which there are zeros, up to a whole step.
  size_t depth;
  float alpha, beta;
  fetches *fetched;
} tile_target;

/// One tile of the result, from rows of a, of which each is so far from the next. By pointer: a structure of its own
/// for each call would be copied through memory, which waits for the last tile's stores.
typedef void (*tile_body)(const uint16_t *a, size_t distance, const uint16_t *b, const tile_target *out);

// --- AVX512-BF16 ---------------------------------------------------------------------------------------------------

enum {
  avx512_rows = 8,
  /// Of a tile, between two lines that are fetched on the side: eight instructions for each of its sums.
  depth_between_fetches = 16,
};

/// alpha times the sums, plus beta times what is there. Where the tile is not `whole`, only the result's columns.
BF16_PART void store_rows_avx512(const int rows, const int vectors, __m512 sums[][2], const int is_whole,
                                 const tile_target *out) {
  __m512 alpha = _mm512_set1_ps(out->alpha), beta = _mm512_set1_ps(out->beta);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      float *c = out->start + (size_t)r * out->ld + v * lanes;
      __mmask16 mask = is_whole ? 0xffff : first_lanes(out->columns - (size_t)v * lanes);
      __m512 sum = _mm512_mul_ps(alpha, sums[r][v]);
      if (out->beta != 0) sum = _mm512_fmadd_ps(beta, _mm512_maskz_loadu_ps(mask, c), sum);
      _mm512_mask_storeu_ps(c, mask, sum);
    }
  }
}

BF16_PART void multiply_rows_avx512(const int rows, const int vectors, const uint16_t *a, size_t distance,
                                    const uint16_t *b, const tile_target *out) {
  __m512 sums[avx512_rows][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    sums[r][0] = sums[r][1] = _mm512_setzero_ps();
  }
  // A low rank is a quarter of a step.
  for (size_t p = 0; p < out->depth;) {
    fetch_some(out->fetched);
    const size_t stop = smaller(out->depth, p + depth_between_fetches);
    for (; p < stop; p += 2) {
      const uint16_t *pairs = b + p * panel_columns;
      __m512bh left = (__m512bh)_mm512_load_si512(pairs), right = left;
      if (vectors == 2) right = (__m512bh)_mm512_load_si512(pairs + 2 * lanes);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
        int pair;
        memcpy(&pair, a + (size_t)r * distance + p, sizeof pair);
        __m512bh x = (__m512bh)_mm512_set1_epi32(pair);
        // As the last operand `x` is read by the instruction itself, where only one needs it.
        sums[r][0] = _mm512_dpbf16_ps(sums[r][0], left, x);
        if (vectors == 2) sums[r][1] = _mm512_dpbf16_ps(sums[r][1], right, x);
      }
    }
  }
  // Stores under a mask are slower, even a full one.
  if (out->columns >= (size_t)vectors * lanes) {
    store_rows_avx512(rows, vectors, sums, 1, out);
  } else {
    store_rows_avx512(rows, vectors, sums, 0, out);
  }
}

BF16_PART void multiply_columns_avx512(const int vectors, const uint16_t *a, size_t distance, const uint16_t *b,
                                       const tile_target *out) {
  switch (out->rows) {
    case 1: multiply_rows_avx512(1, vectors, a, distance, b, out); break;
    case 2: multiply_rows_avx512(2, vectors, a, distance, b, out); break;
    case 3: multiply_rows_avx512(3, vectors, a, distance, b, out); break;
    case 4: multiply_rows_avx512(4, vectors, a, distance, b, out); break;
    case 5: multiply_rows_avx512(5, vectors, a, distance, b, out); break;
    case 6: multiply_rows_avx512(6, vectors, a, distance, b, out); break;
    case 7: multiply_rows_avx512(7, vectors, a, distance, b, out); break;
    default: multiply_rows_avx512(8, vectors, a, distance, b, out);
  }
}

BF16_TARGET static void multiply_tile_avx512(const uint16_t *a, size_t distance, const uint16_t *b, const tile_target *out) {
  if (out->columns > lanes) {
    multiply_columns_avx512(2, a, distance, b, out);
  } else {
    multiply_columns_avx512(1, a, distance, b, out);
  }
}

// --- AMX-BF16 ------------------------------------------------------------------------------------------------------

#define AMX_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16")))

enum { amx_rows = 32 };

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_configuration;

AMX_TARGET static void begin_amx(void) {
  tile_configuration tiles = {.palette = 1};
  for (int i = 0; i < 8; i++) tiles.row_bytes[i] = 64, tiles.rows[i] = 16;
  _tile_loadconfig(&tiles);
}

AMX_TARGET static void end_amx(void) { _tile_release(); }

/// Two by two tiles of sums, or as many as there are rows and columns for. Tiles are whole: what is beyond the result's edge
/// goes through `line`s of its own.
AMX_TARGET static void multiply_tile_amx(const uint16_t *a, size_t distance, const uint16_t *b, const tile_target *out) {
  float lines[amx_rows * panel_columns] __attribute__((aligned(64)));
  const int is_low = out->rows > lanes, is_wide = out->columns > lanes;
  const int is_summed = out->alpha == 1 && out->beta == 1, is_plain = is_summed || (out->alpha == 1 && out->beta == 0);
  const int is_direct = is_plain && out->rows % lanes == 0 && out->columns % lanes == 0;
  float *c = is_direct ? out->start : lines;
  size_t target_distance = is_direct ? out->ld * sizeof(float) : panel_columns * sizeof(float);
  if (!is_direct && is_summed) {
    memset(lines, 0, sizeof lines);
    for (size_t r = 0; r < out->rows; r++)
      memcpy(lines + r * panel_columns, out->start + r * out->ld, out->columns * sizeof(float));
  }
  float *low = (float *)((char *)c + lanes * target_distance);
  if (is_summed) {
    _tile_loadd(0, c, target_distance);
    if (is_wide) _tile_loadd(1, c + lanes, target_distance);
    if (is_low) _tile_loadd(2, low, target_distance);
    if (is_low && is_wide) _tile_loadd(3, low + lanes, target_distance);
  } else {
    _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3);
  }

  const size_t depth = whole_steps(out->depth), row = distance * sizeof(uint16_t), panel_row = panel_columns * 2 * sizeof(uint16_t);
  const uint16_t *a_low = a + lanes * distance, *b_right = b + 2 * lanes;
  if (is_low && is_wide) {
    for (size_t p = 0; p < depth; p += depth_step) {
      fetch_some(out->fetched);
      _tile_loadd(4, a + p, row);
      _tile_loadd(6, b + p * panel_columns, panel_row);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, b_right + p * panel_columns, panel_row);
      _tile_dpbf16ps(1, 4, 7);
      _tile_loadd(5, a_low + p, row);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  } else if (is_wide) {
    for (size_t p = 0; p < depth; p += depth_step) {
      fetch_some(out->fetched);
      _tile_loadd(4, a + p, row);
      _tile_loadd(6, b + p * panel_columns, panel_row);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, b_right + p * panel_columns, panel_row);
      _tile_dpbf16ps(1, 4, 7);
    }
  } else if (is_low) {
    for (size_t p = 0; p < depth; p += depth_step) {
      fetch_some(out->fetched);
      _tile_loadd(4, a + p, row);
      _tile_loadd(6, b + p * panel_columns, panel_row);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(5, a_low + p, row);
      _tile_dpbf16ps(2, 5, 6);
    }
  } else {
    for (size_t p = 0; p < depth; p += depth_step) {
      fetch_some(out->fetched);
      _tile_loadd(4, a + p, row);
      _tile_loadd(6, b + p * panel_columns, panel_row);
      _tile_dpbf16ps(0, 4, 6);
    }
  }

  _tile_stored(0, c, target_distance);
  if (is_wide) _tile_stored(1, c + lanes, target_distance);
  if (is_low) _tile_stored(2, low, target_distance);
  if (is_low && is_wide) _tile_stored(3, low + lanes, target_distance);
  if (is_direct) return;
  for (size_t r = 0; r < out->rows; r++) {
    float *target = out->start + r * out->ld;
    const float *line = lines + r * panel_columns;
    if (is_plain) {
      memcpy(target, line, out->columns * sizeof(float));
    } else {
      for (size_t i = 0; i < out->columns; i++)
        target[i] = out->beta == 0 ? out->alpha * line[i] : out->alpha * line[i] + out->beta * target[i];
    }
  }
}

#endif
