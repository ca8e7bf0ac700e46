#include "kernel.h"

/// How many rows before it is read one is fetched: rows that are gathered are no neighbours.
enum { rows_ahead = 2 };

INLINE void prefetch_row(const float *row, size_t columns) {
  for (size_t i = 0; i < columns; i += 16) __builtin_prefetch(row + i);
}

KERNEL void kernel_gather_rows(const float *source, size_t lds, const int32_t *indices, float *out, size_t rows,
                               size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    if (r + rows_ahead < rows) prefetch_row(source + (size_t)indices[r + rows_ahead] * lds, columns);
    memcpy(out + r * columns, source + (size_t)indices[r] * lds, columns * sizeof(float));
  }
}

KERNEL void kernel_combine_rows(const float *source, const int32_t *slots, size_t per_row, float *out,
                                int accumulate, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *restrict sum = out + r * columns;
    if (r + 1 < rows)
      for (size_t j = 0; j < per_row; j++) prefetch_row(source + (size_t)slots[(r + 1) * per_row + j] * columns, columns);
    size_t j = 0;
    if (!accumulate) {
      memcpy(sum, source + (size_t)slots[r * per_row] * columns, columns * sizeof(float));
      j = 1;
    }
    for (; j + 1 < per_row; j += 2) {
      const float *restrict a = source + (size_t)slots[r * per_row + j] * columns;
      const float *restrict b = source + (size_t)slots[r * per_row + j + 1] * columns;
      for (size_t i = 0; i < columns; i++) sum[i] += a[i] + b[i];
    }
    if (j < per_row) {
      const float *restrict a = source + (size_t)slots[r * per_row + j] * columns;
      for (size_t i = 0; i < columns; i++) sum[i] += a[i];
    }
  }
}

KERNEL void kernel_scatter_add(const float *source, const int32_t *indices, float *out, size_t rows, size_t columns,
                               size_t from, size_t to) {
  for (size_t r = 0; r < rows; r++) {
    size_t index = (size_t)indices[r];
    if (index < from || index >= to) continue;
    const float *restrict x = source + r * columns;
    float *restrict sum = out + index * columns;
    for (size_t i = 0; i < columns; i++) sum[i] += x[i];
  }
}

KERNEL void kernel_add(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] += x[i];
}

KERNEL void kernel_scale(float *x, float factor, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] *= factor;
}

// Blocks in fp32, their sums in double: as exact as all double and several times faster.
enum { block = 1024 };

KERNEL double kernel_sum_squares(const float *x, size_t count) {
  FAST_SUMS
  double total = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    float sum = 0;
    for (size_t i = start; i < end; i++) sum += x[i] * x[i];
    total += (double)sum;
  }
  return total;
}

KERNEL double kernel_sum_squares_bf16(const uint16_t *x, size_t count) {
  FAST_SUMS
  double total = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    float sum = 0;
    for (size_t i = start; i < end; i++) {
      float v = float_from_bits((uint32_t)x[i] << 16);
      sum += v * v;
    }
    total += (double)sum;
  }
  return total;
}
