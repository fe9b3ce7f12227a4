/* Other sizes, and other places: pixels are made of colours times alpha in 16 bits, as filter_load gives them. */

#define WHOLE 16384     /* what the weights of a pixel's sources are together */
#define OPAQUE 65025    /* the alpha of an opaque pixel, and the most that a channel is */
#define OUTERMOST 4194304 /* pixels; no coordinate lies further out */

/* sinc(x) * sinc(x / 3) from 0 to 3 by 128ths, times 16384. */
static const int16_t lanczos[385] = {
    16384, 16382, 16377, 16368, 16355, 16338, 16318, 16295, 16267, 16236, 16202, 16164, 16122, 16077, 16028, 15976, 15921, 15861, 15799,
    15733, 15664, 15591, 15515, 15436, 15354, 15268, 15179, 15088, 14993, 14895, 14794, 14690, 14583, 14473, 14361, 14245, 14128, 14007,
    13884, 13758, 13630, 13499, 13366, 13231, 13093, 12953, 12811, 12667, 12521, 12373, 12223, 12071, 11917, 11762, 11605, 11447, 11287,
    11125, 10962, 10798, 10633, 10466, 10299, 10130, 9960, 9790, 9618, 9446, 9273, 9100, 8926, 8751, 8576, 8401, 8226, 8050, 7874, 7698,
    7522, 7346, 7170, 6995, 6819, 6644, 6470, 6296, 6122, 5949, 5776, 5605, 5434, 5263, 5094, 4926, 4758, 4592, 4427, 4263, 4100, 3938,
    3778, 3619, 3462, 3306, 3151, 2998, 2847, 2697, 2549, 2403, 2258, 2116, 1975, 1836, 1699, 1564, 1431, 1300, 1171, 1044, 919, 797, 676,
    558, 442, 328, 216, 107, 0, -105, -207, -307, -405, -500, -593, -684, -772, -858, -941, -1022, -1101, -1177, -1251, -1322, -1391,
    -1458, -1522, -1584, -1643, -1701, -1755, -1808, -1858, -1906, -1951, -1994, -2035, -2074, -2111, -2145, -2177, -2207, -2235, -2260,
    -2284, -2305, -2325, -2342, -2358, -2371, -2383, -2392, -2400, -2406, -2410, -2412, -2413, -2412, -2409, -2404, -2398, -2391, -2381,
    -2371, -2359, -2345, -2330, -2314, -2296, -2277, -2257, -2236, -2213, -2190, -2165, -2139, -2113, -2085, -2056, -2027, -1996, -1965,
    -1933, -1901, -1867, -1833, -1799, -1763, -1728, -1691, -1654, -1617, -1580, -1542, -1504, -1465, -1426, -1387, -1348, -1309, -1269,
    -1230, -1190, -1150, -1111, -1071, -1032, -992, -953, -914, -875, -836, -798, -759, -721, -684, -646, -609, -573, -537, -501, -466,
    -431, -396, -362, -329, -296, -264, -232, -201, -170, -140, -111, -82, -54, -27, 0, 26, 52, 76, 100, 124, 147, 169, 190, 211, 230,
    250, 268, 286, 303, 319, 335, 350, 364, 377, 390, 402, 414, 425, 435, 444, 453, 461, 468, 475, 481, 487, 492, 496, 500, 503, 506, 508,
    509, 510, 511, 510, 510, 509, 507, 505, 503, 500, 497, 493, 489, 484, 479, 474, 469, 463, 457, 450, 444, 437, 429, 422, 414, 406, 398,
    390, 382, 373, 365, 356, 347, 338, 329, 320, 311, 302, 292, 283, 274, 265, 256, 246, 237, 228, 219, 210, 202, 193, 184, 176, 167, 159,
    151, 143, 136, 128, 121, 113, 106, 99, 93, 86, 80, 74, 68, 63, 57, 52, 47, 43, 38, 34, 30, 26, 23, 20, 17, 14, 12, 9, 7, 6, 4, 3, 2,
    1, 0, 0, 0,
};

static i64 floored(i64 a, i64 b) { /* a / b, b > 0, rounded down */
  i64 q = a / b;
  return a % b < 0 ? q - 1 : q;
}

/* How much a pixel counts whose distance is x 4096ths: a triangle (1) or Lanczos with three lobes (2). */
static i64 weight_at(i64 x, u32 method) {
  if (method == 1) return x < 4096 ? 4096 - x : 0;
  if (x >= 3 * 4096) return 0;
  i64 i = x >> 5, part = x & 31;
  return lanczos[i] * (32 - part) + lanczos[i + 1] * part;
}

/* The sources of `count` pixels from `first` on, where a side of n_in pixels becomes n_out: those of pixel j are the pairs (place, weight)
 * from starts[j] to starts[j + 1]. 0: the nearest one; 1: bilinear; 2: Lanczos; both take in all that a smaller pixel covers.
 * What lies inside of the side is made of that alone, and so is what lies before it and behind it. Weights are rounded so that
 * together they are WHOLE. 1 <= n_in, n_out <= 8192; starts: count + 1 numbers; pairs: count * (6 * ceil(max(n_in, n_out) / n_out) + 3).
 * Returns how many pairs there are. */
EXPORT(resize_taps) SMALL i32 resize_taps(i32 *starts, i32 *pairs, i32 n_in, i32 n_out, i32 first, i32 count, u32 method) {
  if (n_in < 1 || n_out < 1) return 0;
  i64 apart = 2 * (i64)n_out, wide = 2 * (i64)max32(n_in, n_out), reach = method == 2 ? 3 * wide : wide;
  i32 total = 0;
  for (i32 j = 0; j < count; j++) {
    i32 i = first + j, low = i < 0 ? -OUTERMOST : i < n_out ? 0 : n_in, high = i < 0 ? -1 : i < n_out ? n_in - 1 : OUTERMOST;
    i64 at = (2 * (i64)i + 1) * n_in, centre = at - n_out, sum = 0, done = 0, before = 0;
    i64 from = -floored(reach - centre, apart), to = floored(centre + reach, apart);
    starts[j] = total;
    if (method)
      for (i64 k = from; k <= to; k++) sum += weight_at((k * apart > centre ? k * apart - centre : centre - k * apart) * 4096 / wide, method);
    if (sum <= 0) {
      pairs[2 * total] = clamp32((i32)floored(at, apart), low, high);
      pairs[2 * total++ + 1] = WHOLE;
      continue;
    }
    for (i64 k = from; k <= to; k++) {
      done += weight_at((k * apart > centre ? k * apart - centre : centre - k * apart) * 4096 / wide, method);
      i64 until = floored(done * WHOLE + sum / 2, sum);
      if (until != before) {
        pairs[2 * total] = clamp32((i32)k, low, high);
        pairs[2 * total++ + 1] = (i32)(until - before);
      }
      before = until;
    }
  }
  starts[count] = total;
  return total;
}

/* out[4] <- a sum of pixels. Weights below zero can make more of one than an opaque pixel is: then its colour is kept, and its alpha cut. */
static inline void settled(u16 *out, const i32 *sum) {
  for (i32 c = 0; c < 3; c++) {
    i32 v = max32(0, sum[c]);
    out[c] = (u16)min32(OPAQUE, sum[3] > OPAQUE ? (i32)((i64)v * OPAQUE / sum[3]) : v);
  }
  out[3] = (u16)clamp32(sum[3], 0, OPAQUE);
}

/* out[4] <- the weighted sum of sources: pixels of `in` that are `step` apart, whose first one has the place `begin`, n of them. */
static inline void weighted(u16 *out, const u16 *in, i32 step, i32 begin, i32 n, const i32 *pair, const i32 *end) {
#ifdef __wasm_simd128__
  v128_t sum = wasm_i32x4_splat(WHOLE / 2);
  for (; pair < end; pair += 2) {
    const u16 *p = in + 4 * step * clamp32(pair[0] - begin, 0, n - 1);
    sum = wasm_i32x4_add(sum, wasm_i32x4_mul(wasm_u32x4_load16x4(p), wasm_i32x4_splat(pair[1])));
  }
  sum = wasm_i32x4_shr(sum, 14);
  if (wasm_i32x4_extract_lane(sum, 3) > OPAQUE) {
    i32 all[4];
    wasm_v128_store(all, sum);
    settled(out, all);
    return;
  }
  sum = wasm_i32x4_min(wasm_i32x4_max(sum, wasm_i32x4_splat(0)), wasm_i32x4_splat(OPAQUE));
  wasm_v128_store64_lane(out, wasm_u16x8_narrow_i32x4(sum, sum), 0);
#else
  i32 sum[4] = {WHOLE / 2, WHOLE / 2, WHOLE / 2, WHOLE / 2};
  for (; pair < end; pair += 2) {
    const u16 *p = in + 4 * step * clamp32(pair[0] - begin, 0, n - 1);
    for (i32 c = 0; c < 4; c++) sum[c] += p[c] * pair[1];
  }
  for (i32 c = 0; c < 4; c++) sum[c] >>= 14;
  settled(out, sum);
#endif
}

/* out[w_out * h] <- in[w * h] with rows of another length, by what resize_taps gave; the first column of `in` has the place `begin`. */
EXPORT(resize_rows) void resize_rows(u16 *out, const u16 *in, i32 w, i32 h, i32 begin, const i32 *starts, const i32 *pairs, i32 w_out) {
  for (i32 y = 0; y < h; y++)
    for (i32 x = 0; x < w_out; x++)
      weighted(out + 4 * (y * w_out + x), in + 4 * y * w, 1, begin, w, pairs + 2 * starts[x], pairs + 2 * starts[x + 1]);
}

/* out[w * h_out] <- in[w * h] with columns of another length; the first row of `in` has the place `begin`. */
EXPORT(resize_columns) void resize_columns(u16 *out, const u16 *in, i32 w, i32 h, i32 begin, const i32 *starts, const i32 *pairs, i32 h_out) {
  for (i32 y = 0; y < h_out; y++)
    for (i32 x = 0; x < w; x++)
      weighted(out + 4 * (y * w + x), in + 4 * x, w, begin, h, pairs + 2 * starts[y], pairs + 2 * starts[y + 1]);
}

/* A projection: m[9] gives of a place (x, y) the place (m0 x + m1 y + m2, m3 x + m4 y + m5) / (m6 x + m7 y + m8). Here x and y are doubled.
 * |m0, m1, m3, m4, m6, m7| <= 2^34, |m2, m5, m8| <= 2^50, |x, y| <= 2^16: every sum is below 2^53. */
static inline i64 row_at(const i64 *m, i64 x, i64 y) { return m[0] * x + m[1] * y + 2 * m[2]; }

static i32 pixel_of(i64 v, i64 by, i64 up) { /* v / by in whole pixels */
  i64 found = up ? -floored(-v, by) : floored(v, by);
  return (i32)(found < -OUTERMOST ? -OUTERMOST : found > OUTERMOST ? OUTERMOST : found);
}

/* box[4] <- the pixels from which a projection makes those of [x0, x1) x [y0, y1). Returns 0 where some of them lie beyond its horizon. */
EXPORT(warp_reach) SMALL i32 warp_reach(i32 *box, const i64 *m, i32 x0, i32 y0, i32 x1, i32 y1) {
  for (i32 corner = 0; corner < 4; corner++) {
    i64 x = 2 * (i64)(corner & 1 ? x1 : x0), y = 2 * (i64)(corner & 2 ? y1 : y0), by = row_at(m + 6, x, y);
    if (by < 1) return 0;
    for (i32 k = 0; k < 2; k++) {
      i64 v = row_at(m + 3 * k, x, y);
      i32 low = pixel_of(v, by, 0), high = pixel_of(v, by, 1);
      box[k] = corner ? min32(box[k], low) : low;
      box[2 + k] = corner ? max32(box[2 + k], high) : high;
    }
  }
  return 1;
}

/* out[4] <- the pixel at the place (u, v) of `in`, in 256ths of its pixels, by a method as of `warp`. */
static inline void sampled(u16 *out, const u16 *in, i32 sx, i32 sy, i32 sw, i32 sh, const u16 *blank, i32 u, i32 v, u32 method) {
  i32 at[2] = {u, v}, place[2], sum[4], share[2][4] = {{WHOLE, 0, 0, 0}, {WHOLE, 0, 0, 0}}, taps = method ? 2 * (i32)method : 1;
  for (i32 k = 0; k < 2; k++) {
    i32 t = at[k] & 255, *s = share[k];
    if (method == 1) {
      s[1] = 64 * t;
      s[0] = WHOLE - s[1];
    } else if (method == 2) {
      i32 tt = t * t, ttt = tt * t;
      s[0] = (512 * tt - ttt - 65536 * t + 1024) >> 11;
      s[2] = (1024 * tt - 3 * ttt + 65536 * t + 1024) >> 11;
      s[3] = (ttt - 256 * tt + 1024) >> 11;
      s[1] = WHOLE - s[0] - s[2] - s[3];
    }
    place[k] = (at[k] >> 8) - (method == 2) - (k ? sy : sx);
  }
  for (i32 c = 0; c < 4; c++) sum[c] = WHOLE / 2;
  for (i32 b = 0; b < taps; b++) {
    i32 line[4] = {WHOLE / 2, WHOLE / 2, WHOLE / 2, WHOLE / 2}, y = place[1] + b;
    if (!share[1][b]) continue;
    for (i32 a = 0; a < taps; a++) {
      i32 x = place[0] + a;
      const u16 *p = x >= 0 && y >= 0 && x < sw && y < sh ? in + 4 * (y * sw + x) : blank;
      for (i32 c = 0; c < 4; c++) line[c] += p[c] * share[0][a];
    }
    for (i32 c = 0; c < 4; c++) sum[c] += (line[c] >> 14) * share[1][b];
  }
  for (i32 c = 0; c < 4; c++) sum[c] >>= 14;
  settled(out, sum);
}

/* out[w * h] <- the pixels from (x, y) on that a projection makes of `in`: sw * sh pixels of a level (each of 2^level of the layer's a
 * side) from (sx, sy) on; around them is black with the alpha `outside`. 0: the nearest one; 1: bilinear; 2: bicubic (Catmull-Rom). */
EXPORT(warp) SMALL void warp(u16 *out, const u16 *in, i32 sx, i32 sy, i32 sw, i32 sh, u32 outside, const i64 *m, i32 x, i32 y, i32 w, i32 h,
                             i32 level, u32 method) {
  u16 blank[4] = {0, 0, 0, (u16)(outside * 255)};
  i32 half = method ? 128 : 0;
  for (i32 i = 0; i < w * h; i++, out += 4) {
    i64 px = 2 * (i64)(x + i % w) + 1, py = 2 * (i64)(y + i / w) + 1, by = row_at(m + 6, px, py);
    i32 at[2];
    if (by < 1) {
      for (i32 c = 0; c < 4; c++) out[c] = blank[c];
      continue;
    }
    for (i32 k = 0; k < 2; k++) {
      i64 v = floored(row_at(m + 3 * k, px, py) * 256, by << level) - half;
      at[k] = (i32)(v < -OUTERMOST * 256 ? -OUTERMOST * 256 : v > OUTERMOST * 256 ? OUTERMOST * 256 : v);
    }
    sampled(out, in, sx, sy, sw, sh, blank, at[0], at[1], method);
  }
}
