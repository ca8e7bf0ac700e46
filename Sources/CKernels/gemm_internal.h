// What gemm.c gives to gemm_bf16.c.

#ifndef MOONLIGHT_GEMM_INTERNAL_H
#define MOONLIGHT_GEMM_INTERNAL_H

#include "kernel.h"

/// `kernel_gemm` of operands rounded to bf16, by fp32 instructions.
void gemm_rounded(gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m, size_t n, size_t k, float alpha, float beta,
                  int lower, memory_region next);

/// What a thread packs operands of `kernel_gemm` in.
size_t gemm_packing_bytes(void);

/// Floats of a right operand that ``pack_rounded`` packs.
size_t rounded_count(size_t n, size_t k);
void pack_rounded(gemm_operand b, size_t n, size_t k, size_t first, size_t end, float *packed);

#endif
