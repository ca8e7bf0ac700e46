// Matrix products of bf16 operands with fp32 sums, where the processor multiplies pairs of bf16 values: along the depth two
// neighbours make one word, and an instruction adds both products to a sum.
//
// Operands are packed, and rounded on the way, once for both kinds of instructions (bf16_packing.h), in the blocks of gemm.c but
// larger ones, since an element takes half the room; rows of a that are bf16 values already are read where they are. An element's sum runs over k in one order whatever the rows and
// columns of a call.
//
// Which instructions are fastest depends on the kind of processor. AMX is ahead wherever it is: 16 times the operations of
// fp32. vdpbf16ps does two for one of fp32 on AMD's processors (Zen 4 on), but on Intel's Sapphire Rapids was measured at 85
// GFLOP/s where fp32 does 150, so there it is left alone.

#include "bf16_instructions.h"
#include "gemm_internal.h"

#ifdef HAS_BF16_INSTRUCTIONS
#include "bf16_packing.h"
#include "bf16_tiles.h"
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

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

// --- the product ---------------------------------------------------------------------------------------------------

/// What multiplies.
typedef struct {
  tile_body multiply_tile;
  size_t tile_rows;
  /// A tile reads rows of a up to a multiple of this.
  size_t rows_read;
} tile_kind;

static const tile_kind tiles_avx512 = {multiply_tile_avx512, avx512_rows, 1};
static const tile_kind tiles_amx = {multiply_tile_amx, amx_rows, lanes};

/// Rows of the left operand as tiles read them, each so far from the next.
typedef struct {
  const uint16_t *values;
  size_t distance;
} left_rows;

/// A block of the result: rows from `row` and columns from `column` on.
typedef struct {
  tile_kind tiles;
  float *c;
  size_t ldc, row, rows, column, columns;
  float alpha, beta;
  int lower;
  fetches fetched;
} block_target;

/// Rows times packed panels, `apart` in depth, over `depth`, which both have up to whole steps.
BF16_TARGET static void multiply_block(left_rows left, const uint16_t *panels, size_t apart, size_t depth,
                                       block_target *block) {
  for (size_t r = 0; r < block->rows; r += block->tiles.tile_rows) {
    size_t height = smaller(block->rows - r, block->tiles.tile_rows);
    size_t following = smaller(block->rows - r - height, block->tiles.tile_rows);
    // Where only the triangle below the diagonal is wanted, tiles above it are left out, and halves of tiles.
    size_t reach = block->row + r + height, column = block->column, columns = block->columns;
    size_t end = !block->lower || reach > column + columns ? columns : reach > column ? reach - column : 0;
    float *row = block->c + (block->row + r) * block->ldc + column;
    for (size_t t = 0; t < end; t += panel_columns) {
      size_t width = smaller(columns - t, end - t > lanes ? panel_columns : lanes);
      block->fetched.result = result_behind(row, block->ldc, t, width, end, height, following);
      tile_target out = {row + t, block->ldc, height, width, depth, block->alpha, block->beta, &block->fetched};
      block->tiles.multiply_tile(left.values + r * left.distance, left.distance, panels + t * apart, &out);
    }
  }
}

/// The block's rows of a [m, .] over `depth` from `p` on: where they are, if tiles can read them there, or packed. With the
/// tiles of a block those rows are fetched that are read behind the block's.
BF16_TARGET static left_rows prepare_rows(gemm_operand a, size_t m, size_t p, size_t depth, block_target *block) {
  size_t row = block->row + block->rows;
  block->fetched.left = left_region(a, row, smaller(m - row, row_block), p, depth);
  const size_t floats = a.ld * sizeof(uint16_t) / sizeof(float);
  if (a.is_bf16 && !a.is_transposed && a.ld % depth_step == 0 && block->rows % block->tiles.rows_read == 0 && !share_sets(floats))
    return (left_rows){(const uint16_t *)a.values + block->row * a.ld + p, a.ld};
  pack_rows(a, block->row, p, block->rows, depth, packed.a);
  return (left_rows){packed.a, whole_steps(depth)};
}

BF16_TARGET static void gemm_pairs(tile_kind tiles, gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m, size_t n,
                                   size_t k, float alpha, float beta, int lower, memory_region next) {
  // Equal pieces of whole steps; without depth there is still one, which scales c.
  size_t pieces = k ? (k + depth_block - 1) / depth_block : 1;
  size_t piece = k ? whole_steps((k + pieces - 1) / pieces) : depth_step;
  block_target block = {.tiles = tiles, .c = c, .ldc = ldc, .alpha = alpha, .lower = lower};
  if (b.is_packed) {
    // Then rows are packed once for all columns.
    const uint16_t *panels = b.values;
    size_t apart = whole_steps(k);
    block.fetched.right = region_behind(b, n, k, 0, 0, column_block, piece, next);
    for (size_t i = 0; i < m; i += row_block) {
      block.row = i, block.rows = smaller(m - i, row_block);
      for (size_t p = 0; p == 0 || p < k; p += piece) {
        size_t depth = smaller(k - p, piece);
        left_rows left = prepare_rows(a, m, p, depth, &block);
        block.beta = p == 0 ? beta : 1.0f;
        for (size_t j = 0; j < n; j += column_block) {
          block.column = j, block.columns = smaller(n - j, column_block);
          multiply_block(left, panels + j * apart + p * panel_columns, apart, depth, &block);
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
        left_rows left = prepare_rows(a, m, p, depth, &block);
        multiply_block(left, packed.b, whole_steps(depth), depth, &block);
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

void kernel_gemm_bf16(bf16_instructions instructions, gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m,
                      size_t n, size_t k, float alpha, float beta, int lower, memory_region next) {
  switch (instructions) {
    case bf16_instructions_amx:
      begin_amx();
      gemm_pairs(tiles_amx, a, b, c, ldc, m, n, k, alpha, beta, lower, next);
      end_amx();
      break;
    case bf16_instructions_avx512:
      gemm_pairs(tiles_avx512, a, b, c, ldc, m, n, k, alpha, beta, lower, next);
      break;
    case bf16_instructions_none:
      gemm_rounded(a, b, c, ldc, m, n, k, alpha, beta, lower, next);
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

void kernel_gemm_bf16(bf16_instructions instructions, gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m,
                      size_t n, size_t k, float alpha, float beta, int lower, memory_region next) {
  (void)instructions;
  gemm_rounded(a, b, c, ldc, m, n, k, alpha, beta, lower, next);
}

#endif
