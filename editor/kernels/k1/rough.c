/* Opaque tiles as bytes in memory, for what is as rough as a photograph's noise, of which tile_encode makes more bytes.
 * Sixteen pixels of a row at once: two bytes that say in four bits a channel how many bits its values need; then for each
 * channel its values' lowest bits (one bit a pixel, two bytes), their second ones, and so on. A value is what a pixel differs
 * by from the one above it, zigzag. So all of it is whole vectors. Nothing that is stored is made of it. */

#define WIDE 16 /* pixels at once */
#ifdef __wasm_simd128__
typedef v128_t Lane;
static inline Lane channel_of(const u8 *p, i32 c) {
  v128_t a = wasm_v128_load(p), b = wasm_v128_load(p + 16), d = wasm_v128_load(p + 32), e = wasm_v128_load(p + 48);
  v128_t by = wasm_i8x16_add(wasm_i8x16_make(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12), wasm_i8x16_splat((i8)c));
  v128_t ab = wasm_i32x4_shuffle(wasm_i8x16_swizzle(a, by), wasm_i8x16_swizzle(b, by), 0, 4, 0, 4);
  v128_t de = wasm_i32x4_shuffle(wasm_i8x16_swizzle(d, by), wasm_i8x16_swizzle(e, by), 0, 4, 0, 4);
  return wasm_i64x2_shuffle(ab, de, 0, 2);
}
static inline Lane zigzag(Lane d) { return wasm_v128_xor(wasm_i8x16_shl(d, 1), wasm_i8x16_shr(d, 7)); }
static inline Lane signed_of(Lane v) {
  return wasm_v128_xor(wasm_u8x16_shr(v, 1), wasm_i8x16_neg(wasm_v128_and(v, wasm_i8x16_splat(1))));
}
static inline Lane less(Lane a, Lane b) { return wasm_i8x16_sub(a, b); }
static inline Lane sum(Lane a, Lane b) { return wasm_i8x16_add(a, b); }
static inline u32 plane_of(Lane v, i32 bit) { return wasm_i8x16_bitmask(wasm_i8x16_shl(v, 7 - bit)); }
static inline Lane with_plane(Lane v, u32 plane, i32 bit) {
  v128_t each = wasm_i8x16_make(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  v128_t all = wasm_i8x16_shuffle(wasm_i16x8_splat((int16_t)plane), v, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  v128_t is = wasm_i8x16_eq(wasm_v128_and(all, each), each);
  return wasm_v128_or(v, wasm_v128_and(is, wasm_i8x16_splat((i8)(1 << bit))));
}
static inline Lane nothing(void) { return wasm_i8x16_splat(0); }
static inline void together(u8 *p, const Lane *c) {
  v128_t full = wasm_i8x16_splat(-1);
  v128_t low = wasm_i8x16_shuffle(c[0], c[1], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128_t high = wasm_i8x16_shuffle(c[0], c[1], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  v128_t blue = wasm_i8x16_shuffle(c[2], full, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128_t last = wasm_i8x16_shuffle(c[2], full, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  wasm_v128_store(p, wasm_i16x8_shuffle(low, blue, 0, 8, 1, 9, 2, 10, 3, 11));
  wasm_v128_store(p + 16, wasm_i16x8_shuffle(low, blue, 4, 12, 5, 13, 6, 14, 7, 15));
  wasm_v128_store(p + 32, wasm_i16x8_shuffle(high, last, 0, 8, 1, 9, 2, 10, 3, 11));
  wasm_v128_store(p + 48, wasm_i16x8_shuffle(high, last, 4, 12, 5, 13, 6, 14, 7, 15));
}
#else
typedef struct {
  u8 at[WIDE];
} Lane;
#define EACH(expression) \
  Lane out; \
  for (i32 i = 0; i < WIDE; i++) out.at[i] = (u8)(expression); \
  return out
static inline Lane channel_of(const u8 *p, i32 c) { EACH(p[4 * i + c]); }
static inline Lane zigzag(Lane d) { EACH(d.at[i] << 1 ^ (i8)d.at[i] >> 7); }
static inline Lane signed_of(Lane v) { EACH(v.at[i] >> 1 ^ -(v.at[i] & 1)); }
static inline Lane less(Lane a, Lane b) { EACH(a.at[i] - b.at[i]); }
static inline Lane sum(Lane a, Lane b) { EACH(a.at[i] + b.at[i]); }
static inline Lane with_plane(Lane v, u32 plane, i32 bit) { EACH(v.at[i] | (plane >> i & 1) << bit); }
static inline Lane nothing(void) { EACH(0); }
static inline u32 plane_of(Lane v, i32 bit) {
  u32 out = 0;
  for (i32 i = 0; i < WIDE; i++) out |= (u32)(v.at[i] >> bit & 1) << i;
  return out;
}
static inline void together(u8 *p, const Lane *c) {
  for (i32 i = 0; i < 4 * WIDE; i++) p[i] = (i & 3) == 3 ? 255 : c[i & 3].at[i >> 2];
}
#endif

/* Rows of 256 pixels, whose alpha is not kept, to bytes; room for 4 * 256 * rows is enough. Returns the number of bytes. */
EXPORT(rough_encode) i32 rough_encode(u8 *to, const u8 *px, i32 rows) {
  u8 *o = to;
  for (i32 i = 0; i < TILE * rows; i += WIDE) {
    u8 *head = o;
    u32 widths = 0;
    o += 2;
    for (i32 c = 0; c < 3; c++) {
      const u8 *p = px + 4 * i;
      Lane v = zigzag(less(channel_of(p, c), i < TILE ? nothing() : channel_of(p - 4 * TILE, c)));
      i32 width = 8;
      while (width && !plane_of(v, width - 1)) width--;
      widths |= (u32)width << 4 * c;
      for (i32 bit = 0; bit < width; bit++) {
        u32 plane = plane_of(v, bit);
        *o++ = (u8)plane;
        *o++ = (u8)(plane >> 8);
      }
    }
    head[0] = (u8)widths;
    head[1] = (u8)(widths >> 8);
  }
  return (i32)(o - to);
}

/* Bytes to exactly so many rows of opaque pixels. Returns 0, or -1 where they end early or aren't such bytes; it never reads
 * beyond `length`. */
EXPORT(rough_decode) i32 rough_decode(u8 *px, i32 rows, const u8 *in, i32 length) {
  const u8 *end = in + length;
  for (i32 i = 0; i < TILE * rows; i += WIDE) {
    if (end - in < 2) return -1;
    u32 widths = in[0] | (u32)in[1] << 8;
    in += 2;
    Lane found[3];
    u8 *p = px + 4 * i;
    for (i32 c = 0; c < 3; c++) {
      i32 width = (i32)(widths >> 4 * c & 15);
      if (width > 8 || end - in < 2 * width) return -1;
      Lane v = nothing();
      for (i32 bit = 0; bit < width; bit++, in += 2) v = with_plane(v, in[0] | (u32)in[1] << 8, bit);
      found[c] = sum(signed_of(v), i < TILE ? nothing() : channel_of(p - 4 * TILE, c));
    }
    together(p, found);
  }
  return 0;
}
