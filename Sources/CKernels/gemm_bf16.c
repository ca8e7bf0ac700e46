// Matrix products of bf16 operands with fp32 sums, where the processor multiplies pairs of bf16 values: along the depth two
// neighbours make one word, and an instruction adds both products to a sum.
//
// Operands are rounded while they are packed, once for both kinds of instructions (bf16_packing.h), in the blocks of gemm.c
// but larger ones, since an element takes half the room. An element's sum runs over k in one order whatever the rows and
// columns of a call.
//
// Which instructions are fastest depends on the kind of processor. AMX is ahead wherever it is: 16 times the operations of
// fp32. vdpbf16ps does two for one of fp32 on AMD's processors (Zen 4 on), but on Intel's Sapphire Rapids was measured at 85
// GFLOP/s where fp32 does 150, so there it is left alone.

#include "fetch.h"
#include "gemm_internal.h"

#if defined(__x86_64__) && defined(__linux__)
#define HAS_BF16_INSTRUCTIONS
#include "bf16_packing.h"
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#ifdef HAS_BF16_INSTRUCTIONS

enum {
  depth_block = 512,
  column_block = 512,
  /// A multiple of every tile's rows.
  row_block = 128,
};

/// What one thread packs: [rows, depth], and panels [depth / 2, 2 * lanes] of pairs.
static _Thread_local struct {
  uint16_t b[depth_block * column_block] __attribute__((aligned(64)));
  uint16_t a[depth_block * row_block] __attribute__((aligned(64)));
} packed;

/// A part of the result.
typedef struct {
  float *start;
  size_t ld, rows, columns;
  /// Behind which there are zeros, up to a whole step.
  size_t depth;
  float alpha, beta;
  fetches *fetched;
} tile_target;

/// One tile of the result: `depth` is whole steps, the distance of a's rows. By pointer: a structure of its own
/// for each call would be copied through memory, which waits for the last tile's stores.
typedef void (*tile_body)(const uint16_t *a, const uint16_t *b, size_t depth, const tile_target *out);

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

BF16_PART void multiply_rows_avx512(const int rows, const int vectors, const uint16_t *a, const uint16_t *b, size_t depth,
                                    const tile_target *out) {
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
        memcpy(&pair, a + (size_t)r * depth + p, sizeof pair);
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

BF16_PART void multiply_columns_avx512(const int vectors, const uint16_t *a, const uint16_t *b, size_t depth,
                                       const tile_target *out) {
  switch (out->rows) {
    case 1: multiply_rows_avx512(1, vectors, a, b, depth, out); break;
    case 2: multiply_rows_avx512(2, vectors, a, b, depth, out); break;
    case 3: multiply_rows_avx512(3, vectors, a, b, depth, out); break;
    case 4: multiply_rows_avx512(4, vectors, a, b, depth, out); break;
    case 5: multiply_rows_avx512(5, vectors, a, b, depth, out); break;
    case 6: multiply_rows_avx512(6, vectors, a, b, depth, out); break;
    case 7: multiply_rows_avx512(7, vectors, a, b, depth, out); break;
    default: multiply_rows_avx512(8, vectors, a, b, depth, out);
  }
}

BF16_TARGET static void multiply_tile_avx512(const uint16_t *a, const uint16_t *b, size_t depth, const tile_target *out) {
  if (out->columns > lanes) {
    multiply_columns_avx512(2, a, b, depth, out);
  } else {
    multiply_columns_avx512(1, a, b, depth, out);
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
AMX_TARGET static void multiply_tile_amx(const uint16_t *a, const uint16_t *b, size_t depth, const tile_target *out) {
  float lines[amx_rows * panel_columns] __attribute__((aligned(64)));
  const int is_low = out->rows > lanes, is_wide = out->columns > lanes;
  const int is_summed = out->alpha == 1 && out->beta == 1, is_plain = is_summed || (out->alpha == 1 && out->beta == 0);
  const int is_direct = is_plain && out->rows % lanes == 0 && out->columns % lanes == 0;
  float *c = is_direct ? out->start : lines;
  size_t distance = is_direct ? out->ld * sizeof(float) : panel_columns * sizeof(float);
  if (!is_direct && is_summed) {
    memset(lines, 0, sizeof lines);
    for (size_t r = 0; r < out->rows; r++)
      memcpy(lines + r * panel_columns, out->start + r * out->ld, out->columns * sizeof(float));
  }
  float *low = (float *)((char *)c + lanes * distance);
  if (is_summed) {
    _tile_loadd(0, c, distance);
    if (is_wide) _tile_loadd(1, c + lanes, distance);
    if (is_low) _tile_loadd(2, low, distance);
    if (is_low && is_wide) _tile_loadd(3, low + lanes, distance);
  } else {
    _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3);
  }

  const size_t row = depth * sizeof(uint16_t), panel_row = panel_columns * 2 * sizeof(uint16_t);
  const uint16_t *a_low = a + lanes * depth, *b_right = b + 2 * lanes;
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

  _tile_stored(0, c, distance);
  if (is_wide) _tile_stored(1, c + lanes, distance);
  if (is_low) _tile_stored(2, low, distance);
  if (is_low && is_wide) _tile_stored(3, low + lanes, distance);
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

// --- the product ---------------------------------------------------------------------------------------------------

/// What multiplies, and where in the result: rows from `row` and columns from `column` on.
typedef struct {
  tile_body multiply_tile;
  size_t tile_rows;
  float *c;
  size_t ldc, row, rows, column, columns;
  float alpha, beta;
  int lower;
  fetches fetched;
} block_target;

/// Packed rows times packed panels, `apart` in depth, over `depth`, which is filled up to whole steps.
BF16_TARGET static void multiply_block(const uint16_t *a, const uint16_t *panels, size_t apart, size_t depth,
                                       block_target *block) {
  size_t padded = whole_steps(depth);
  for (size_t r = 0; r < block->rows; r += block->tile_rows) {
    size_t height = smaller(block->rows - r, block->tile_rows);
    size_t following = smaller(block->rows - r - height, block->tile_rows);
    // Where only the triangle below the diagonal is wanted, tiles above it are left out, and halves of tiles.
    size_t reach = block->row + r + height, column = block->column, columns = block->columns;
    size_t end = !block->lower || reach > column + columns ? columns : reach > column ? reach - column : 0;
    float *row = block->c + (block->row + r) * block->ldc + column;
    for (size_t t = 0; t < end; t += panel_columns) {
      size_t width = smaller(columns - t, end - t > lanes ? panel_columns : lanes);
      block->fetched.result = result_behind(row, block->ldc, t, width, end, height, following);
      tile_target out = {row + t, block->ldc, height, width, depth, block->alpha, block->beta, &block->fetched};
      block->multiply_tile(a + r * padded, panels + t * apart, padded, &out);
    }
  }
}

/// With the tiles of a block those rows of a [m, .] that are packed behind the block's.
static void fetch_rows_behind(gemm_operand a, size_t m, size_t p, size_t depth, block_target *block) {
  size_t row = block->row + block->rows;
  block->fetched.left = left_region(a.values, a.ld, a.is_transposed, row, smaller(m - row, row_block), p, depth);
}

BF16_TARGET static void gemm_pairs(tile_body multiply_tile, size_t tile_rows, const float *a, size_t lda, int a_transposed,
                                   gemm_operand b, float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha,
                                   float beta, int lower, memory_region next) {
  // Equal pieces of whole steps; without depth there is still one, which scales c.
  size_t pieces = k ? (k + depth_block - 1) / depth_block : 1;
  size_t piece = k ? whole_steps((k + pieces - 1) / pieces) : depth_step;
  gemm_operand left = {a, lda, a_transposed, 0, 0};
  block_target block = {.multiply_tile = multiply_tile, .tile_rows = tile_rows, .c = c, .ldc = ldc, .alpha = alpha,
                        .lower = lower};
  if (b.is_packed) {
    // Then rows are packed once for all columns.
    const uint16_t *panels = b.values;
    size_t apart = whole_steps(k);
    block.fetched.right = region_behind(b, n, k, 0, 0, column_block, piece, next);
    for (size_t i = 0; i < m; i += row_block) {
      block.row = i, block.rows = smaller(m - i, row_block);
      for (size_t p = 0; p == 0 || p < k; p += piece) {
        size_t depth = smaller(k - p, piece);
        pack_rows(left, i, p, block.rows, depth, packed.a);
        fetch_rows_behind(left, m, p, depth, &block);
        block.beta = p == 0 ? beta : 1.0f;
        for (size_t j = 0; j < n; j += column_block) {
          block.column = j, block.columns = smaller(n - j, column_block);
          multiply_block(packed.a, panels + j * apart + p * panel_columns, apart, depth, &block);
        }
      }
    }
    return;
  }
  for (size_t j = 0; j < n; j += column_block) {
    block.column = j, block.columns = smaller(n - j, column_block);
    for (size_t p = 0; p == 0 || p < k; p += piece) {
      size_t depth = smaller(k - p, piece);
      pack_panels(b, p, j, depth, block.columns, packed.b);
      block.fetched.right = region_behind(b, n, k, j, p, column_block, piece, next);
      block.beta = p == 0 ? beta : 1.0f;
      for (size_t i = lower ? j / row_block * row_block : 0; i < m; i += row_block) {
        block.row = i, block.rows = smaller(m - i, row_block);
        pack_rows(left, i, p, block.rows, depth, packed.a);
        fetch_rows_behind(left, m, p, depth, &block);
        multiply_block(packed.a, packed.b, whole_steps(depth), depth, &block);
      }
    }
  }
}

/// The bits of AMX-BF16 and AMX-TILE, and the system's permission to use tiles, which it asks for.
static int has_amx(void) {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(edx & 1u << 22) || !(edx & 1u << 24)) return 0;
  const long request_permission = 0x1023, tile_data = 18;
  return __builtin_cpu_supports("avx512bf16") && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

int kernel_bf16_is_available(bf16_instructions instructions) {
  switch (instructions) {
    case bf16_instructions_amx: return has_amx();
    case bf16_instructions_avx512: return __builtin_cpu_supports("avx512bf16") != 0;
    case bf16_instructions_none: return 1;
  }
  return 0;
}

bf16_instructions kernel_bf16_preferred(void) {
#ifdef __OPTIMIZE__
  if (has_amx()) return bf16_instructions_amx;
  if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_is("amd")) return bf16_instructions_avx512;
#endif
  return bf16_instructions_none;
}

size_t kernel_packing_bytes(void) { return gemm_packing_bytes() + sizeof packed; }

size_t kernel_packed_bytes(bf16_instructions instructions, size_t n, size_t k) {
  if (instructions == bf16_instructions_none) return rounded_count(n, k) * sizeof(float);
  return (n + panel_columns - 1) / panel_columns * panel_columns * whole_steps(k) * sizeof(uint16_t);
}

void kernel_pack(bf16_instructions instructions, gemm_operand b, size_t n, size_t k, size_t first, size_t end, void *out) {
  if (instructions == bf16_instructions_none) {
    pack_rounded(b, n, k, first, end, out);
  } else {
    pack_panels(b, 0, first, k, end - first, (uint16_t *)out + first * whole_steps(k));
  }
}

void kernel_gemm_bf16(bf16_instructions instructions, const float *a, size_t lda, int a_transposed, gemm_operand b,
                      float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha, float beta, int lower,
                      memory_region next) {
  switch (instructions) {
    case bf16_instructions_amx:
      begin_amx();
      gemm_pairs(multiply_tile_amx, amx_rows, a, lda, a_transposed, b, c, ldc, m, n, k, alpha, beta, lower, next);
      end_amx();
      break;
    case bf16_instructions_avx512:
      gemm_pairs(multiply_tile_avx512, avx512_rows, a, lda, a_transposed, b, c, ldc, m, n, k, alpha, beta, lower, next);
      break;
    case bf16_instructions_none:
      gemm_rounded(a, lda, a_transposed, b, c, ldc, m, n, k, alpha, beta, lower, next);
  }
}

#else

int kernel_bf16_is_available(bf16_instructions instructions) { return instructions == bf16_instructions_none; }

bf16_instructions kernel_bf16_preferred(void) { return bf16_instructions_none; }

size_t kernel_packing_bytes(void) { return gemm_packing_bytes(); }

size_t kernel_packed_bytes(bf16_instructions instructions, size_t n, size_t k) {
  (void)instructions;
  return rounded_count(n, k) * sizeof(float);
}

void kernel_pack(bf16_instructions instructions, gemm_operand b, size_t n, size_t k, size_t first, size_t end, void *out) {
  (void)instructions;
  pack_rounded(b, n, k, first, end, out);
}

void kernel_gemm_bf16(bf16_instructions instructions, const float *a, size_t lda, int a_transposed, gemm_operand b,
                      float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha, float beta, int lower,
                      memory_region next) {
  (void)instructions;
  gemm_rounded(a, lda, a_transposed, b, c, ldc, m, n, k, alpha, beta, lower, next);
}

#endif
