// A matrix product for the sizes that a training step is made of: a few hundred rows, columns and depth, thousands of
// times. A BLAS is built for large ones: it clears the result before it adds to it and packs both operands.
//
// As Goto and van de Geijn do it, with b packed into the second cache and six rows of a in the first, read where they
// are; six rows by sixteen columns of the result are kept in registers. An element's sum runs over k in one order
// whatever the rows and columns of a call, so a result does not depend on how the work was split.

#include "kernel.h"

enum {
  lanes = 8,
  tile_rows = 6,
  tile_columns = 2 * lanes,
  /// Depth and columns of packed b: 256 KiB, half of a usual second cache.
  depth_block = 256,
  column_block = 256,
  /// Rows of a that are packed at a time, where they must be.
  row_block = 16 * tile_rows,
  /// A distance between rows of a (one page) at which they share sets of the first cache, and are better copied.
  distant = 1024,
};

typedef float vector __attribute__((vector_size(4 * lanes)));
typedef float unaligned_vector __attribute__((vector_size(4 * lanes), aligned(4)));

// Macros, because a function that takes or returns such a vector has a calling convention of its own on every target.
#define VECTOR(x) (*(unaligned_vector *)(x))
#define CONST_VECTOR(x) (*(const unaligned_vector *)(x))
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

int kernel_gemm_is_preferred(void) {
  // Without optimisation (a debug build) vectors live in memory and the BLAS is far ahead.
#if defined(__x86_64__) && defined(__OPTIMIZE__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && !__builtin_cpu_supports("avx512f");
#else
  return 0;
#endif
}

// --- packing -------------------------------------------------------------------------------------------------------

/// out[j * distance + i] = x[i * ld + j] for 8 x 8.
INLINE void transpose_block(const float *x, size_t ld, float *out, size_t distance) {
  vector r[8], s[8];
  for (int i = 0; i < 8; i++) r[i] = CONST_VECTOR(x + i * ld);
  for (int i = 0; i < 8; i += 2) {
    s[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[i + 1] = SHUFFLE(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      r[i + 2 * j] = SHUFFLE(s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[i + 2 * j + 1] = SHUFFLE(s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int j = 0; j < 4; j++) {
    VECTOR(out + j * distance) = SHUFFLE(r[j], r[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    VECTOR(out + (j + 4) * distance) = SHUFFLE(r[j], r[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// b [depth, columns] or, transposed, [columns, depth] to panels [depth, tile_columns], the last filled up with zeros.
INLINE void pack_b(const float *b, size_t ldb, int transposed, size_t depth, size_t columns, float *packed) {
  for (size_t j = 0; j < columns; j += tile_columns, packed += depth * tile_columns) {
    size_t width = columns - j < tile_columns ? columns - j : tile_columns;
    if (width == tile_columns && !transposed) {
      const float *source = b + j;
      for (size_t p = 0; p < depth; p++) {
        VECTOR(packed + p * tile_columns) = CONST_VECTOR(source + p * ldb);
        VECTOR(packed + p * tile_columns + lanes) = CONST_VECTOR(source + p * ldb + lanes);
      }
    } else if (width == tile_columns) {
      const float *source = b + j * ldb;
      size_t p = 0;
      for (; p + 8 <= depth; p += 8) {
        transpose_block(source + p, ldb, packed + p * tile_columns, tile_columns);
        transpose_block(source + lanes * ldb + p, ldb, packed + p * tile_columns + lanes, tile_columns);
      }
      for (; p < depth; p++)
        for (size_t i = 0; i < tile_columns; i++) packed[p * tile_columns + i] = source[i * ldb + p];
    } else {
      size_t step = transposed ? 1 : ldb, across = transposed ? ldb : 1;
      for (size_t p = 0; p < depth; p++)
        for (size_t i = 0; i < tile_columns; i++)
          packed[p * tile_columns + i] = i < width ? b[p * step + (j + i) * across] : 0;
    }
  }
}

/// a stored [depth, rows] to pieces [depth, tile_rows]; what fills up the last is never used.
INLINE void pack_a(const float *a, size_t lda, size_t depth, size_t rows, float *packed) {
  for (size_t i = 0; i < rows; i += tile_rows, packed += depth * tile_rows) {
    size_t height = rows - i < tile_rows ? rows - i : tile_rows;
    const float *source = a + i;
    if (rows - i >= lanes) {
      // Eight at a time: the last two are overwritten by the next six, and the piece has room for them after its end.
      for (size_t p = 0; p < depth; p++) VECTOR(packed + p * tile_rows) = CONST_VECTOR(source + p * lda);
    } else {
      for (size_t p = 0; p < depth; p++)
        for (size_t r = 0; r < height; r++) packed[p * tile_rows + r] = source[p * lda + r];
    }
  }
}

// --- one tile ------------------------------------------------------------------------------------------------------

typedef struct {
  float *start;
  size_t ld, columns;
  float alpha, beta;
} tile_target;

#define FINISH(sum, c) \
  VECTOR(c) = out.beta == 0 ? out.alpha * (sum) : out.alpha * (sum) + out.beta * CONST_VECTOR(c)

/// `rows` of a, `row` apart and `step` apart in depth, times one panel of b.
INLINE void multiply_tile(const int rows, const float *a, size_t row, size_t step, const float *b, size_t depth,
                          tile_target out) {
#pragma clang fp contract(fast)
  vector sums[tile_rows][2] = {};
  for (size_t p = 0; p < depth; p++) {
    vector left = CONST_VECTOR(b + p * tile_columns), right = CONST_VECTOR(b + p * tile_columns + lanes);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      float x = a[(size_t)r * row + p * step];
      sums[r][0] += x * left;
      sums[r][1] += x * right;
    }
  }
  if (out.columns >= tile_columns) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      FINISH(sums[r][0], out.start + (size_t)r * out.ld);
      FINISH(sums[r][1], out.start + (size_t)r * out.ld + lanes);
    }
    return;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    float line[tile_columns];
    VECTOR(line) = out.alpha * sums[r][0];
    VECTOR(line + lanes) = out.alpha * sums[r][1];
    float *c = out.start + (size_t)r * out.ld;
    for (size_t i = 0; i < out.columns; i++) c[i] = out.beta == 0 ? line[i] : line[i] + out.beta * c[i];
  }
}

INLINE void multiply_rows(size_t rows, const float *a, size_t row, size_t step, const float *b, size_t depth,
                          tile_target out) {
  switch (rows) {
    case 1: multiply_tile(1, a, row, step, b, depth, out); break;
    case 2: multiply_tile(2, a, row, step, b, depth, out); break;
    case 3: multiply_tile(3, a, row, step, b, depth, out); break;
    case 4: multiply_tile(4, a, row, step, b, depth, out); break;
    case 5: multiply_tile(5, a, row, step, b, depth, out); break;
    default: multiply_tile(tile_rows, a, row, step, b, depth, out);
  }
}

// --- the product ---------------------------------------------------------------------------------------------------

static _Thread_local struct {
  float b[depth_block * column_block] __attribute__((aligned(64)));
  float a[depth_block * row_block + lanes] __attribute__((aligned(64)));
} packed;

KERNEL void kernel_gemm(const float *a, size_t lda, int a_transposed, const float *b, size_t ldb, int b_transposed,
                        float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha, float beta, int lower) {
  // Equal pieces: 352 deep is twice 176, not 256 and 96. Without depth there is still one, which scales c.
  size_t pieces = k ? (k + depth_block - 1) / depth_block : 1, piece = (k + pieces - 1) / pieces;
  int is_copied = !a_transposed && lda >= distant && n > tile_columns;
  for (size_t j = 0; j < n; j += column_block) {
    size_t columns = n - j < column_block ? n - j : column_block;
    for (size_t part = 0; part < pieces; part++) {
      size_t p = part * piece, depth = k - p < piece ? k - p : piece;
      pack_b(b_transposed ? b + j * ldb + p : b + p * ldb + j, ldb, b_transposed, depth, columns, packed.b);
      for (size_t i = lower ? j / row_block * row_block : 0; i < m; i += row_block) {
        size_t rows = m - i < row_block ? m - i : row_block;
        const float *block = a + i * lda + p;
        size_t distance = lda, row = lda;
        if (a_transposed) {
          pack_a(a + p * lda + i, lda, depth, rows, packed.a);
          block = packed.a, distance = depth;
        } else if (is_copied) {
          for (size_t r = 0; r < rows; r++) memcpy(packed.a + r * depth, block + r * lda, depth * sizeof(float));
          block = packed.a, distance = row = depth;
        }
        for (size_t r = 0; r < rows; r += tile_rows) {
          size_t height = rows - r < tile_rows ? rows - r : tile_rows;
          // Where only the triangle below the diagonal is wanted, tiles above it are left out.
          size_t reach = i + r + height;
          size_t end = !lower || reach > j + columns ? columns : reach > j ? reach - j : 0;
          for (size_t t = 0; t < end; t += tile_columns) {
            tile_target out = {c + (i + r) * ldc + j + t, ldc, columns - t, alpha, part == 0 ? beta : 1.0f};
            const float *tile = block + r * distance, *panel = packed.b + t * depth;
            if (a_transposed) {
              multiply_rows(height, tile, 1, tile_rows, panel, depth, out);
            } else {
              multiply_rows(height, tile, row, 1, panel, depth, out);
            }
          }
        }
      }
    }
  }
}
