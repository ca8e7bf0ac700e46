// Products of the small blocks that attention is computed in (attention.c), for one width of vectors, without a guard: it is
// included once for each.
//
// Unlike gemm_body.h's, the right operand of a product is packed by the caller, who uses it for many left ones, and products with
// triangular blocks leave out what is known to be zero or not wanted.
//
// TARGET is the functions' attribute, LANES the floats of a vector, TILE_ROWS the rows that are kept in registers together
// with two vectors of columns, and NAME(x) the name x for this width. All are undefined again at the end.

#define PART TARGET static inline __attribute__((always_inline))
#define TILE_COLUMNS (2 * LANES)

typedef float NAME(vector) __attribute__((vector_size(4 * LANES)));
typedef float NAME(unaligned_vector) __attribute__((vector_size(4 * LANES), aligned(4)));

#define VECTOR(x) (*(NAME(unaligned_vector) *)(x))
#define CONST_VECTOR(x) (*(const NAME(unaligned_vector) *)(x))

/// x [depth, columns] or, transposed, [columns, depth], to panels [depth, TILE_COLUMNS], the last filled up with zeros.
TARGET static void NAME(pack_panels)(const float *x, size_t ld, int is_transposed, size_t depth, size_t columns, float *out) {
  for (size_t j = 0; j < columns; j += TILE_COLUMNS, out += depth * TILE_COLUMNS) {
    size_t width = columns - j < TILE_COLUMNS ? columns - j : TILE_COLUMNS, p = 0;
    const float *source = is_transposed ? x + j * ld : x + j;
    if (width == TILE_COLUMNS && !is_transposed) {
      for (; p < depth; p++) {
        VECTOR(out + p * TILE_COLUMNS) = CONST_VECTOR(source + p * ld);
        VECTOR(out + p * TILE_COLUMNS + LANES) = CONST_VECTOR(source + p * ld + LANES);
      }
    } else if (width == TILE_COLUMNS) {
      for (; p + 8 <= depth; p += 8)
        for (size_t i = 0; i < TILE_COLUMNS; i += 8)
          transpose_block(source + i * ld + p, ld, out + p * TILE_COLUMNS + i, TILE_COLUMNS);
    }
    size_t step = is_transposed ? 1 : ld, across = is_transposed ? ld : 1;
    for (; p < depth; p++)
      for (size_t i = 0; i < TILE_COLUMNS; i++) out[p * TILE_COLUMNS + i] = i < width ? source[p * step + i * across] : 0;
  }
}

/// `rows` of a, `row` apart and `step` apart in depth, times one panel, added to c where `is_added`.
PART void NAME(multiply_tile)(const int rows, const int vectors, const float *a, size_t row, size_t step, const float *b,
                              size_t depth, float *c, size_t ldc, size_t columns, int is_added) {
#pragma clang fp contract(fast)
  NAME(vector) sums[TILE_ROWS][2] = {};
  // An address can name the next two rows: a pointer for three of them takes fewer additions than one for each.
  const float *starts[3] = {a, a + 3 * row, a + 6 * row};
  for (size_t p = 0; p < depth; p++) {
    NAME(vector) left = CONST_VECTOR(b + p * TILE_COLUMNS), right = {};
    if (vectors == 2) right = CONST_VECTOR(b + p * TILE_COLUMNS + LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      float x = starts[r / 3][r % 3 * row];
      sums[r][0] += x * left;
      if (vectors == 2) sums[r][1] += x * right;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < (rows + 2) / 3; i++) {
      starts[i] += step;
      __asm__("" : "+r"(starts[i]));  // The compiler would make it a pointer a row again.
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++, c += ldc) {
    if (columns >= (size_t)vectors * LANES) {
      VECTOR(c) = is_added ? CONST_VECTOR(c) + sums[r][0] : sums[r][0];
      if (vectors == 2) VECTOR(c + LANES) = is_added ? CONST_VECTOR(c + LANES) + sums[r][1] : sums[r][1];
    } else {
      float line[TILE_COLUMNS];
      VECTOR(line) = sums[r][0];
      VECTOR(line + LANES) = sums[r][1];
      for (size_t i = 0; i < columns; i++) c[i] = is_added ? c[i] + line[i] : line[i];
    }
  }
}

PART void NAME(multiply_rows)(size_t rows, const int vectors, const float *a, size_t row, size_t step, const float *b,
                              size_t depth, float *c, size_t ldc, size_t columns, int is_added) {
  switch (rows) {
    case 1: NAME(multiply_tile)(1, vectors, a, row, step, b, depth, c, ldc, columns, is_added); break;
    case 2: NAME(multiply_tile)(2, vectors, a, row, step, b, depth, c, ldc, columns, is_added); break;
    case 3: NAME(multiply_tile)(3, vectors, a, row, step, b, depth, c, ldc, columns, is_added); break;
    case 4: NAME(multiply_tile)(4, vectors, a, row, step, b, depth, c, ldc, columns, is_added); break;
    case 5: NAME(multiply_tile)(5, vectors, a, row, step, b, depth, c, ldc, columns, is_added); break;
#if TILE_ROWS > 6
    case 6: NAME(multiply_tile)(6, vectors, a, row, step, b, depth, c, ldc, columns, is_added); break;
    case 7: NAME(multiply_tile)(7, vectors, a, row, step, b, depth, c, ldc, columns, is_added); break;
#endif
    default: NAME(multiply_tile)(TILE_ROWS, vectors, a, row, step, b, depth, c, ldc, columns, is_added);
  }
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
      float *out = c + r * ldc + t;
      if (n - t > LANES) {
        NAME(multiply_rows)(rows, 2, tile, row, step, part, end - first, out, ldc, n - t, is_added);
      } else {
        NAME(multiply_rows)(rows, 1, tile, row, step, part, end - first, out, ldc, n - t, is_added);
      }
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
