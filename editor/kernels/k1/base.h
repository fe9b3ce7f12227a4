/* Types and the few rounding rules that every kernel uses. */
#include <stdint.h>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

#define EXPORT(name) __attribute__((export_name(#name)))
#define SMALL __attribute__((minsize, noinline)) /* where it is not the speed that counts */
#define TILE 256
#define FULL 32767 /* brush coverage of a pixel that is wholly painted */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int32_t i32;
typedef int64_t i64;

/* v / 255, rounded to the nearest, exact for 0 <= v <= 65025. */
static inline u32 d255(u32 v) {
  v += 128;
  return (v + (v >> 8)) >> 8;
}

/* a * b / 32768, rounded: what the SIMD instruction q15mulr does. 0 <= a, b <= 32767. */
static inline u32 q15(u32 a, u32 b) { return (a * b + 16384) >> 15; }

static inline i32 min32(i32 a, i32 b) { return a < b ? a : b; }
static inline i32 max32(i32 a, i32 b) { return a > b ? a : b; }
static inline i32 clamp32(i32 v, i32 low, i32 high) { return v < low ? low : v > high ? high : v; }

/* The largest r with r * r <= v. */
static inline u32 isqrt(u64 v) {
  u64 root = 0, bit = (u64)1 << 62;
  while (bit > v) bit >>= 2;
  while (bit) {
    if (v >= root + bit) {
      v -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
    bit >>= 2;
  }
  return (u32)root;
}

/* What the compiler may call by itself for copies and clears. */
void *memset(void *to, int value, unsigned long n) {
  u8 *p = to;
  while (n--) *p++ = (u8)value;
  return to;
}
void *memcpy(void *restrict to, const void *restrict from, unsigned long n) {
  u8 *p = to;
  const u8 *q = from;
  while (n--) *p++ = *q++;
  return to;
}

#ifdef __wasm_simd128__
static inline v128_t div255v(v128_t v) {
  v = wasm_i16x8_add(v, wasm_i16x8_splat(128));
  return wasm_u16x8_shr(wasm_i16x8_add(v, wasm_u16x8_shr(v, 8)), 8);
}
/* (s * a + d * (255 - a)) / 255 in eight 16-bit lanes. */
static inline v128_t mixv(v128_t s, v128_t d, v128_t a) {
  v128_t rest = wasm_i16x8_sub(wasm_i16x8_splat(255), a);
  return div255v(wasm_i16x8_add(wasm_i16x8_mul(s, a), wasm_i16x8_mul(d, rest)));
}
/* The alpha of two pixels, in all four lanes of each. */
#define ALPHA2(v) wasm_i16x8_shuffle(v, v, 3, 3, 3, 3, 7, 7, 7, 7)
#endif
