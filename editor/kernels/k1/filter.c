/* Filters of a layer's pixels. Blurs work on colours times alpha in 16 bits, so that what is transparent has no colour in them. */

/* out[4 * n] <- colours times alpha, and alpha times 255. */
EXPORT(filter_load) void filter_load(u16 *out, const u8 *px, i32 n) {
  for (i32 i = 0; i < n; i++, px += 4, out += 4) {
    u32 a = px[3];
    for (i32 k = 0; k < 3; k++) out[k] = (u16)(px[k] * a);
    out[3] = (u16)(255 * a);
  }
}

/* px <- the pixels of what filter_load made. */
EXPORT(filter_store) void filter_store(u8 *px, const u16 *from, i32 n) {
  for (i32 i = 0; i < n; i++, px += 4, from += 4) {
    u32 a = from[3], alpha = (a + 127) / 255;
    if (a == 65025) {
      for (i32 k = 0; k < 3; k++) px[k] = (u8)((from[k] + 127u) / 255);
    } else {
      for (i32 k = 0; k < 3; k++) px[k] = (u8)(alpha ? min32(255, (i32)((from[k] * 255u + a / 2) / a)) : 0);
    }
    px[3] = (u8)alpha;
  }
}

/* A line of n pixels: d (`wide` pixels apart) <- means of 2 * r + 1 of s (`step` apart), the outermost going on beyond the edge.
 * The division is by a reciprocal rounded up: with sums below 2^26 a line of one colour stays what it is. 1 <= r <= 250. */
static inline void mean_line(u16 *d, i32 wide, const u16 *s, i32 step, i32 n, i32 r) {
  u32 width = 2 * (u32)r + 1, share = (u32)(((u64)1 << 32) / width + 1);
#ifdef __wasm_simd128__
  v128_t sum = wasm_i32x4_splat(0), by = wasm_i32x4_splat((i32)share), half = wasm_i64x2_splat((i64)1 << 31);
  for (i32 k = -r; k <= r; k++) sum = wasm_i32x4_add(sum, wasm_u32x4_load16x4(s + 4 * step * clamp32(k, 0, n - 1)));
  for (i32 i = 0; i < n; i++) {
    v128_t low = wasm_i64x2_add(wasm_u64x2_extmul_low_u32x4(sum, by), half);
    v128_t high = wasm_i64x2_add(wasm_u64x2_extmul_high_u32x4(sum, by), half);
    v128_t mean = wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
    wasm_v128_store64_lane(d + 4 * wide * i, wasm_u16x8_narrow_i32x4(mean, mean), 0);
    v128_t in = wasm_u32x4_load16x4(s + 4 * step * min32(i + r + 1, n - 1)), out = wasm_u32x4_load16x4(s + 4 * step * max32(i - r, 0));
    sum = wasm_i32x4_add(sum, wasm_i32x4_sub(in, out));
  }
#else
  u32 sum[4] = {0, 0, 0, 0};
  for (i32 k = -r; k <= r; k++)
    for (i32 c = 0; c < 4; c++) sum[c] += s[4 * step * clamp32(k, 0, n - 1) + c];
  for (i32 i = 0; i < n; i++) {
    const u16 *in = s + 4 * step * min32(i + r + 1, n - 1), *out = s + 4 * step * max32(i - r, 0);
    for (i32 c = 0; c < 4; c++) {
      d[4 * wide * i + c] = (u16)(((u64)sum[c] * share + ((u64)1 << 31)) >> 32);
      sum[c] += (u32)in[c] - out[c];
    }
  }
#endif
}

#define STRIP 8 /* columns that are worked on together, so that a column is not read a pixel a line */

/* A box blur of px[w * h] (of filter_load) in place. line: 4 * max(w, 8 * h) numbers. 1 <= r <= 250. */
EXPORT(filter_box) void filter_box(u16 *px, u16 *line, i32 w, i32 h, i32 r) {
  if (r < 1 || r > 250 || w < 1 || h < 1) return;
  for (i32 y = 0; y < h; y++) {
    u16 *row = px + 4 * w * y;
    for (i32 k = 0; k < w; k++) ((u64 *)line)[k] = ((u64 *)row)[k];
    mean_line(row, 1, line, 1, w, r);
  }
  for (i32 x = 0; x < w; x += STRIP) {
    i32 n = min32(STRIP, w - x);
    for (i32 y = 0; y < h; y++)
      for (i32 k = 0; k < n; k++) ((u64 *)line)[y * n + k] = ((u64 *)px)[w * y + x + k];
    for (i32 k = 0; k < n; k++) mean_line(px + 4 * (x + k), w, line + 4 * k, n, h, r);
  }
}

#ifdef __wasm_simd128__
/* Eight channels of filter_sharpen: p + (p - s) * by, in 16-bit lanes, where the two differ by `least` or more. */
static inline v128_t sharper(v128_t p, v128_t s, v128_t by, v128_t least) {
  v128_t more = wasm_i16x8_sub(p, s), half = wasm_i32x4_splat(32768);
  v128_t low = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_mul(wasm_i32x4_extend_low_i16x8(more), by), half), 16);
  v128_t high = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_mul(wasm_i32x4_extend_high_i16x8(more), by), half), 16);
  v128_t add = wasm_v128_and(wasm_i16x8_narrow_i32x4(low, high), wasm_i16x8_ge(wasm_i16x8_abs(more), least));
  return wasm_i16x8_add(p, add);
}
#endif

/* px <- sharper by an unsharp mask: away from what the same pixels are when softened, where they differ by `least` or more.
 * amount: 65536ths. */
EXPORT(filter_sharpen) void filter_sharpen(u8 *px, const u8 *soft, i32 n, i32 amount, i32 least) {
  i32 i = 0;
#ifdef __wasm_simd128__
  if (amount >= -(1 << 22) && amount <= 1 << 22) { /* so that 32 bits hold every product */
    v128_t by = wasm_i32x4_splat(amount), edge = wasm_i16x8_splat((short)clamp32(least, 0, 256));
    for (; i + 4 <= n; i += 4, px += 16, soft += 16) {
      v128_t p = wasm_v128_load(px), s = wasm_v128_load(soft);
      v128_t low = sharper(wasm_u16x8_extend_low_u8x16(p), wasm_u16x8_extend_low_u8x16(s), by, edge);
      v128_t high = sharper(wasm_u16x8_extend_high_u8x16(p), wasm_u16x8_extend_high_u8x16(s), by, edge);
      v128_t stays = wasm_v128_or(wasm_i32x4_splat((i32)0xff000000), wasm_i32x4_eq(wasm_u32x4_shr(p, 24), wasm_i32x4_splat(0)));
      wasm_v128_store(px, wasm_v128_bitselect(p, wasm_u8x16_narrow_i16x8(low, high), stays));
    }
  }
#endif
  for (; i < n; i++, px += 4, soft += 4) {
    if (!px[3]) continue;
    for (i32 k = 0; k < 3; k++) {
      i32 more = px[k] - soft[k];
      if ((more < 0 ? -more : more) >= least) px[k] = (u8)clamp32(px[k] + (i32)(((i64)more * amount + 32768) >> 16), 0, 255);
    }
  }
}

static u32 chance(u32 v) { /* "lowbias32" of C. Wellons: every bit of the number changes about half of the others */
  v = (v ^ (v >> 16)) * 0x7feb352du;
  v = (v ^ (v >> 15)) * 0x846ca68bu;
  return v ^ (v >> 16);
}

/* px[n] <- with noise, of a row from (x, y) on; each pixel's depends on its place and the seed alone, so that no tile shows.
 * amount: 65536ths of the whole range; one: the same for all three channels. */
EXPORT(filter_noise) void filter_noise(u8 *px, i32 n, i32 x, i32 y, u32 seed, i32 amount, u32 one) {
  u32 row = chance(seed ^ chance((u32)y));
  for (i32 i = 0; i < n; i++, px += 4) {
    if (!px[3]) continue;
    u32 v = chance(row ^ (u32)(x + i)), more = chance(v);
    i32 add[3] = {(i32)((v & 255) + (v >> 8 & 255)) - 255, (i32)((v >> 16 & 255) + (v >> 24)) - 255, (i32)((more & 255) + (more >> 8 & 255)) - 255};
    for (i32 k = 0; k < 3; k++) px[k] = (u8)clamp32(px[k] + ((add[one ? 0 : k] * amount + 32768) >> 16), 0, 255);
  }
}

/* px[w * h] <- every cell of `side` pixels in its mean colour, from the left top corner on. 1 <= side <= 256. */
EXPORT(filter_pixelate) SMALL void filter_pixelate(u8 *px, i32 w, i32 h, i32 side) {
  if (side < 1 || side > 256) return;
  for (i32 top = 0; top < h; top += side)
    for (i32 left = 0; left < w; left += side) {
      i32 right = min32(w, left + side), below = min32(h, top + side);
      u32 sum[4] = {0, 0, 0, 0}, count = (u32)((right - left) * (below - top)), c[4];
      for (i32 y = top; y < below; y++)
        for (i32 x = left; x < right; x++) {
          const u8 *p = px + 4 * (y * w + x);
          for (i32 k = 0; k < 3; k++) sum[k] += (u32)p[k] * p[3]; /* at most 255 * 255 * 65536, which 32 bits hold */
          sum[3] += p[3];
        }
      c[3] = (sum[3] + count / 2) / count;
      for (i32 k = 0; k < 3; k++) c[k] = c[3] ? (sum[k] + sum[3] / 2) / sum[3] : 0;
      for (i32 y = top; y < below; y++)
        for (i32 x = left; x < right; x++)
          for (i32 k = 0; k < 4; k++) px[4 * (y * w + x) + k] = (u8)c[k];
    }
}

/* px <- with the alpha of `old`, whose pixel stands where px has none. */
EXPORT(filter_keep) SMALL void filter_keep(u8 *px, const u8 *old, i32 n) {
  for (i32 i = 0; i < n; i++, px += 4, old += 4) {
    if (!px[3] || !old[3])
      for (i32 k = 0; k < 3; k++) px[k] = old[k];
    px[3] = old[3];
  }
}
