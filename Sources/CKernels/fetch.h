// What a matrix product fetches on the side, before it or the next product reads it.
//
// A line comes from memory in some hundred cycles, and the buffers for lines on their way are few: behind many prefetches at
// once the loads of what is in the second cache already have to wait, too. So lines are fetched one at a time, in between the
// steps of a tile. On Zen 4, of at most 117 GFLOP/s, 192 x 176 x 256 from memory: 95 with the lines of a tile fetched before it,
// 105 so, and 110 where the product before has fetched the right operand.

#ifndef MOONLIGHT_FETCH_H
#define MOONLIGHT_FETCH_H

#include "cache.h"

/// The lines of a region that are still to be fetched.
typedef struct {
  const char *row;
  size_t rows, bytes, distance, done;
} fetch_region;

INLINE fetch_region region_of(const void *start, size_t rows, size_t bytes, size_t distance) {
  return (fetch_region){start, bytes > 0 ? rows : 0, bytes, distance, 0};
}

/// The next line of a region that has one.
INLINE const char *next_line(fetch_region *region) {
  const char *line = region->row + region->done;
  region->done += line_bytes;
  if (region->done >= region->bytes) region->row += region->distance, region->rows--, region->done = 0;
  return line;
}

INLINE size_t element_bytes(gemm_operand x) { return x.is_bf16 ? sizeof(uint16_t) : sizeof(float); }

/// Rows from `row` on of a [., .] or, transposed, of its transpose, `depth` deep from `p` on.
INLINE fetch_region left_region(gemm_operand a, size_t row, size_t rows, size_t p, size_t depth) {
  size_t size = element_bytes(a), place = a.is_transposed ? p * a.ld + row : row * a.ld + p;
  const char *start = (const char *)a.values + place * size;
  return a.is_transposed ? region_of(start, depth, rows * size, a.ld * size)
                         : region_of(start, rows, depth * size, a.ld * size);
}

/// What is read behind a block of b [k, n], `columns` wide from `column` on and `depth` deep from `p` on: the next block, or
/// what the next product reads.
INLINE fetch_region region_behind(gemm_operand b, size_t n, size_t k, size_t column, size_t p, size_t columns, size_t depth,
                                  memory_region next) {
  size_t below = p + depth, right = below < k ? column : column + columns;
  if (below >= k) below = 0;
  if (b.is_packed || right >= n) return region_of(next.start, 1, next.bytes, 0);
  size_t size = element_bytes(b);
  size_t width = smaller(n - right, columns), height = smaller(k - below, depth);
  size_t place = b.is_transposed ? right * b.ld + below : below * b.ld + right;
  const char *start = (const char *)b.values + place * size;
  return b.is_transposed ? region_of(start, width, height * size, b.ld * size)
                         : region_of(start, height, width * size, b.ld * size);
}

/// Where the result of the tile behind one goes that begins at column `t` of `row` and is `height` x `width`: beside it up to
/// column `end`, else in the rows below, of which `following` are left.
INLINE fetch_region result_behind(const float *row, size_t ldc, size_t t, size_t width, size_t end, size_t height,
                                  size_t following) {
  return t + width < end ? region_of(row + t + width, height, width * sizeof(float), ldc * sizeof(float))
                         : region_of(row + height * ldc, following, width * sizeof(float), ldc * sizeof(float));
}

/// What the tiles of a product fetch.
typedef struct {
  /// Where the next tile's result goes.
  fetch_region result;
  /// The rows of the left operand behind those that are multiplied.
  fetch_region left;
  /// The right operand behind the part that is multiplied by, or what the next product reads.
  fetch_region right;
} fetches;

INLINE void fetch_some(fetches *all) {
  if (all->result.rows) __builtin_prefetch(next_line(&all->result), 1);
  // Two, for rows that few tiles are made of.
  if (all->left.rows) __builtin_prefetch(next_line(&all->left));
  if (all->left.rows) __builtin_prefetch(next_line(&all->left));
  if (all->right.rows) prefetch_second_cache(next_line(&all->right));
}

#endif
