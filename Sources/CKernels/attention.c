// Causal attention of one head, forward and backward, without the matrix of its scores.
//
// By blocks of queries and keys as in FlashAttention-2 (Dao, 2023): with each query goes the maximum of its scores so far and
// the sum of their exponentials, by which what was summed of its output is scaled when a larger one turns up. What is left of a
// softmax for the backward pass is its logarithm of the sum, from which a block's probabilities are computed again. Blocks of
// keys are the outer loop: what is packed of one serves all queries that see it. Blocks of keys behind all queries of a block
// are never looked at, and of those on the diagonal only the triangle is computed.
//
// Sums run in one order, so results depend on nothing but the operands and the width of the processor's vectors.

#include "bfloat.h"
#include "tile.h"
#include "vector_width.h"

#include <math.h>

enum {
  /// Queries, or keys, of a block: a multiple of every width's tile.
  block = 64,
  /// Columns of a block that are handled together, whatever the width of vectors.
  group = 16,
  /// A row of scores, and room to fill up its last group.
  score_row = block + group,
  widest_panel = 32,
};

/// The right operand of products, [depth, columns]: the block as it is, or transposed, and room to pack it for this processor.
typedef struct {
  const float *values;
  size_t ld;
  int is_transposed;
  size_t depth, columns;
  float *panels;
} right_block;

/// What a product of blocks on the diagonal need not compute.
typedef enum {
  whole,
  /// The result above the diagonal, which may be written nevertheless.
  lower_result,
  /// The left operand is zero above the diagonal,
  lower_left,
  /// or below it.
  upper_left,
} block_triangle;

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define LANES 16
#define TILE_ROWS 8
#define NAME(x) x##_avx512
#include "block_product_body.h"

#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define TILE_ROWS 6
#define NAME(x) x##_avx2
#include "block_product_body.h"
#endif

#define TARGET
#define LANES 8
#define TILE_ROWS 6
#define NAME(x) x##_portable
#include "block_product_body.h"

// --- products of blocks --------------------------------------------------------------------------------------------

/// What multiplies blocks. Operands that are rounded to bf16 are so already.
typedef struct {
  vector_width width;
  bf16_instructions instructions;
  int rounds;
} block_products;

static void pack(const block_products *products, right_block *b) {
  if (products->instructions != bf16_instructions_none) return;
  switch (products->width) {
#if defined(__x86_64__)
    case width_avx512: pack_block_avx512(b); break;
    case width_avx2: pack_block_avx2(b); break;
#endif
    default: pack_block_portable(b);
  }
}

/// c [m, columns] (+)= a * b, or of the transpose of a, which is stored [depth, m].
static void multiply(const block_products *products, const float *a, size_t lda, int is_transposed, const right_block *b,
                     float *c, size_t ldc, size_t m, int is_added, block_triangle triangle) {
  if (products->instructions != bf16_instructions_none) {
    gemm_operand left = {a, lda, is_transposed, 0, 0}, right = {b->values, b->ld, b->is_transposed, 0, 0};
    kernel_gemm_bf16(products->instructions, left, right, c, ldc, m, b->columns, b->depth, 1,
                     is_added ? 1 : 0, triangle == lower_result, (memory_region){0});
    return;
  }
  size_t row = is_transposed ? 1 : lda, step = is_transposed ? lda : 1;
  switch (products->width) {
#if defined(__x86_64__)
    case width_avx512: multiply_block_avx512(a, row, step, b, c, ldc, m, is_added, triangle); break;
    case width_avx2: multiply_block_avx2(a, row, step, b, c, ldc, m, is_added, triangle); break;
#endif
    default: multiply_block_portable(a, row, step, b, c, ldc, m, is_added, triangle);
  }
}

// --- rows ----------------------------------------------------------------------------------------------------------

KERNEL static void round_rows(const float *x, size_t ld, size_t rows, size_t columns, float *out) {
  for (size_t r = 0; r < rows; r++) {
    const float *source = x + r * ld;
    float *row = out + r * columns;
#pragma clang loop vectorize(assume_safety)
    for (size_t i = 0; i < columns; i++) row[i] = bf16_operand(source[i]);
  }
}

KERNEL static void copy_rows(const float *x, size_t ld, size_t rows, size_t columns, float *out, size_t ldo) {
  for (size_t r = 0; r < rows; r++) {
    const float *source = x + r * ld;
    float *row = out + r * ldo;
    size_t i = 0;
    // A call of memcpy takes longer than the few vectors of a row.
    for (; i + group <= columns; i += group) memcpy(row + i, source + i, group * sizeof(float));
    for (; i < columns; i++) row[i] = source[i];
  }
}

INLINE size_t whole_groups(size_t count) { return (count + group - 1) / group * group; }

/// Fills up the last group of a row of scores, of which `count` are wanted.
INLINE void fill_up(float *row, size_t count, float filling) {
  // With a whole vector, for which rows of scores have room.
  for (size_t i = 0; i < group; i++) row[count + i] = filling;
}

/// Of whole groups, x = exp(scale * x - maximum), rounded where it `rounds`; returns the sum of what was not rounded yet.
INLINE float exponentiate(float *restrict x, float scale, float maximum, int rounds, size_t count) {
  FAST_SUMS
  float sum = 0;
  if (rounds) {
    SHORT_ROWS
    for (size_t i = 0; i < count; i++) {
      float e = kernel_exp(x[i] * scale - maximum);
      x[i] = bf16_operand(e);
      sum += e;
    }
  } else {
    SHORT_ROWS
    for (size_t i = 0; i < count; i++) {
      float e = kernel_exp(x[i] * scale - maximum);
      x[i] = e;
      sum += e;
    }
  }
  return sum;
}

/// What is above the diagonal counts as zero where blocks are multiplied.
INLINE void clear_rest(float *row, size_t start, size_t columns) {
  for (; start < columns; start += group)
    for (size_t i = 0; i < group; i++) row[start + i] = 0;
}

/// Of a block of scores [rows, columns], in place, the exponentials less each row's maximum so far; zero above the diagonal.
/// `maxima` and `sums` are brought up to date, and `output` [rows, width], which was summed with the old maxima.
KERNEL static void exponentiate_block(float *scores, size_t rows, size_t columns, int is_first, int is_diagonal,
                                      float scale, int rounds, float *maxima, float *sums, float *output, size_t ldo,
                                      size_t width) {
  // In a pass of their own: the rows' maxima are then found side by side, and not each before its row goes on.
  float largest[block];
  for (size_t r = 0; r < rows; r++) {
    float *row = scores + r * score_row;
    size_t wanted = is_diagonal ? r + 1 : columns;
    fill_up(row, wanted, -INFINITY);
    largest[r] = row_maximum(row, whole_groups(wanted));
  }
  for (size_t r = 0; r < rows; r++) {
    float *row = scores + r * score_row;
    size_t count = whole_groups(is_diagonal ? r + 1 : columns);
    float maximum = scale * largest[r];
    if (!is_first && !(maximum > maxima[r])) {
      sums[r] += exponentiate(row, scale, maxima[r], rounds, count);
    } else {
      float factor = is_first ? 0 : kernel_exp(maxima[r] - maximum);
      sums[r] = factor * (is_first ? 0 : sums[r]) + exponentiate(row, scale, maximum, rounds, count);
      maxima[r] = maximum;
      float *restrict out = output + r * ldo;
      if (!is_first)
        for (size_t i = 0; i < width; i++) out[i] *= factor;
    }
    clear_rest(row, count, columns);
  }
}

/// Divides by the sums, and leaves their logarithms, with the maxima, in place of the maxima.
KERNEL static void finish_rows(float *output, size_t ldo, size_t width, float *maxima, const float *sums, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    float factor = 1.0f / sums[r];
    float *restrict out = output + r * ldo;
    for (size_t i = 0; i < width; i++) out[i] *= factor;
    maxima[r] += logf(sums[r]);
  }
}

KERNEL static void dot_rows(const float *x, const float *y, size_t ld, size_t columns, float *out, size_t rows) {
  FAST_SUMS
  for (size_t r = 0; r < rows; r++) {
    const float *restrict a = x + r * ld, *restrict b = y + r * ld;
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += a[i] * b[i];
    out[r] = sum;
  }
}

/// From a block's scores its probabilities, and from their gradients those of the scores, both in place.
KERNEL static void differentiate_block(float *scores, float *gradients, size_t rows, size_t columns, int is_diagonal,
                                       float scale, int rounds, const float *log_sums, const float *dots) {
#pragma clang fp contract(fast)
  for (size_t r = 0; r < rows; r++) {
    float *restrict p = scores + r * score_row, *restrict d = gradients + r * score_row;
    size_t wanted = is_diagonal ? r + 1 : columns, count = whole_groups(wanted);
    fill_up(p, wanted, -INFINITY);
    fill_up(d, wanted, 0);
    float log_sum = log_sums[r], dot = dots[r];
    if (rounds) {
      SHORT_ROWS
      for (size_t i = 0; i < count; i++) {
        float probability = kernel_exp(p[i] * scale - log_sum);
        d[i] = bf16_operand(scale * probability * (d[i] - dot));
        p[i] = bf16_operand(probability);
      }
    } else {
      SHORT_ROWS
      for (size_t i = 0; i < count; i++) {
        float probability = kernel_exp(p[i] * scale - log_sum);
        d[i] = scale * probability * (d[i] - dot);
        p[i] = probability;
      }
    }
    clear_rest(p, count, columns);
    clear_rest(d, count, columns);
  }
}

// --- one head ------------------------------------------------------------------------------------------------------

/// What both passes work in; the backward pass uses all of it.
typedef struct {
  float *queries, *keys, *values, *doutput;
  float *scores, *dscores;
  float *dkeys;
  float *panels[5];
  /// One a token.
  float *rows;
} attention_scratch;

INLINE size_t whole_panels(size_t columns) { return (columns + widest_panel - 1) / widest_panel * widest_panel; }

/// Hands out pieces of the scratch memory; without one it only counts.
typedef struct {
  float *base;
  size_t used;
} scratch_arena;

static float *take(scratch_arena *arena, size_t count) {
  size_t start = arena->used;
  arena->used += (count + 15) / 16 * 16;
  return arena->base ? arena->base + start : NULL;
}

static attention_scratch lay_out(attention_head head, size_t tokens, scratch_arena *arena) {
  size_t width = head.nope + head.rope, value = head.value;
  attention_scratch s;
  s.queries = take(arena, block * width);
  s.keys = take(arena, block * width);
  s.values = take(arena, block * value);
  s.doutput = take(arena, block * value);
  s.scores = take(arena, block * score_row);
  s.dscores = take(arena, block * score_row);
  s.dkeys = take(arena, block * width);
  for (size_t i = 0; i < 3; i++) s.panels[i] = take(arena, block * whole_panels(width));
  for (size_t i = 3; i < 5; i++) s.panels[i] = take(arena, block * whole_panels(value));
  s.rows = take(arena, tokens);
  return s;
}

size_t kernel_attention_scratch(attention_head head, size_t tokens) {
  scratch_arena arena = {NULL, 0};
  lay_out(head, tokens, &arena);
  return arena.used;
}

static block_products products_for(attention_products products) {
  return (block_products){processor_width(), products.instructions, products.rounds};
}

/// Rows of an operand: where they are, or, where they are rounded, in `room`, one behind the other.
typedef struct {
  const float *values;
  size_t ld;
} block_rows;

static block_rows rounded_rows(const float *x, size_t ld, size_t rows, size_t columns, int rounds, float *room) {
  if (!rounds) return (block_rows){x, ld};
  round_rows(x, ld, rows, columns, room);
  return (block_rows){room, columns};
}

/// The keys of a head and those that all share, beside each other.
static void copy_keys(attention_head head, attention_operands from, size_t start, size_t count, int rounds,
                      attention_scratch *s) {
  size_t width = head.nope + head.rope;
  copy_rows(from.keys + start * from.key_value_stride, from.key_value_stride, count, head.nope, s->keys, width);
  copy_rows(from.shared_keys + start * from.shared_key_stride, from.shared_key_stride, count, head.rope,
            s->keys + head.nope, width);
  if (rounds) round_rows(s->keys, width, count, width, s->keys);
}

void kernel_attention(attention_head head, attention_products products, attention_operands operands, size_t tokens,
                      float *output, size_t ldo, float *log_sums, float *scratch) {
  attention_scratch s = lay_out(head, tokens, &(scratch_arena){scratch, 0});
  block_products p = products_for(products);
  size_t width = head.nope + head.rope;
  for (size_t key = 0; key < tokens; key += block) {
    size_t columns = tokens - key < block ? tokens - key : block;
    copy_keys(head, operands, key, columns, p.rounds, &s);
    right_block keys = {s.keys, width, 1, width, columns, s.panels[0]};
    block_rows v = rounded_rows(operands.values + key * operands.key_value_stride, operands.key_value_stride, columns,
                                head.value, p.rounds, s.values);
    right_block values = {v.values, v.ld, 0, columns, head.value, s.panels[3]};
    pack(&p, &keys);
    pack(&p, &values);
    for (size_t query = key; query < tokens; query += block) {
      size_t rows = tokens - query < block ? tokens - query : block;
      int is_diagonal = query == key;
      float *out = output + query * ldo;
      block_rows q = rounded_rows(operands.queries + query * operands.query_stride, operands.query_stride, rows, width,
                                  p.rounds, s.queries);
      multiply(&p, q.values, q.ld, 0, &keys, s.scores, score_row, rows, 0, is_diagonal ? lower_result : whole);
      exponentiate_block(s.scores, rows, columns, key == 0, is_diagonal, head.scale, p.rounds, log_sums + query,
                         s.rows + query, out, ldo, head.value);
      multiply(&p, s.scores, score_row, 0, &values, out, ldo, rows, key != 0, is_diagonal ? lower_left : whole);
      if (is_diagonal) finish_rows(out, ldo, head.value, log_sums + query, s.rows + query, rows);
    }
  }
}

void kernel_attention_backward(attention_head head, attention_products products, attention_operands operands, size_t tokens,
                               const float *output, const float *doutput, size_t ldo, const float *log_sums,
                               attention_gradients gradients, float *scratch) {
  attention_scratch s = lay_out(head, tokens, &(scratch_arena){scratch, 0});
  block_products p = products_for(products);
  size_t width = head.nope + head.rope, value = head.value;
  // Σ_k P_k dP_k = Σ_k P_k (dO · V_k) = dO · O
  dot_rows(output, doutput, ldo, value, s.rows, tokens);
  for (size_t key = 0; key < tokens; key += block) {
    size_t columns = tokens - key < block ? tokens - key : block;
    copy_keys(head, operands, key, columns, p.rounds, &s);
    right_block keys_transposed = {s.keys, width, 1, width, columns, s.panels[0]};
    right_block keys = {s.keys, width, 0, columns, width, s.panels[1]};
    block_rows v = rounded_rows(operands.values + key * operands.key_value_stride, operands.key_value_stride, columns,
                                value, p.rounds, s.values);
    right_block values_transposed = {v.values, v.ld, 1, value, columns, s.panels[3]};
    pack(&p, &keys_transposed);
    pack(&p, &keys);
    pack(&p, &values_transposed);
    for (size_t query = key; query < tokens; query += block) {
      size_t rows = tokens - query < block ? tokens - query : block;
      int is_diagonal = query == key;
      block_rows q = rounded_rows(operands.queries + query * operands.query_stride, operands.query_stride, rows, width,
                                  p.rounds, s.queries);
      block_rows dout = rounded_rows(doutput + query * ldo, ldo, rows, value, p.rounds, s.doutput);
      right_block queries = {q.values, q.ld, 0, rows, width, s.panels[2]};
      right_block outputs = {dout.values, dout.ld, 0, rows, value, s.panels[4]};
      pack(&p, &queries);
      pack(&p, &outputs);
      block_triangle result = is_diagonal ? lower_result : whole;
      multiply(&p, q.values, q.ld, 0, &keys_transposed, s.scores, score_row, rows, 0, result);
      multiply(&p, dout.values, dout.ld, 0, &values_transposed, s.dscores, score_row, rows, 0, result);
      differentiate_block(s.scores, s.dscores, rows, columns, is_diagonal, head.scale, p.rounds, log_sums + query,
                          s.rows + query);
      // Transposed, what is zero above the diagonal is zero below it.
      block_triangle transposed = is_diagonal ? upper_left : whole;
      multiply(&p, s.scores, score_row, 1, &outputs, gradients.values + key * gradients.key_value_stride,
               gradients.key_value_stride, columns, !is_diagonal, transposed);
      multiply(&p, s.dscores, score_row, 1, &queries, s.dkeys, width, columns, !is_diagonal, transposed);
      multiply(&p, s.dscores, score_row, 0, &keys, gradients.queries + query * gradients.query_stride, gradients.query_stride,
               rows, key != 0, is_diagonal ? lower_left : whole);
    }
    copy_rows(s.dkeys, width, columns, head.nope, gradients.keys + key * gradients.key_value_stride,
              gradients.key_value_stride);
    copy_rows(s.dkeys + head.nope, width, columns, head.rope, gradients.shared_keys + key * gradients.shared_key_stride,
              gradients.shared_key_stride);
  }
}
