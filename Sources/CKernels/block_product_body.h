// Products of the small blocks that attention is computed in (attention.c), for one width of vectors, without a guard: it is
// included once for each.
//
// Unlike gemm_body.h's, the right operand of a product is packed by the caller, who uses it for many left ones, unless its rows
// can be read where they are, and products with triangular blocks leave out what is known to be zero or not wanted.
//
// TARGET is the functions' attribute, LANES the floats of a vector, TILE_ROWS the rows that are kept in registers together
// with two vectors of columns, and NAME(x) the name x for this width. All are undefined again at the end.

#include "tile_body.h"

/// Whether b's rows are read where they are, as lines of panels.
PART int NAME(is_read_in_place)(const right_block *b) {
  return !b->is_transposed && b->columns % LANES == 0 && !share_sets(b->ld);
}

/// What is not read in place, to panels [depth, TILE_COLUMNS], the last filled up with zeros.
TARGET static void NAME(pack_block)(const right_block *b) {
  if (NAME(is_read_in_place)(b)) return;
  for (size_t j = 0; j < b->columns; j += TILE_COLUMNS)
    NAME(pack_panel)(b->is_transposed ? b->values + j * b->ld : b->values + j, b->ld, b->is_transposed, b->depth,
                     smaller(b->columns - j, TILE_COLUMNS), b->panels + j * b->depth);
}

/// c [m, n] (+)= a * b, where element (i, p) of a lies at `i * row + p * step`. A panel stays in the first cache while a passes by.
TARGET static void NAME(multiply_block)(const float *a, size_t row, size_t step, const right_block *b, float *c, size_t ldc,
                                        size_t m, int is_added, block_triangle triangle) {
  const size_t n = b->columns, k = b->depth;
  const int is_in_place = NAME(is_read_in_place)(b);
  const size_t line = is_in_place ? b->ld : TILE_COLUMNS;
  for (size_t t = 0; t < n; t += TILE_COLUMNS) {
    const float *panel = is_in_place ? b->values + t : b->panels + t * k;
    for (size_t r = triangle == lower_result ? t / TILE_ROWS * TILE_ROWS : 0; r < m; r += TILE_ROWS) {
      size_t rows = smaller(m - r, TILE_ROWS), first = 0, end = k;
      if (triangle == lower_left && r + rows < end) end = r + rows;
      if (triangle == upper_left) first = r;
      const float *tile = a + r * row + first * step, *part = panel + first * line;
      NAME(tile_target) out = {c + r * ldc + t, ldc, n - t, 1, is_added ? 1.0f : 0.0f};
      // The second vector of columns is none, or above the diagonal for all rows.
      int is_narrow = n - t <= LANES || (triangle == lower_result && r + rows <= t + LANES);
      NAME(multiply_rows)(rows, is_narrow ? 1 : 2, tile, row, step, part, line, end - first, NULL, out);
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
