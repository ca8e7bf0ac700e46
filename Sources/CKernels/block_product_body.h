// Products of the small blocks that attention is computed in (attention.c), for one width of vectors, without a guard: it is
// included once for each.
//
// Unlike gemm_body.h's, the right operand of a product is packed by the caller, who uses it for many left ones, and products with
// triangular blocks leave out what is known to be zero or not wanted.
//
// TARGET is the functions' attribute, LANES the floats of a vector, TILE_ROWS the rows that are kept in registers together
// with two vectors of columns, and NAME(x) the name x for this width. All are undefined again at the end.

#include "tile_body.h"

/// x [depth, columns] or, transposed, [columns, depth], to panels [depth, TILE_COLUMNS], the last filled up with zeros.
TARGET static void NAME(pack_panels)(const float *x, size_t ld, int is_transposed, size_t depth, size_t columns, float *out) {
  for (size_t j = 0; j < columns; j += TILE_COLUMNS, out += depth * TILE_COLUMNS)
    NAME(pack_panel)(is_transposed ? x + j * ld : x + j, ld, is_transposed, depth,
                     columns - j < TILE_COLUMNS ? columns - j : TILE_COLUMNS, out);
}

/// c [m, n] (+)= a * b, where element (i, p) of a lies at `i * row + p * step`. A panel stays in the first cache while a passes by.
TARGET static void NAME(multiply_block)(const float *a, size_t row, size_t step, const right_block *b, float *c, size_t ldc,
                                        size_t m, int is_added, block_triangle triangle) {
  const size_t n = b->columns, k = b->depth;
  const float *panel = b->panels;
  for (size_t t = 0; t < n; t += TILE_COLUMNS, panel += k * TILE_COLUMNS) {
    for (size_t r = triangle == lower_result ? t / TILE_ROWS * TILE_ROWS : 0; r < m; r += TILE_ROWS) {
      size_t rows = m - r < TILE_ROWS ? m - r : TILE_ROWS, first = 0, end = k;
      if (triangle == lower_left && r + rows < end) end = r + rows;
      if (triangle == upper_left) first = r;
      const float *tile = a + r * row + first * step, *part = panel + first * TILE_COLUMNS;
      NAME(tile_target) out = {c + r * ldc + t, ldc, n - t, 1, is_added ? 1.0f : 0.0f};
      // The second vector of columns is none, or above the diagonal for all rows.
      int is_narrow = n - t <= LANES || (triangle == lower_result && r + rows <= t + LANES);
      NAME(multiply_rows)(rows, is_narrow ? 1 : 2, tile, row, step, part, TILE_COLUMNS, end - first, NULL, out);
    }
  }
}

#undef TARGET
#undef LANES
#undef TILE_ROWS
#undef NAME
#undef PART
#undef TILE_COLUMNS
#undef VECTOR
#undef CONST_VECTOR
#undef SIDE
#undef FINISH
