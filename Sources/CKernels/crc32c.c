#include <string.h>

#include "kernel.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

// CRC-32C (Castagnoli), bits reflected: polynomial 0x1EDC6F41, as in iSCSI (RFC 3720) and the processors' instructions.
static const uint32_t polynomial = 0x82F63B78u;

// a times b modulo the polynomial; bit 31 is the coefficient of x^0.
static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (; a != 0; a <<= 1) {
    if (a & 0x80000000u) product ^= b;
    b = b & 1 ? (b >> 1) ^ polynomial : b >> 1;
  }
  return product;
}

// x^(8 count) modulo the polynomial.
static uint32_t power(uint64_t count) {
  uint32_t square = 0x00800000u;  // x^8
  uint32_t result = 0x80000000u;  // 1
  for (; count != 0; count >>= 1) {
    if (count & 1) result = multiply(square, result);
    square = multiply(square, square);
  }
  return result;
}

uint32_t kernel_crc32c_joined(uint32_t first, uint32_t second, size_t second_count) {
  return multiply(power(second_count), first) ^ second;
}

static uint32_t bytewise(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ polynomial : crc >> 1;
  }
  return crc;
}

#if defined(__x86_64__)
#define HARDWARE __attribute__((target("sse4.2")))
#define STEP(crc, word) _mm_crc32_u64((crc), (word))
static int has_hardware(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__ARM_FEATURE_CRC32)
#define HARDWARE
#define STEP(crc, word) __crc32cd((uint32_t)(crc), (word))
static int has_hardware(void) { return 1; }
#endif

#ifdef HARDWARE
static inline uint64_t word_at(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

// The instruction takes three cycles, but begins one in each: three parts are summed side by side and joined.
HARDWARE static uint32_t by_hardware(uint32_t crc, const uint8_t *bytes, size_t count) {
  size_t part = count / 24 * 8;
  if (count >= 4096) {
    uint64_t a = crc, b = 0, c = 0;
    for (size_t i = 0; i < part; i += 8) {
      a = STEP(a, word_at(bytes + i));
      b = STEP(b, word_at(bytes + part + i));
      c = STEP(c, word_at(bytes + 2 * part + i));
    }
    uint32_t shift = power(part);
    crc = multiply(shift, multiply(shift, (uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
    bytes += 3 * part;
    count -= 3 * part;
  }
  uint64_t wide = crc;
  for (; count >= 8; bytes += 8, count -= 8) wide = STEP(wide, word_at(bytes));
  return bytewise((uint32_t)wide, bytes, count);
}
#endif

// Eight bytes at a time by tables, where there is no instruction.
static uint32_t by_tables(uint32_t crc, const uint8_t *bytes, size_t count) {
  uint32_t tables[8][256];
  if (count < 16384) return bytewise(crc, bytes, count);
  for (uint32_t i = 0; i < 256; i++) tables[0][i] = bytewise(i, (const uint8_t *)"", 1);
  for (int t = 1; t < 8; t++)
    for (int i = 0; i < 256; i++) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
  for (; count >= 8; bytes += 8, count -= 8) {
    uint32_t next = 0;
    for (int i = 0; i < 8; i++) {
      uint8_t value = bytes[i] ^ (i < 4 ? (uint8_t)(crc >> (8 * i)) : 0);
      next ^= tables[7 - i][value];
    }
    crc = next;
  }
  return bytewise(crc, bytes, count);
}

uint32_t kernel_crc32c(uint32_t crc, const void *bytes, size_t count) {
  crc = ~crc;
#ifdef HARDWARE
  if (has_hardware()) return ~by_hardware(crc, bytes, count);
#endif
  return ~by_tables(crc, bytes, count);
}

uint32_t kernel_crc32c_portable(uint32_t crc, const void *bytes, size_t count) { return ~by_tables(~crc, bytes, count); }
