// The matrix product of gemm.c for one width of vectors, without a guard: it is included once for each.
//
// TARGET is the functions' attribute, LANES the floats of a vector, TILE_ROWS the rows of a that are read together, at most
// LANES, and NAME(x) the name x for this width. All are undefined again at the end.

#define PART TARGET static inline __attribute__((always_inline))
#define TILE_COLUMNS (2 * LANES)

typedef float NAME(vector) __attribute__((vector_size(4 * LANES)));
typedef float NAME(unaligned_vector) __attribute__((vector_size(4 * LANES), aligned(4)));

// Macros, because a function that takes or returns such a vector has a calling convention of its own on every target.
#define VECTOR(x) (*(NAME(unaligned_vector) *)(x))
#define CONST_VECTOR(x) (*(const NAME(unaligned_vector) *)(x))

// --- packing -------------------------------------------------------------------------------------------------------

/// Of b [depth, columns] or, transposed, [columns, depth], up to TILE_COLUMNS columns to a panel [depth, TILE_COLUMNS],
/// filled up with zeros.
PART void NAME(pack_panel)(const float *b, size_t ldb, int transposed, size_t depth, size_t width, float *out) {
  if (width == TILE_COLUMNS && !transposed) {
    for (size_t p = 0; p < depth; p++) {
      VECTOR(out + p * TILE_COLUMNS) = CONST_VECTOR(b + p * ldb);
      VECTOR(out + p * TILE_COLUMNS + LANES) = CONST_VECTOR(b + p * ldb + LANES);
    }
  } else if (width == TILE_COLUMNS) {
    size_t p = 0;
    for (; p + 8 <= depth; p += 8)
      for (size_t i = 0; i < TILE_COLUMNS; i += 8)
        transpose_block(b + i * ldb + p, ldb, out + p * TILE_COLUMNS + i, TILE_COLUMNS);
    for (; p < depth; p++)
      for (size_t i = 0; i < TILE_COLUMNS; i++) out[p * TILE_COLUMNS + i] = b[i * ldb + p];
  } else {
    size_t step = transposed ? 1 : ldb, across = transposed ? ldb : 1;
    for (size_t p = 0; p < depth; p++)
      for (size_t i = 0; i < TILE_COLUMNS; i++) out[p * TILE_COLUMNS + i] = i < width ? b[p * step + i * across] : 0;
  }
}

/// Values that are used as bf16 ones, one after the other.
PART void NAME(round_operand)(const float *x, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = bf16_operand(x[i]);
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
    for (size_t r = 0; r < rows; r++) {
      const uint16_t *source = (const uint16_t *)b.values + start + r * b.ld;
      for (size_t i = 0; i < count; i++) packed.widened[r * count + i] = bf16_operand_value(source[i]);
    }
    NAME(pack_panel)(packed.widened, count, b.is_transposed, depth, width, out);
  }
}

/// a stored [depth, rows] to pieces [depth, TILE_ROWS]; what fills up the last is never used.
PART void NAME(pack_a)(const float *a, size_t lda, size_t depth, size_t rows, float *out) {
  for (size_t i = 0; i < rows; i += TILE_ROWS, out += depth * TILE_ROWS) {
    size_t height = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
    const float *source = a + i;
    if (rows - i >= LANES) {
      // A vector at a time: what is too much is overwritten by the next, and the piece has room for it after its end.
      for (size_t p = 0; p < depth; p++) VECTOR(out + p * TILE_ROWS) = CONST_VECTOR(source + p * lda);
    } else {
      for (size_t p = 0; p < depth; p++)
        for (size_t r = 0; r < height; r++) out[p * TILE_ROWS + r] = source[p * lda + r];
    }
  }
}

// --- one tile ------------------------------------------------------------------------------------------------------

#define FINISH(sum, c) \
  VECTOR(c) = out.beta == 0 ? out.alpha * (sum) : out.alpha * (sum) + out.beta * CONST_VECTOR(c)

/// `rows` of a, `row` apart and `step` apart in depth, times one panel of b, or the first half of its columns.
PART void NAME(multiply_tile)(const int rows, const int vectors, const float *a, size_t row, size_t step, const float *b,
                              size_t depth, tile_target out) {
#pragma clang fp contract(fast)
  NAME(vector) sums[TILE_ROWS][2] = {};
  for (size_t p = 0; p < depth; p++) {
    NAME(vector) left = CONST_VECTOR(b + p * TILE_COLUMNS), right = {};
    if (vectors == 2) right = CONST_VECTOR(b + p * TILE_COLUMNS + LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      float x = a[(size_t)r * row + p * step];
      sums[r][0] += x * left;
      if (vectors == 2) sums[r][1] += x * right;
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
    float line[TILE_COLUMNS];
    VECTOR(line) = out.alpha * sums[r][0];
    VECTOR(line + LANES) = out.alpha * sums[r][1];
    float *c = out.start + (size_t)r * out.ld;
    for (size_t i = 0; i < out.columns; i++) c[i] = out.beta == 0 ? line[i] : line[i] + out.beta * c[i];
  }
}

PART void NAME(multiply_rows)(size_t rows, const int vectors, const float *a, size_t row, size_t step, const float *b,
                              size_t depth, tile_target out) {
  switch (rows) {
    case 1: NAME(multiply_tile)(1, vectors, a, row, step, b, depth, out); break;
    case 2: NAME(multiply_tile)(2, vectors, a, row, step, b, depth, out); break;
    case 3: NAME(multiply_tile)(3, vectors, a, row, step, b, depth, out); break;
    case 4: NAME(multiply_tile)(4, vectors, a, row, step, b, depth, out); break;
    case 5: NAME(multiply_tile)(5, vectors, a, row, step, b, depth, out); break;
#if TILE_ROWS > 6
    case 6: NAME(multiply_tile)(6, vectors, a, row, step, b, depth, out); break;
    case 7: NAME(multiply_tile)(7, vectors, a, row, step, b, depth, out); break;
#endif
    default: NAME(multiply_tile)(TILE_ROWS, vectors, a, row, step, b, depth, out);
  }
}

// --- the product ---------------------------------------------------------------------------------------------------

/// With `rounds` operands are used as bf16 values; one that is stored as such has to be.
TARGET static void NAME(gemm)(const float *a, size_t lda, int a_transposed, gemm_operand b, float *c, size_t ldc, size_t m,
                              size_t n, size_t k, float alpha, float beta, int lower, rounding rounds) {
  // Equal pieces: 352 deep is twice 176, not 256 and 96. Without depth there is still one, which scales c.
  size_t pieces = k ? (k + depth_block - 1) / depth_block : 1, piece = (k + pieces - 1) / pieces;
  int is_copied = !a_transposed && (rounds == rounds_both || (lda >= distant && n > TILE_COLUMNS));
  for (size_t j = 0; j < n; j += column_block) {
    size_t columns = n - j < column_block ? n - j : column_block;
    for (size_t part = 0; part < pieces; part++) {
      size_t p = part * piece, depth = k - p < piece ? k - p : piece;
      const float *panels = packed.b;
      size_t apart = depth;
      if (b.is_packed) {
        panels = (const float *)b.values + j * k + p * TILE_COLUMNS, apart = k;
      } else {
        NAME(pack_b)(b, p, j, depth, columns, rounds, packed.b);
      }
      for (size_t i = lower ? j / row_block * row_block : 0; i < m; i += row_block) {
        size_t rows = m - i < row_block ? m - i : row_block;
        const float *block = a + i * lda + p;
        size_t distance = lda, row = lda, step = 1;
        if (a_transposed) {
          NAME(pack_a)(a + p * lda + i, lda, depth, rows, packed.a);
          block = packed.a, distance = depth, row = 1, step = TILE_ROWS;
          if (rounds == rounds_both) NAME(round_operand)(block, (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS * depth, packed.a);
        } else if (is_copied) {
          for (size_t r = 0; r < rows; r++) {
            if (rounds == rounds_both) {
              NAME(round_operand)(block + r * lda, depth, packed.a + r * depth);
            } else {
              memcpy(packed.a + r * depth, block + r * lda, depth * sizeof(float));
            }
          }
          block = packed.a, distance = row = depth;
        }
        for (size_t r = 0; r < rows; r += TILE_ROWS) {
          size_t height = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
          // Where only the triangle below the diagonal is wanted, tiles above it are left out.
          size_t reach = i + r + height;
          size_t end = !lower || reach > j + columns ? columns : reach > j ? reach - j : 0;
          for (size_t t = 0; t < end; t += TILE_COLUMNS) {
            tile_target out = {c + (i + r) * ldc + j + t, ldc, columns - t, alpha, part == 0 ? beta : 1.0f};
            const float *tile = block + r * distance, *panel = panels + t * apart;
            if (end - t > LANES) {
              NAME(multiply_rows)(height, 2, tile, row, step, panel, depth, out);
            } else {
              NAME(multiply_rows)(height, 1, tile, row, step, panel, depth, out);
            }
          }
        }
      }
    }
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
#undef FINISH
