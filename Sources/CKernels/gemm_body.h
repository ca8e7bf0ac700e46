// The matrix product of gemm.c for one width of vectors, without a guard: it is included once for each.
//
// TARGET is the functions' attribute, LANES the floats of a vector, TILE_ROWS the rows of a that are read together, at most
// LANES, and NAME(x) the name x for this width. All are undefined again at the end.

#include "tile_body.h"

// --- packing -------------------------------------------------------------------------------------------------------

/// Values that are used as bf16 ones, one after the other.
PART void NAME(round_operand)(const float *x, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = bf16_operand(x[i]);
}

/// Rows of bf16 values, one behind the other.
PART void NAME(widen)(const uint16_t *x, size_t ld, size_t rows, size_t columns, float *out) {
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < columns; i++) out[r * columns + i] = bf16_operand_value(x[r * ld + i]);
}

/// All panels of `columns` columns from `column` on of b's rows from `p` on.
PART void NAME(pack_b)(gemm_operand b, size_t p, size_t column, size_t depth, size_t columns, int rounds, float *out) {
  for (size_t j = 0; j < columns; j += TILE_COLUMNS, out += depth * TILE_COLUMNS) {
    size_t width = columns - j < TILE_COLUMNS ? columns - j : TILE_COLUMNS;
    size_t start = b.is_transposed ? (column + j) * b.ld + p : p * b.ld + column + j;
    if (!b.is_bf16) {
      NAME(pack_panel)((const float *)b.values + start, b.ld, b.is_transposed, depth, width, out);
      if (rounds) NAME(round_operand)(out, depth * TILE_COLUMNS, out);
      continue;
    }
    // Only what becomes one panel is widened, so that it stays in the first cache.
    size_t rows = b.is_transposed ? width : depth, count = b.is_transposed ? depth : width;
    NAME(widen)((const uint16_t *)b.values + start, b.ld, rows, count, packed.widened);
    NAME(pack_panel)(packed.widened, count, b.is_transposed, depth, width, out);
  }
}

/// a stored [depth, rows] to pieces [depth, TILE_ROWS]; what fills up the last is never used.
PART void NAME(pack_a)(const float *a, size_t lda, size_t depth, size_t rows, float *out) {
  const size_t piece = TILE_ROWS * sizeof(float);
  size_t i = 0;
  // Two pieces at a time, which with AVX-512 share the lines of the cache.
  for (; i + 2 * TILE_ROWS <= rows; i += 2 * TILE_ROWS, out += 2 * depth * TILE_ROWS) {
    const float *source = a + i;
    for (size_t p = 0; p < depth; p++, source += lda) {
      __builtin_prefetch(source + lines_ahead * lda);
      memcpy(out + p * TILE_ROWS, source, piece);
      memcpy(out + (depth + p) * TILE_ROWS, source + TILE_ROWS, piece);
    }
  }
  for (; i < rows; i += TILE_ROWS, out += depth * TILE_ROWS) {
    size_t height = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
    const float *source = a + i;
    for (size_t p = 0; p < depth; p++, source += lda) {
      if (height == TILE_ROWS) {
        memcpy(out + p * TILE_ROWS, source, piece);
      } else {
        for (size_t r = 0; r < height; r++) out[p * TILE_ROWS + r] = source[r];
      }
    }
  }
}

// --- the product ---------------------------------------------------------------------------------------------------

/// Rows of the left operand as tiles read them: element (i, p) of a tile that begins with row r lies at
/// `values + r * distance + i * row + p * step`.
typedef struct {
  const float *values;
  size_t rows, distance, row, step;
} NAME(left_rows);

/// The rows of a from `i` on, over `depth` from `p` on: where they are, or copied, which packs those of a transposed a, or
/// widened.
PART NAME(left_rows) NAME(prepare_rows)(gemm_operand a, int is_copied, rounding rounds, size_t i, size_t p, size_t rows,
                                        size_t depth) {
  size_t start = a.is_transposed ? p * a.ld + i : i * a.ld + p;
  if (a.is_bf16) {
    size_t lines = a.is_transposed ? depth : rows, count = a.is_transposed ? rows : depth;
    NAME(widen)((const uint16_t *)a.values + start, a.ld, lines, count, packed.a);
    a = (gemm_operand){packed.a, count, a.is_transposed, 0, 0}, start = 0, is_copied = 0;
  }
  const float *block = (const float *)a.values + start;
  if (!is_copied)
    return a.is_transposed ? (NAME(left_rows)){block, rows, 1, 1, a.ld} : (NAME(left_rows)){block, rows, a.ld, a.ld, 1};
  if (a.is_transposed) {
    NAME(pack_a)(block, a.ld, depth, rows, packed.a);
    if (rounds == rounds_both)
      NAME(round_operand)(packed.a, (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS * depth, packed.a);
    return (NAME(left_rows)){packed.a, rows, depth, 1, TILE_ROWS};
  }
  for (size_t r = 0; r < rows; r++) {
    if (rounds == rounds_both) {
      NAME(round_operand)(block + r * a.ld, depth, packed.a + r * depth);
    } else {
      memcpy(packed.a + r * depth, block + r * a.ld, depth * sizeof(float));
    }
  }
  return (NAME(left_rows)){packed.a, rows, depth, depth, 1};
}

/// A block of b: panels `apart` from each other, whose lines are `line` apart.
typedef struct {
  const float *panels;
  size_t apart, line, depth, columns;
} NAME(right_block);

/// The product of some rows and a block, for a part of the result of which column `diagonal + r` of row r is the last that is
/// wanted. Where it `fetches_rows`, those behind a tile's are fetched with it.
PART void NAME(multiply_block_rows)(NAME(left_rows) left, int fetches_rows, NAME(right_block) right, float *c, size_t ldc,
                                    size_t rows_behind, float alpha, float beta, ptrdiff_t diagonal, fetches *fetched) {
  for (size_t r = 0; r < left.rows; r += TILE_ROWS) {
    size_t height = smaller(left.rows - r, TILE_ROWS), following = smaller(left.rows - r - height + rows_behind, TILE_ROWS);
    // Where only the triangle below the diagonal is wanted, tiles above it are left out.
    ptrdiff_t reach = diagonal + (ptrdiff_t)(r + height);
    size_t end = reach > 0 ? smaller(right.columns, (size_t)reach) : 0;
    const float *tile = left.values + r * left.distance;
    if (fetches_rows)
      fetched->left =
          region_of(tile + height * left.row, following, right.depth * sizeof(float), left.row * sizeof(float));
    for (size_t t = 0; t < end; t += TILE_COLUMNS) {
      size_t width = smaller(end - t, TILE_COLUMNS);
      NAME(tile_target) out = {c + r * ldc + t, ldc, right.columns - t, alpha, beta};
      fetched->result = result_behind(c + r * ldc, ldc, t, width, end, height, following);
      const float *panel = right.panels + t * right.apart;
      NAME(multiply_rows)(height, width > LANES ? 2 : 1, tile, left.row, left.step, panel, right.line, right.depth, fetched,
                          out);
    }
  }
}

// --- the product, turned -------------------------------------------------------------------------------------------

/// Makes, or adds to, the first `columns` rows of c from the transpose of x [rows, TILE_COLUMNS].
PART void NAME(store_turned)(const float *x, size_t rows, size_t columns, float *c, size_t ldc, int adds) {
  enum { side = transposed_side };
  for (size_t j = 0; j < columns; j += side) {
    for (size_t i = 0; i < rows; i += side) {
      const float *source = x + i * TILE_COLUMNS + j;
      float *target = c + j * ldc + i;
      size_t height = smaller(columns - j, side), width = smaller(rows - i, side);
      if (!adds && height == side && width == side) {
        transpose_block(source, TILE_COLUMNS, target, ldc);
        continue;
      }
      float block[side * side];
      transpose_block(source, TILE_COLUMNS, block, side);
      for (size_t q = 0; q < height; q++)
        for (size_t r = 0; r < width; r++)
          target[q * ldc + r] = adds ? target[q * ldc + r] + block[q * side + r] : block[q * side + r];
    }
  }
}

/// As ``multiply_block_rows``, all of it, for a c that is the transpose of the product.
PART void NAME(multiply_block_turned)(NAME(left_rows) left, int fetches_rows, NAME(right_block) right, float *c, size_t ldc,
                                      size_t rows_behind, int adds, fetches *fetched) {
  // As many as fill a line of c.
  enum { rows_together = 2 * TILE_ROWS };
  float turned[rows_together * TILE_COLUMNS] __attribute__((aligned(64)));
  for (size_t r = 0; r < left.rows; r += rows_together) {
    size_t together = smaller(left.rows - r, rows_together), behind = left.rows - r - together + rows_behind;
    const float *rows = left.values + r * left.distance;
    if (fetches_rows)
      fetched->left = region_of(rows + together * left.row, smaller(behind, rows_together), right.depth * sizeof(float),
                                left.row * sizeof(float));
    for (size_t t = 0; t < right.columns; t += TILE_COLUMNS) {
      size_t width = smaller(right.columns - t, TILE_COLUMNS);
      const float *panel = right.panels + t * right.apart;
      float *target = c + t * ldc + r;
      fetched->result = region_of(target + together, behind ? width : 0, line_bytes, ldc * sizeof(float));
      for (size_t i = 0; i < together; i += TILE_ROWS) {
        size_t height = smaller(together - i, TILE_ROWS);
        NAME(tile_target) out = {turned + i * TILE_COLUMNS, TILE_COLUMNS, TILE_COLUMNS, 1, 0};
        const float *tile = rows + i * left.distance;
        NAME(multiply_rows)(height, width > LANES ? 2 : 1, tile, left.row, left.step, panel, right.line, right.depth, fetched,
                            out);
      }
      NAME(store_turned)(turned, together, width, target, ldc, adds);
    }
  }
}

/// Whether a bᵀ is better computed as (b aᵀ)ᵀ: then b, which a linear layer's weights are, is read as it is stored, and a packed.
/// That is for few rows of a, which have to fill vectors. On Zen 4 a column that is missing in a vector costs as much as one that
/// is there, and an element of a or of the result, to pack or to turn, four fifths of one of b.
PART int NAME(is_better_turned)(size_t m, size_t n, size_t k) {
  size_t padding = (m + LANES - 1) / LANES * LANES - m;
  return TILE_ROWS == transposed_side && padding * n * k + 4 * m * (n + k) <= 5 * n * k;
}

// --- all of it -----------------------------------------------------------------------------------------------------

/// Of a turned product c becomes the transpose, `alpha` is one and `beta` zero.
TARGET static void NAME(multiply_blocks)(gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m, size_t n, size_t k,
                                         float alpha, float beta, int lower, rounding rounds, int is_turned,
                                         memory_region next) {
  // Equal pieces: 352 deep is twice 176, not 256 and 96. Without depth there is still one, which scales c.
  size_t pieces = k ? (k + depth_block - 1) / depth_block : 1, piece = (k + pieces - 1) / pieces;
  int is_copied = rounds == rounds_both || (share_sets(a.ld) && n > TILE_COLUMNS);
  int fetches_rows = !a.is_transposed && !is_copied;
  // What is a panel already but for the distance of its lines is read where it is.
  int is_direct = !b.is_packed && !b.is_transposed && !b.is_bf16 && rounds == rounds_none && b.ld < distant && n % LANES == 0;
  fetches fetched = {0};
  for (size_t j = 0; j < n; j += column_block) {
    size_t columns = smaller(n - j, column_block);
    for (size_t part = 0; part < pieces; part++) {
      size_t p = part * piece, depth = smaller(k - p, piece);
      NAME(right_block) right = {packed.b, depth, TILE_COLUMNS, depth, columns};
      if (b.is_packed) {
        right.panels = (const float *)b.values + j * k + p * TILE_COLUMNS, right.apart = k;
      } else if (is_direct) {
        right.panels = (const float *)b.values + p * b.ld + j, right.apart = 1, right.line = b.ld;
      } else {
        NAME(pack_b)(b, p, j, depth, columns, rounds, packed.b);
      }
      fetched.right = region_behind(b, n, k, j, p, column_block, piece, next);
      for (size_t i = lower ? j / row_block * row_block : 0; i < m; i += row_block) {
        size_t rows = smaller(m - i, row_block);
        NAME(left_rows) left = NAME(prepare_rows)(a, is_copied, rounds, i, p, rows, depth);
        size_t behind = smaller(m - i - rows, row_block);
        if (!fetches_rows) fetched.left = left_region(a, i + rows, behind, p, depth);
        if (TILE_ROWS == transposed_side && is_turned) {
          NAME(multiply_block_turned)(left, fetches_rows, right, c + j * ldc + i, ldc, m - i - rows, part > 0, &fetched);
        } else {
          NAME(multiply_block_rows)(left, fetches_rows, right, c + i * ldc + j, ldc, m - i - rows, alpha,
                                    part == 0 ? beta : 1.0f, lower ? (ptrdiff_t)i - (ptrdiff_t)j : (ptrdiff_t)n, &fetched);
        }
      }
    }
  }
}

/// With `rounds` operands are used as bf16 values; one that is stored as such has to be.
TARGET static void NAME(gemm)(gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha,
                              float beta, int lower, rounding rounds, memory_region next) {
  int is_linear_layer = !a.is_transposed && b.is_transposed && alpha == 1 && beta == 0 && !lower;
  if (is_linear_layer && rounds == rounds_none && NAME(is_better_turned)(m, n, k)) {
    gemm_operand left = {b.values, b.ld, 0, 0, 0}, right = {a.values, a.ld, 1, 0, 0};
    NAME(multiply_blocks)(left, right, c, ldc, n, m, k, 1, 0, 0, rounds_none, 1, next);
  } else {
    NAME(multiply_blocks)(a, b, c, ldc, m, n, k, alpha, beta, lower, rounds, 0, next);
  }
}

/// The panels of the columns from `first` to before `end` of b [k, n], each over the whole depth.
TARGET static void NAME(pack_rounded)(gemm_operand b, size_t n, size_t k, size_t first, size_t end, float *out) {
  for (size_t j = first; j < end; j += TILE_COLUMNS)
    for (size_t p = 0; p < k; p += depth_block)
      NAME(pack_b)(b, p, j, k - p < depth_block ? k - p : depth_block, n - j < TILE_COLUMNS ? n - j : TILE_COLUMNS, 1,
                   out + j * k + p * TILE_COLUMNS);
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
