// One tile of a matrix product by fp32 instructions, and the packing of its right operand, for one width of vectors, without a
// guard: gemm_body.h and block_product_body.h include it, and undefine its names at their ends.
//
// TARGET is the functions' attribute, LANES the floats of a vector, TILE_ROWS the rows that are kept in registers together
// with two vectors of columns, and NAME(x) the name x for this width.

#define PART TARGET static inline __attribute__((always_inline))
#define TILE_COLUMNS (2 * LANES)

typedef float NAME(vector) __attribute__((vector_size(4 * LANES)));
typedef float NAME(unaligned_vector) __attribute__((vector_size(4 * LANES), aligned(4)));
typedef float NAME(unaligned_side) __attribute__((vector_size(4 * transposed_side), aligned(4)));

// Macros, because a function that takes or returns such a vector has a calling convention of its own on every target.
#define VECTOR(x) (*(NAME(unaligned_vector) *)(x))
#define CONST_VECTOR(x) (*(const NAME(unaligned_vector) *)(x))
#define SIDE(x) (*(NAME(unaligned_side) *)(x))

/// Of a panel's line the columns from `first` on, a multiple of a block's: those of b, of `width`, that are `distance` apart, then
/// zeros.
PART void NAME(pack_rest)(const float *b, size_t distance, size_t first, size_t width, float *line) {
  for (size_t i = first; i < TILE_COLUMNS; i += transposed_side) SIDE(line + i) = (NAME(unaligned_side)){};
  for (size_t i = first; i < width; i++) line[i] = b[i * distance];
}

/// Of b [columns, depth], of which `width` are there, the first `whole` columns in blocks, the others one by one.
PART void NAME(pack_transposed)(const float *b, size_t ldb, size_t depth, const size_t whole, size_t width, float *out) {
  for (size_t p = 0; p < depth; p += transposed_side, b += transposed_side, out += transposed_side * TILE_COLUMNS) {
    size_t lines = smaller(depth - p, transposed_side), first = lines == transposed_side ? whole : 0;
    // The rows of the next panel are too many for the processor to fetch by itself.
    if (whole == TILE_COLUMNS && p % line_floats == 0)
      for (size_t i = TILE_COLUMNS; i < 2 * TILE_COLUMNS; i++) prefetch_second_cache(b + i * ldb);
    for (size_t i = 0; i < first; i += transposed_side) transpose_block(b + i * ldb, ldb, out + i, TILE_COLUMNS);
    if (first < TILE_COLUMNS)
      for (size_t q = 0; q < lines; q++) NAME(pack_rest)(b + q, ldb, first, width, out + q * TILE_COLUMNS);
  }
}

/// Of b [depth, columns] or, transposed, [columns, depth], up to TILE_COLUMNS columns to a panel [depth, TILE_COLUMNS],
/// filled up with zeros.
PART void NAME(pack_panel)(const float *b, size_t ldb, int is_transposed, size_t depth, size_t width, float *out) {
  if (is_transposed && width == TILE_COLUMNS) {
    NAME(pack_transposed)(b, ldb, depth, TILE_COLUMNS, width, out);
  } else if (is_transposed) {
    NAME(pack_transposed)(b, ldb, depth, width / transposed_side * transposed_side, width, out);
  } else if (width == TILE_COLUMNS) {
    for (size_t p = 0; p < depth; p++) {
      VECTOR(out + p * TILE_COLUMNS) = CONST_VECTOR(b + p * ldb);
      VECTOR(out + p * TILE_COLUMNS + LANES) = CONST_VECTOR(b + p * ldb + LANES);
    }
  } else if (width == LANES) {
    for (size_t p = 0; p < depth; p++) {
      VECTOR(out + p * TILE_COLUMNS) = CONST_VECTOR(b + p * ldb);
      VECTOR(out + p * TILE_COLUMNS + LANES) = (NAME(unaligned_vector)){};
    }
  } else {
    const size_t whole = width / transposed_side * transposed_side;
    for (size_t p = 0; p < depth; p++, b += ldb, out += TILE_COLUMNS) {
      for (size_t i = 0; i < whole; i += transposed_side) SIDE(out + i) = *(const NAME(unaligned_side) *)(b + i);
      NAME(pack_rest)(b, 1, whole, width, out);
    }
  }
}

/// What a tile's product becomes: alpha times it, plus beta times what is there.
typedef struct {
  float *start;
  size_t ld, columns;
  float alpha, beta;
} NAME(tile_target);

#define FINISH(sum, c) \
  VECTOR(c) = out.beta == 0 ? out.alpha * (sum) : out.alpha * (sum) + out.beta * CONST_VECTOR(c)

/// `rows` of a, `row` apart and `step` apart in depth, times a panel of b, whose lines are `line` apart, or the first half of
/// its columns. What `fetched` has, which may be null, is fetched on the way.
PART void NAME(multiply_tile)(const int rows, const int vectors, const float *a, size_t row, size_t step, const float *b,
                              size_t line, size_t depth, fetches *fetched, NAME(tile_target) out) {
#pragma clang fp contract(fast)
  NAME(vector) sums[TILE_ROWS][2] = {};
  // An address can name the next two rows: a pointer for three of them takes fewer additions than one for each.
  const float *starts[3] = {a, a + 3 * row, a + 6 * row};
  for (size_t p = 0; p < depth;) {
    if (fetched) fetch_some(fetched);
    const size_t stop = smaller(depth, p + depth_between_fetches);
    for (; p < stop; p++, b += line) {
      NAME(vector) left = CONST_VECTOR(b), right = {};
      if (vectors == 2) right = CONST_VECTOR(b + LANES);
      // Of lines that are not neighbours the processor does not fetch the next by itself.
      if (line != TILE_COLUMNS) {
        __builtin_prefetch(b + lines_ahead * line);
        if (vectors == 2) __builtin_prefetch(b + lines_ahead * line + LANES);
      }
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
  }
  if (out.columns >= (size_t)vectors * LANES) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      FINISH(sums[r][0], out.start + (size_t)r * out.ld);
      if (vectors == 2) FINISH(sums[r][1], out.start + (size_t)r * out.ld + LANES);
    }
    return;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    float values[TILE_COLUMNS];
    VECTOR(values) = out.alpha * sums[r][0];
    VECTOR(values + LANES) = out.alpha * sums[r][1];
    float *c = out.start + (size_t)r * out.ld;
    for (size_t i = 0; i < out.columns; i++) c[i] = out.beta == 0 ? values[i] : values[i] + out.beta * c[i];
  }
}

PART void NAME(multiply_tile_rows)(size_t rows, const int vectors, const float *a, size_t row, size_t step, const float *b,
                                   size_t line, size_t depth, fetches *fetched, NAME(tile_target) out) {
  switch (rows) {
    case 1: NAME(multiply_tile)(1, vectors, a, row, step, b, line, depth, fetched, out); break;
    case 2: NAME(multiply_tile)(2, vectors, a, row, step, b, line, depth, fetched, out); break;
    case 3: NAME(multiply_tile)(3, vectors, a, row, step, b, line, depth, fetched, out); break;
    case 4: NAME(multiply_tile)(4, vectors, a, row, step, b, line, depth, fetched, out); break;
    case 5: NAME(multiply_tile)(5, vectors, a, row, step, b, line, depth, fetched, out); break;
#if TILE_ROWS > 6
    case 6: NAME(multiply_tile)(6, vectors, a, row, step, b, line, depth, fetched, out); break;
    case 7: NAME(multiply_tile)(7, vectors, a, row, step, b, line, depth, fetched, out); break;
#endif
    default: NAME(multiply_tile)(TILE_ROWS, vectors, a, row, step, b, line, depth, fetched, out);
  }
}

/// A tile of so many rows and vectors of columns.
PART void NAME(multiply_rows)(size_t rows, int vectors, const float *a, size_t row, size_t step, const float *b, size_t line,
                              size_t depth, fetches *fetched, NAME(tile_target) out) {
  if (vectors == 2) {
    NAME(multiply_tile_rows)(rows, 2, a, row, step, b, line, depth, fetched, out);
  } else {
    NAME(multiply_tile_rows)(rows, 1, a, row, step, b, line, depth, fetched, out);
  }
}
