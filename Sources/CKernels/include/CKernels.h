// Elementwise and reduction kernels of the training engine, and its thread pool.
//
// Everything that is not a matrix product. All arrays are row-major fp32 unless a name says bf16; "ld" is the distance
// between rows in elements. A kernel works on the rows it is given and touches nothing else, so callers split work
// over threads by splitting rows. On x86-64 Linux each is compiled for the baseline, AVX2 and AVX-512 levels, and the
// loader picks; elsewhere there is one portable version.

#ifndef MOONLIGHT_CKERNELS_H
#define MOONLIGHT_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// --- thread pool (pool.c) ------------------------------------------------------------------------------------------

typedef struct worker_pool worker_pool;
typedef void (*worker_body)(void *context, int thread);

/// A pool of `threads` threads, the caller counted among them. Null when the threads cannot be started.
worker_pool *_Nullable worker_pool_create(int threads);
void worker_pool_destroy(worker_pool *pool);
/// Runs `body(context, t)` once for each thread t and returns when all are done; the caller is thread 0. Within a body numbers
/// below fp32's smallest normal one count as zero.
void worker_pool_run(worker_pool *pool, worker_body body, void *context);
/// Within a running body: the next of a queue's numbers from 0 on, each of which one thread gets. Each thread has a queue.
int worker_pool_take(worker_pool *pool, int queue);
/// To be called by every thread of a running body: returns once all have called it, and what each wrote before is there
/// for all.
void worker_pool_barrier(worker_pool *pool);

// --- checksums (crc32c.c) -------------------------------------------------------------------------------------------

/// CRC-32C of bytes behind others whose CRC-32C is `crc`; that of none is 0.
uint32_t kernel_crc32c(uint32_t crc, const void *bytes, size_t count);
/// The same without the processor's instruction.
uint32_t kernel_crc32c_portable(uint32_t crc, const void *bytes, size_t count);
/// CRC-32C of two runs of bytes, one behind the other, from those of each.
uint32_t kernel_crc32c_joined(uint32_t first, uint32_t second, size_t second_count);

// --- norms (norm.c) ------------------------------------------------------------------------------------------------

/// normed = gain * x / sqrt(mean(x^2) + eps); the reciprocal root is kept in rstd[rows].
void kernel_rms_norm(const float *x, size_t ldx, const float *gain, float eps, float *normed, size_t ldn,
                     float *rstd, size_t rows, size_t columns);
/// sum = x + y, then the norm of sum. `sum` may be `x`.
void kernel_add_rms_norm(const float *x, const float *y, const float *gain, float eps, float *sum, float *normed,
                         float *rstd, size_t rows, size_t columns);
/// dx = residual (zero where null) + gradient through the norm; adds the gain's gradient to dgain. `dx` may be
/// `residual`, or `dnormed` when the row distances agree.
void kernel_rms_norm_backward(const float *dnormed, size_t ldd, const float *x, size_t ldx, const float *gain,
                              const float *rstd, const float *_Nullable residual, float *dx, size_t lddx,
                              float *dgain, size_t rows, size_t columns);

// --- rotary embedding (rope.c) -------------------------------------------------------------------------------------

/// Rotates interleaved pairs of `pairs * 2` elements in each of `heads` heads (head_stride apart) of each row by the
/// angle of positions[row]; tables are [position, pairs]. `direction` -1 is the inverse (transposed) rotation.
void kernel_rope(float *x, size_t ldx, size_t head_stride, size_t heads, const int32_t *positions,
                 const float *cosines, const float *sines, size_t pairs, float direction, size_t rows);
/// out = sum over heads of x[row, head, :], for the key rotation part that all heads share.
void kernel_sum_heads(const float *x, size_t heads, size_t width, float *out, size_t ldo, size_t rows);

// --- softmax of scores (softmax.c) ---------------------------------------------------------------------------------

/// In place, row i of a block of scores: softmax(scale * row[0 ... first + i]), zero from there to `columns`.
void kernel_causal_softmax(float *scores, size_t ld, size_t first, size_t columns, float scale, size_t rows);

// --- gated MLP (gate.c) --------------------------------------------------------------------------------------------

/// out = silu(gate) * up, times the row's weight where `weights` is given.
void kernel_silu_gate(const float *gate, const float *up, size_t ld, const float *_Nullable weights, float *out,
                      size_t ldo, size_t rows, size_t columns);
/// From dout: gate and up are replaced by their gradients, `out` by the forward result (for the weight gradient), and
/// dweights[row] (where given) by the gradient of the row's weight. `out` may be `dout`.
void kernel_silu_gate_backward(const float *dout, size_t ldd, float *gate, float *up, size_t ld,
                               const float *_Nullable weights, float *_Nullable dweights, float *out, size_t ldo,
                               size_t rows, size_t columns);

// --- matrix products (gemm.c) --------------------------------------------------------------------------------------

/// Memory that is read soon. A hint: it changes no result, and nothing is read where it points but by the processor, ahead.
typedef struct {
  const void *_Nullable start;
  size_t bytes;
} memory_region;

/// Whether `kernel_gemm` is ahead of a BLAS on such a processor.
int kernel_gemm_is_preferred(void);
/// c[m, n] = alpha * a[m, k] * b[k, n] + beta * c. Row-major; a transposed operand is stored [k, m] or [n, k]. With
/// beta 0 what c held does not matter. With `lower` elements above the diagonal may be left as they were. `next` is what
/// the thread reads behind this product.
void kernel_gemm(const float *a, size_t lda, int a_transposed, const float *b, size_t ldb, int b_transposed, float *c,
                 size_t ldc, size_t m, size_t n, size_t k, float alpha, float beta, int lower, memory_region next);

// --- matrix products in bf16 (gemm_bf16.c) -------------------------------------------------------------------------

/// What multiplies pairs of bf16 values. They round operands alike and differ in the order of the sums.
typedef enum {
  /// fp32 instructions, on every processor.
  bf16_instructions_none,
  /// AVX512-BF16.
  bf16_instructions_avx512,
  /// AMX-BF16.
  bf16_instructions_amx,
} bf16_instructions;

/// Whether this processor has these and this process may use them. Asks the system for AMX.
int kernel_bf16_is_available(bf16_instructions instructions);
/// The fastest on this kind of processor.
bf16_instructions kernel_bf16_preferred(void);

/// An operand of fp32 values, or of bf16 ones; row-major, or as ``kernel_pack`` laid it down, which is all there is to say then.
typedef struct {
  const void *_Nonnull values;
  size_t ld;
  int is_transposed;
  int is_bf16;
  int is_packed;
} gemm_operand;

/// What rows of a left operand of bf16 values are filled up to.
enum { bf16_row_multiple = 32 };

/// `kernel_gemm` of operands rounded to bf16: to nearest even, NaN stays NaN, subnormal numbers are zero. Products are exact
/// and summed in fp32; sums that are subnormal may become zero. Only b may be packed. Where a is of bf16 values and not
/// transposed, its `ld` is a multiple of `bf16_row_multiple`, and behind its k columns there are zeros up to the next one.
void kernel_gemm_bf16(bf16_instructions instructions, gemm_operand a, gemm_operand b, float *c, size_t ldc, size_t m,
                      size_t n, size_t k, float alpha, float beta, int lower, memory_region next);
/// What every thread has to pack operands in, whether it multiplies or not: the system clears it when a thread starts.
size_t kernel_packing_bytes(void);
/// Bytes of a right operand [k, n] that is packed once for many products, at a multiple of 64.
size_t kernel_packed_bytes(bf16_instructions instructions, size_t n, size_t k);
/// Packs the columns from `first` to before `end`, where neither lies within 32 columns that belong together, of b [k, n] for
/// these instructions. `packed` is the place of the whole.
void kernel_pack(bf16_instructions instructions, gemm_operand b, size_t n, size_t k, size_t first, size_t end, void *packed);
/// out[rows, columns] = the values of x, as stored, rounded as `kernel_gemm_bf16` does, in fp32.
void kernel_round_operand(gemm_operand x, size_t rows, size_t columns, float *out);

// --- attention (attention.c) ---------------------------------------------------------------------------------------

/// What the products of attention multiply: fp32 values, or such as are rounded to bf16, by these instructions.
typedef struct {
  int rounds;
  bf16_instructions instructions;
} attention_products;

/// The sizes of a head: keys are `nope` wide, behind which comes the rotated part, `rope` wide, that heads share.
typedef struct {
  size_t nope, rope, value;
  /// Of the scores.
  float scale;
} attention_head;

/// Each points at its first token, with the distance between tokens; queries are [nope | rope].
typedef struct {
  const float *queries;
  size_t query_stride;
  const float *keys, *values;
  size_t key_value_stride;
  const float *shared_keys;
  size_t shared_key_stride;
} attention_operands;

/// The same for gradients.
typedef struct {
  float *queries;
  size_t query_stride;
  float *keys, *values;
  size_t key_value_stride;
  float *shared_keys;
  size_t shared_key_stride;
} attention_gradients;

/// Floats that a thread needs to attend over so many tokens.
size_t kernel_attention_scratch(attention_head head, size_t tokens);
/// output [tokens, value at distance ldo] = softmax(scale * queries * keys^T) * values of one head, where token i sees tokens up
/// to i. log_sums[tokens] receives the logarithms of the sums of the scaled scores' exponentials.
void kernel_attention(attention_head head, attention_products products, attention_operands operands, size_t tokens,
                      float *output, size_t ldo, float *log_sums, float *scratch);
/// The gradients, which are overwritten, from `doutput`, and what `kernel_attention` made: `output`, at the same distance, and
/// `log_sums`.
void kernel_attention_backward(attention_head head, attention_products products, attention_operands operands, size_t tokens,
                               const float *output, const float *doutput, size_t ldo, const float *log_sums,
                               attention_gradients gradients, float *scratch);

// --- products with one vector (gemv.c) -----------------------------------------------------------------------------

/// y[m] (+)= a[m, n] * x[n]
void kernel_gemv(const float *a, size_t lda, const float *x, float *y, size_t m, size_t n, int accumulate);
void kernel_gemv_bf16(const uint16_t *a, size_t lda, const float *x, float *y, size_t m, size_t n, int accumulate);
/// y[n] += a[m, n]^T * x[m]
void kernel_gemv_transposed(const float *a, size_t lda, const float *x, float *y, size_t m, size_t n);
void kernel_gemv_transposed_bf16(const uint16_t *a, size_t lda, const float *x, float *y, size_t m, size_t n);

// --- routing (router.c) --------------------------------------------------------------------------------------------

typedef struct {
  size_t experts, top_k, groups, top_groups;
  int normalise;
  float scaling;
} router_settings;

/// From logits (row distance ld): scores = sigmoid(logits); the top_k experts of scores + bias within the best groups,
/// in `indices` ascending by expert; their weights.
void kernel_route(const float *logits, size_t ld, const float *bias, router_settings settings, float *scores,
                  int32_t *indices, float *weights, size_t rows);
/// dlogits (row distance ld, overwritten) from dweights. With `balance` (per expert: the sequence loss' coefficient
/// times load, of the sequence the row belongs to) the gradient of the balance loss is added.
void kernel_route_backward(const float *dweights, const float *scores, const int32_t *indices,
                           router_settings settings, const float *_Nullable balance, float *dlogits, size_t ld,
                           size_t rows);
/// For the sequence balance loss of one sequence: adds to load[e] the rows that would choose expert e by score alone,
/// and to probability[e] the rows' scores normalised to one.
void kernel_balance_statistics(const float *scores, size_t experts, size_t top_k, float *load, float *probability,
                               size_t rows);

// --- rows (rows.c) -------------------------------------------------------------------------------------------------

void kernel_gather_rows(const float *source, size_t lds, const int32_t *indices, float *out, size_t rows,
                        size_t columns);
/// out[row] (+)= sum over j < per_row of source[slots[row * per_row + j]].
void kernel_combine_rows(const float *source, const int32_t *slots, size_t per_row, float *out, int accumulate,
                         size_t rows, size_t columns);
/// out[indices[row]] += source[row], for indices in from..<to
void kernel_scatter_add(const float *source, const int32_t *indices, float *out, size_t rows, size_t columns,
                        size_t from, size_t to);
void kernel_add(const float *x, float *out, size_t count);
void kernel_scale(float *x, float factor, size_t count);
/// Sum of squares, accumulated in double.
double kernel_sum_squares(const float *x, size_t count);
double kernel_sum_squares_bf16(const uint16_t *x, size_t count);

// --- loss (loss.c) -------------------------------------------------------------------------------------------------

/// Cross entropy of each row with its target. losses[row] = -log softmax(logits)[target]; the logits become
/// row_scale[row] * (softmax - onehot), zero rows where the scale is zero.
void kernel_cross_entropy(float *logits, size_t ld, const int32_t *targets, const float *row_scale, float *losses,
                          size_t rows, size_t columns);
/// The losses alone; the logits stay.
void kernel_cross_entropy_forward(const float *logits, size_t ld, const int32_t *targets, float *losses, size_t rows,
                                  size_t columns);
/// In place: softmax(x / temperature).
void kernel_softmax(float *x, float temperature, size_t count);

// --- optimizers (optimizer.c) --------------------------------------------------------------------------------------

typedef struct {
  float lr, weight_decay, beta1, beta2, eps;
  /// 1 / (1 - beta^t)
  float correction1, correction2;
  /// Factor on the gradient, from clipping.
  float gradient_scale;
} adam_settings;

void kernel_adam(float *weights, const float *gradients, float *first, float *second, adam_settings settings,
                 size_t count);
/// The same where gradients and moments are stored in bf16; `rounded` receives the weights in bf16.
void kernel_adam_bf16(float *weights, uint16_t *rounded, const uint16_t *gradients, uint16_t *first, uint16_t *second,
                      adam_settings settings, size_t count);
/// momentum = factor * momentum + scale * gradient; out = nesterov ? scale * gradient + factor * momentum : momentum.
void kernel_momentum(const float *gradients, float *momentum, float *out, float factor, float scale, int nesterov,
                     size_t count);
/// weights = decay * weights - step * update
void kernel_decayed_update(float *weights, const float *update, float decay, float step, size_t count);
/// momentum = factor * momentum + scale * gradient + weight_decay * weight; weight -= lr * momentum (torch's SGD).
void kernel_sgd(float *weights, const float *gradients, float *momentum, float lr, float weight_decay, float factor,
                float scale, size_t count);

// --- Newton-Schulz iteration (newton_schulz.c) ----------------------------------------------------------------------

/// Adds `diagonal` to the diagonal of x [n, n] and copies the triangle below it to the one above.
void kernel_mirror_lower(float *x, size_t n, float diagonal);

/// [rows, columns] of bf16 values with `ld` of them from row to row, a multiple of `bf16_row_multiple`; those behind the columns
/// are zero.
typedef struct {
  uint16_t *_Nonnull values;
  size_t rows, columns, ld;
} bf16_matrix;

/// out = factor * x, rounded as `kernel_gemm_bf16` rounds operands.
void kernel_round_scaled(bf16_instructions instructions, const float *x, float factor, bf16_matrix out);
/// x = factor * x + y, rounded likewise.
void kernel_scale_and_add(bf16_instructions instructions, bf16_matrix x, float factor, const float *y);
/// out = x or, with `added`, x + factor * added, rounded likewise; all are symmetric. Of x [n, n] and of `added`, which lies in
/// rows as `out` does and may not be it, only what is on and below the diagonal is read.
void kernel_round_symmetric(bf16_instructions instructions, const float *x, float factor, const uint16_t *_Nullable added,
                            bf16_matrix out);

// --- bfloat16 (bfloat.c) -------------------------------------------------------------------------------------------

/// Round to nearest even; NaN stays NaN.
void kernel_to_bf16(const float *x, uint16_t *out, size_t count);
void kernel_from_bf16(const uint16_t *x, float *out, size_t count);
/// out = bf16(out + x)
void kernel_accumulate_bf16(const float *x, uint16_t *out, size_t count);

#pragma clang assume_nonnull end

#endif
