#include "kernel.h"

#include <math.h>

/// Marks the `k` largest of `values` (ties to the lower index) by replacing them with -infinity; their indices
/// ascending in `chosen`.
static void take_largest(float *values, size_t count, size_t k, int32_t *chosen) {
  for (size_t j = 0; j < k; j++) {
    size_t best = 0;
    float maximum = -INFINITY;
    for (size_t i = 0; i < count; i++) {
      if (values[i] > maximum) {
        maximum = values[i];
        best = i;
      }
    }
    values[best] = -INFINITY;
    size_t place = j;
    while (place > 0 && chosen[place - 1] > (int32_t)best) {
      chosen[place] = chosen[place - 1];
      place--;
    }
    chosen[place] = (int32_t)best;
  }
}

/// Sets every expert outside the best groups to 0, as transformers does (a negative choice value can lose to it). A
/// group counts by the sum of its two best values.
static void mask_groups(float *choice, router_settings s) {
  size_t size = s.experts / s.groups;
  // Rank by counting the better groups: no scratch memory, and groups are few.
  float best[256];
  size_t groups = s.groups <= 256 ? s.groups : 256;
  for (size_t g = 0; g < groups; g++) {
    float first = -INFINITY, second = -INFINITY;
    for (size_t i = g * size; i < (g + 1) * size; i++) {
      if (choice[i] > first) {
        second = first;
        first = choice[i];
      } else if (choice[i] > second) {
        second = choice[i];
      }
    }
    best[g] = size > 1 ? first + second : first;
  }
  for (size_t g = 0; g < groups; g++) {
    size_t better = 0;
    for (size_t o = 0; o < groups; o++) better += best[o] > best[g] || (best[o] == best[g] && o < g);
    if (better >= s.top_groups)
      for (size_t i = g * size; i < (g + 1) * size; i++) choice[i] = 0;
  }
}

KERNEL static void sigmoid_row(const float *restrict logits, float *restrict scores, size_t count) {
  for (size_t i = 0; i < count; i++) scores[i] = kernel_sigmoid(logits[i]);
}

void kernel_route(const float *logits, size_t ld, const float *bias, router_settings s, float *scores,
                  int32_t *indices, float *weights, size_t rows) {
  float choice[s.experts];
  for (size_t r = 0; r < rows; r++) {
    float *score = scores + r * s.experts;
    int32_t *chosen = indices + r * s.top_k;
    float *weight = weights + r * s.top_k;
    sigmoid_row(logits + r * ld, score, s.experts);
    for (size_t i = 0; i < s.experts; i++) choice[i] = score[i] + bias[i];
    if (s.groups > 1) mask_groups(choice, s);
    take_largest(choice, s.experts, s.top_k, chosen);
    float sum = 0;
    for (size_t j = 0; j < s.top_k; j++) sum += score[chosen[j]];
    float factor = s.normalise ? s.scaling / (sum + 1e-20f) : s.scaling;
    for (size_t j = 0; j < s.top_k; j++) weight[j] = score[chosen[j]] * factor;
  }
}

// w_j = c * s_j / S with S = sum of the chosen s (+1e-20): dw_j/ds_i = c * ([i = j] - s_j / S) / S.
// Balance loss: sum_e balance_e * p_e with p = s / sum(s): dp_e/ds_i = ([i = e] - p_e) / sum(s).
void kernel_route_backward(const float *dweights, const float *scores, const int32_t *indices, router_settings s,
                           const float *balance, float *dlogits, size_t ld, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    const float *score = scores + r * s.experts, *dw = dweights + r * s.top_k;
    const int32_t *chosen = indices + r * s.top_k;
    float *dlogit = dlogits + r * ld;
    if (balance) {
      float sum = 1e-20f, dot = 0;
      for (size_t i = 0; i < s.experts; i++) {
        sum += score[i];
        dot += balance[i] * score[i];
      }
      for (size_t i = 0; i < s.experts; i++) dlogit[i] = (balance[i] - dot / sum) / sum;
    } else {
      memset(dlogit, 0, s.experts * sizeof(float));
    }
    float sum = 1e-20f, dot = 0;
    for (size_t j = 0; j < s.top_k; j++) {
      sum += score[chosen[j]];
      dot += dw[j] * score[chosen[j]];
    }
    for (size_t j = 0; j < s.top_k; j++)
      dlogit[chosen[j]] += s.normalise ? s.scaling * (dw[j] - dot / sum) / sum : s.scaling * dw[j];
    for (size_t i = 0; i < s.experts; i++) dlogit[i] *= score[i] * (1.0f - score[i]);
  }
}

void kernel_balance_statistics(const float *scores, size_t experts, size_t top_k, float *load, float *probability,
                               size_t rows) {
  float choice[experts];
  int32_t chosen[top_k];
  for (size_t r = 0; r < rows; r++) {
    const float *score = scores + r * experts;
    float sum = 1e-20f;
    for (size_t i = 0; i < experts; i++) sum += score[i];
    for (size_t i = 0; i < experts; i++) {
      probability[i] += score[i] / sum;
      choice[i] = score[i];
    }
    take_largest(choice, experts, top_k, chosen);
    for (size_t j = 0; j < top_k; j++) load[chosen[j]] += 1;
  }
}
