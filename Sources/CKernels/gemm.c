// A matrix product for the sizes that a training step is made of: a few hundred rows, columns and depth, thousands of
// times. A BLAS is built for large ones: it clears the result before it adds to it and packs both operands.
//
// As Goto and van de Geijn do it, with b packed into the second cache and a few rows of a in the first, read where they
// are; these rows by two vectors of columns of the result are kept in registers. An element's sum runs over k in one order
// whatever the rows and columns of a call, so a result does not depend on how the work was split. A linear layer's product for
// few rows is computed turned: packing its weights would take a tenth of the time, or a fourth for 16 rows.
//
// gemm_body.h is this for one width of vectors; here it is compiled for each and the processor's chosen.

// The same product serves operands that are rounded to bf16, where the processor has no instructions for those
// (gemm_bf16.c): rounded while they are packed, so that only the order of the sums is another.

#include "bfloat.h"
#include "gemm_internal.h"
#include "tile.h"
#include "vector_width.h"

#include <stdlib.h>

enum {
  /// Depth and columns of packed b: 256 KiB, half of a usual second cache.
  depth_block = 256,
  column_block = 256,
  /// Rows of a that are packed at a time, where they must be: a multiple of every width's.
  row_block = 96,
  widest_lanes = 16,
};

/// What one thread packs.
static _Thread_local struct {
  float b[depth_block * column_block] __attribute__((aligned(64)));
  float a[depth_block * row_block] __attribute__((aligned(64)));
  /// What becomes one panel of b, from bf16 values.
  float widened[depth_block * 2 * widest_lanes] __attribute__((aligned(64)));
} packed;

/// Which operands are rounded to bf16 while they are packed.
typedef enum { rounds_none, rounds_b, rounds_both } rounding;

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define LANES 16
#define TILE_ROWS 8
#define NAME(x) x##_avx512
#include "gemm_body.h"

#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define TILE_ROWS 6
#define NAME(x) x##_avx2
#include "gemm_body.h"
#endif

#define TARGET
#define LANES 8
#define TILE_ROWS 6
#define NAME(x) x##_portable
#include "gemm_body.h"

int kernel_gemm_is_preferred(void) {
  // Without optimisation (a debug build) vectors live in memory and the BLAS is far ahead.
#ifdef __OPTIMIZE__
  return processor_width() != width_portable;
#else
  return 0;
#endif
}

static void multiply(gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha,
                     float beta, int lower, rounding rounds, memory_region next) {
  switch (processor_width()) {
#if defined(__x86_64__)
    case width_avx512:
      gemm_avx512(a, b, c, ldc, m, n, k, alpha, beta, lower, rounds, next);
      return;
    case width_avx2: gemm_avx2(a, b, c, ldc, m, n, k, alpha, beta, lower, rounds, next); return;
#endif
    default: gemm_portable(a, b, c, ldc, m, n, k, alpha, beta, lower, rounds, next);
  }
}

void kernel_gemm(const float *a, size_t lda, int a_transposed, const float *b, size_t ldb, int b_transposed, float *c,
                 size_t ldc, size_t m, size_t n, size_t k, float alpha, float beta, int lower, memory_region next) {
  gemm_operand left = {a, lda, a_transposed, 0, 0}, right = {b, ldb, b_transposed, 0, 0};
  multiply(left, right, c, ldc, m, n, k, alpha, beta, lower, rounds_none, next);
}

void gemm_rounded(gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha, float beta,
                  int lower, memory_region next) {
  // Each block of columns would round a again.
  float *rounded = !a.is_transposed && n > column_block ? malloc(m * k * sizeof(float)) : NULL;
  if (!rounded) {
    multiply(a, b, c, ldc, m, n, k, alpha, beta, lower, rounds_both, next);
    return;
  }
  kernel_round_operand(a, m, k, rounded);
  multiply((gemm_operand){rounded, k, 0, 0, 0}, b, c, ldc, m, n, k, alpha, beta, lower, rounds_b, next);
  free(rounded);
}

size_t gemm_packing_bytes(void) { return sizeof packed; }

size_t rounded_count(size_t n, size_t k) {
  // Up to the widest panels.
  return (n + 2 * widest_lanes - 1) / (2 * widest_lanes) * (2 * widest_lanes) * k;
}

void pack_rounded(gemm_operand b, size_t n, size_t k, size_t first, size_t end, float *out) {
  switch (processor_width()) {
#if defined(__x86_64__)
    case width_avx512: pack_rounded_avx512(b, n, k, first, end, out); return;
    case width_avx2: pack_rounded_avx2(b, n, k, first, end, out); return;
#endif
    default: pack_rounded_portable(b, n, k, first, end, out);
  }
}
