/* Adjustments, second half: pixels changed in place by a program that adjust_program made, as if a layer with the
 * changed pixels were clipped to them: alpha stays, and opacity, mask and blend mode say how much of it is seen. */

static u32 packed(i32 r, i32 g, i32 b) { return (u32)r | (u32)g << 8 | (u32)b << 16 | 0xff000000u; }

static void look_up(u32 *out, const u8 *d, i32 n, const Program *by) {
  const u8 *r = by->table[0], *g = by->table[1], *b = by->table[2];
  for (i32 i = 0; i < n; i++, d += 4) out[i] = packed(r[d[0]], g[d[1]], b[d[2]]);
}

/* Hue in sixths of a turn of the colour's own chroma, so that turning it divides once; then saturation around the middle of its
 * smallest and largest channel, as far as all of them stay within 0..255; then the table. p: hue in degrees, saturation. */
static void paint(u32 *out, const u8 *d, i32 n, const Program *by) {
  i32 hue = by->p[0], more = by->p[1], factor = more < 0 ? 100 + more : 100 + 2 * more;
  const u8 *t = by->table[0];
  for (i32 i = 0; i < n; i++, d += 4) {
    i32 c[3] = {d[0], d[1], d[2]}, low = min32(c[0], min32(c[1], c[2])), high = max32(c[0], max32(c[1], c[2])), chroma = high - low;
    if (chroma) {
      if (hue) {
        i32 at = c[0] == high ? c[1] - c[2] : c[1] == high ? 2 * chroma + c[2] - c[0] : 4 * chroma + c[0] - c[1];
        at += (hue * chroma + (hue < 0 ? -30 : 30)) / 60;
        at = ((at % (6 * chroma)) + 6 * chroma) % (6 * chroma);
        i32 red = at - 3 * chroma, green = at - 2 * chroma, blue = at - 4 * chroma;
        c[0] = low + clamp32((red < 0 ? -red : red) - chroma, 0, chroma);
        c[1] = low + clamp32(2 * chroma - (green < 0 ? -green : green), 0, chroma);
        c[2] = low + clamp32(2 * chroma - (blue < 0 ? -blue : blue), 0, chroma);
      }
      if (more) {
        i32 twice = low + high, to = min32((chroma * factor + 50) / 100, min32(twice, 510 - twice)), share = (to << 16) / chroma;
        for (i32 k = 0; k < 3; k++) c[k] = ((twice << 16) + (2 * c[k] - twice) * share + ONE) >> 17;
      }
    }
    out[i] = packed(t[c[0]], t[c[1]], t[c[2]]);
  }
}

/* The tables, and then the luminosity that the pixel had. */
static void keep_light(u32 *out, const u8 *d, i32 n, const Program *by) {
  for (i32 i = 0; i < n; i++, d += 4) {
    i32 was[3] = {d[0], d[1], d[2]}, c[3];
    for (i32 k = 0; k < 3; k++) c[k] = by->table[k][d[k]];
    set_lum(c, lum(was));
    out[i] = packed(c[0], c[1], c[2]);
  }
}

/* A grey of weights, in percent: p: reds, yellows, greens, cyans, blues, magentas. */
static void grey(u32 *out, const u8 *d, i32 n, const Program *by) {
  const i32 *p = by->p;
  i32 mixed[3] = {p[3], p[5], p[1]}; /* by the channel that is least: cyan lacks red, magenta green, yellow blue */
  for (i32 i = 0; i < n; i++, d += 4) {
    i32 most = d[0] >= d[1] && d[0] >= d[2] ? 0 : d[1] >= d[2] ? 1 : 2;
    i32 least = d[2] <= d[1] && d[2] <= d[0] ? 2 : d[1] <= d[0] ? 1 : 0;
    i32 middle = d[0] + d[1] + d[2] - d[most] - d[least];
    i32 sum = (middle - d[least]) * mixed[least] + (d[most] - middle) * p[2 * most];
    i32 v = clamp32(d[least] + ((sum * 655 + 32768) >> 16), 0, 255);
    out[i] = packed(v, v, v);
  }
}

/* White from a luminosity on, else black. */
static void two(u32 *out, const u8 *d, i32 n, const Program *by) {
  for (i32 i = 0; i < n; i++, d += 4) {
    i32 c[3] = {d[0], d[1], d[2]};
    out[i] = lum(c) >= by->p[0] ? 0xffffffffu : 0xff000000u;
  }
}

/* What a vignette is measured by: the picture's size, how far a pixel of this level is from the next, and two weights of the
 * squared distances from the middle, in 2^-40ths, by which every corner is at 1. */
typedef struct {
  i64 across, along;
  i32 level, w, h;
} Place;

static Place place_of(const Program *by, i32 level, i32 w, i32 h) {
  i64 round = by->p[2], whole = (i64)1 << 40, w2 = (i64)w * w, h2 = (i64)h * h, circle = whole / 100 * round / (w2 + h2);
  Place out = {whole / 200 * (100 - round) / w2 + circle, whole / 200 * (100 - round) / h2 + circle, level, w, h};
  return out;
}

/* Twice the way from the middle, cut far outside of the picture, where its square would be too large. */
static inline i64 from_middle(i32 v, i32 level, i32 side) {
  i64 way = (i64)(2 * (i64)v + 1) * (1 << level) - side, most = (i64)1024 * side;
  return way > most ? most : way < -most ? -most : way;
}

static void shade(u32 *out, const u8 *d, i32 n, i32 x, i32 y, const Program *by, const Place *at) {
  i64 dy = from_middle(y, at->level, at->h), row = dy * dy * at->along;
  i32 light = by->p[0] > 0;
  for (i32 i = 0; i < n; i++, d += 4) {
    i64 dx = from_middle(x + i, at->level, at->w), far = (dx * dx * at->across + row) >> 30;
    i32 weight = by->weight[far > 1024 ? 1024 : far], c[3];
    for (i32 k = 0; k < 3; k++) c[k] = light ? d[k] + (((255 - d[k]) * weight + 16384) >> 15) : d[k] - ((d[k] * weight + 16384) >> 15);
    out[i] = packed(c[0], c[1], c[2]);
  }
}

/* One row: d <- s over d where d is, in normal mode; what composite_atop gives. */
static void atop(u8 *d, const u8 *s, const u8 *mask, i32 n, u32 opacity) {
  i32 i = 0;
#ifdef __wasm_simd128__
  v128_t o = wasm_i16x8_splat((short)opacity), alpha = wasm_i32x4_splat((i32)0xff000000), none = wasm_i32x4_splat(0);
  for (; i + 4 <= n; i += 4) {
    v128_t D = wasm_v128_load(d + 4 * i), S = wasm_v128_load(s + 4 * i), out = S;
    if (mask || opacity < 255) {
      v128_t a = o;
      if (mask) a = div255v(wasm_i16x8_mul(a, wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(mask + i))));
      if (!wasm_v128_any_true(a)) continue;
      v128_t a0 = wasm_i16x8_shuffle(a, a, 0, 0, 0, 0, 1, 1, 1, 1), a1 = wasm_i16x8_shuffle(a, a, 2, 2, 2, 2, 3, 3, 3, 3);
      v128_t low = mixv(wasm_u16x8_extend_low_u8x16(S), wasm_u16x8_extend_low_u8x16(D), a0);
      v128_t high = mixv(wasm_u16x8_extend_high_u8x16(S), wasm_u16x8_extend_high_u8x16(D), a1);
      out = wasm_u8x16_narrow_i16x8(low, high);
    }
    out = wasm_v128_bitselect(D, out, alpha);
    v128_t gone = wasm_i32x4_eq(wasm_v128_and(D, alpha), none);
    wasm_v128_store(d + 4 * i, wasm_v128_bitselect(D, out, gone));
  }
#endif
  for (; i < n; i++) {
    u32 a = mask ? d255(opacity * mask[i]) : opacity;
    u8 *p = d + 4 * i;
    if (!a || !p[3]) continue;
    for (i32 k = 0; k < 3; k++) p[k] = (u8)d255(s[4 * i + k] * a + p[k] * (255 - a));
  }
}

/* d <- adjusted: `rows` rows of a tile from the pixel (x, y) of a level on, whose pixels are 2^level of the picture's, w x h in all.
 * mask: as many bytes as pixels, or 0. level: 0..6; 1 <= w, h <= 8192. */
EXPORT(adjust)
void adjust(u8 *d, const u8 *mask, const Program *by, u32 opacity, u32 mode, i32 x, i32 y, i32 rows, i32 level, i32 w, i32 h) {
  u32 row[TILE];
  if (mode >= MODES || opacity > 255 || w < 1 || h < 1 || level < 0 || level > 6) return;
  Place place = place_of(by, level, w, h);
  for (i32 j = 0; j < rows; j++, d += 4 * TILE) {
    switch (by->step) {
      case PAINT: paint(row, d, TILE, by); break;
      case KEEP_LIGHT: keep_light(row, d, TILE, by); break;
      case GREY: grey(row, d, TILE, by); break;
      case TWO: two(row, d, TILE, by); break;
      case SHADE: shade(row, d, TILE, x, y + j, by, &place); break;
      default: look_up(row, d, TILE, by);
    }
    const u8 *m = mask ? mask + j * TILE : 0;
    if (mode == NORMAL)
      atop(d, (const u8 *)row, m, TILE, opacity);
    else
      composite_atop(d, (const u8 *)row, m, TILE, opacity, mode);
  }
}
