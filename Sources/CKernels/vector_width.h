// Which of the bodies that are compiled for several widths of vectors this processor runs.

#ifndef MOONLIGHT_VECTOR_WIDTH_H
#define MOONLIGHT_VECTOR_WIDTH_H

typedef enum { width_portable, width_avx2, width_avx512 } vector_width;

static inline vector_width processor_width(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return width_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return width_avx2;
#endif
  return width_portable;
}

#endif
