/* Laying one picture over another: the sixteen blend modes of W3C Compositing and Blending Level 1, in integers. */
#include "over.h"

enum mode {
  NORMAL,
  MULTIPLY,
  SCREEN,
  OVERLAY,
  DARKEN,
  LIGHTEN,
  COLOR_DODGE,
  COLOR_BURN,
  HARD_LIGHT,
  SOFT_LIGHT,
  DIFFERENCE,
  EXCLUSION,
  HUE,
  SATURATION,
  COLOR,
  LUMINOSITY,
  MODES
};

static u32 soft_light(u32 b, u32 s) {
  if (s <= 127) return b - ((255 - 2 * s) * b * (255 - b) + 32512) / 65025;
  u32 bright;
  if (b <= 63)
    bright = (16 * b * b * b + 260100 * b - 3060 * b * b + 32512) / 65025;
  else
    bright = (isqrt(1020 * b) + 1) >> 1; /* sqrt(b / 255) * 255, rounded */
  return b + ((2 * s - 255) * (bright - b) + 127) / 255;
}

static u32 hard_light(u32 b, u32 s) {
  if (s <= 127) return d255(2 * s * b);
  u32 t = 2 * s - 255;
  return t + b - d255(t * b);
}

/* B(backdrop, source) of one channel, for the modes that treat channels apart. */
static u32 separable(u32 mode, u32 b, u32 s) {
  switch (mode) {
    case MULTIPLY: return d255(b * s);
    case SCREEN: return b + s - d255(b * s);
    case OVERLAY: return hard_light(s, b);
    case DARKEN: return b < s ? b : s;
    case LIGHTEN: return b > s ? b : s;
    case COLOR_DODGE:
      if (b == 0) return 0;
      if (s == 255) return 255;
      return (u32)min32(255, (i32)((b * 255 + (255 - s) / 2) / (255 - s)));
    case COLOR_BURN:
      if (b == 255) return 255;
      if (s == 0) return 0;
      return 255 - (u32)min32(255, (i32)(((255 - b) * 255 + s / 2) / s));
    case HARD_LIGHT: return hard_light(b, s);
    case SOFT_LIGHT: return soft_light(b, s);
    case DIFFERENCE: return b > s ? b - s : s - b;
    case EXCLUSION: return b + s - (2 * b * s + 127) / 255;
    default: return s;
  }
}

/* Luminosity with the weights 0.30, 0.59, 0.11 in 256ths. */
static i32 lum(const i32 *c) { return (77 * c[0] + 151 * c[1] + 28 * c[2] + 128) >> 8; }

static i32 sat(const i32 *c) { return max32(c[0], max32(c[1], c[2])) - min32(c[0], min32(c[1], c[2])); }

/* (v * up) / down, rounded away from zero at a half; down > 0. */
static i32 scaled(i32 v, i32 up, i32 down) {
  i32 n = v * up;
  return n >= 0 ? (n + down / 2) / down : -((-n + down / 2) / down);
}

/* Give a colour this luminosity, and bring it back into 0..255 without changing it ("ClipColor"). */
static void set_lum(i32 *c, i32 to) {
  i32 d = to - lum(c);
  for (i32 k = 0; k < 3; k++) c[k] += d;
  i32 l = lum(c), low = min32(c[0], min32(c[1], c[2])), high = max32(c[0], max32(c[1], c[2]));
  if (low < 0 && l > low)
    for (i32 k = 0; k < 3; k++) c[k] = l + scaled(c[k] - l, l, l - low);
  if (high > 255 && high > l)
    for (i32 k = 0; k < 3; k++) c[k] = l + scaled(c[k] - l, 255 - l, high - l);
  for (i32 k = 0; k < 3; k++) c[k] = clamp32(c[k], 0, 255);
}

static void set_sat(i32 *c, i32 to) {
  i32 low = min32(c[0], min32(c[1], c[2])), range = sat(c);
  for (i32 k = 0; k < 3; k++) c[k] = range ? ((c[k] - low) * to + range / 2) / range : 0;
}

static void together(u32 mode, const u8 *b, const u8 *s, u32 *out) {
  i32 back[3] = {b[0], b[1], b[2]}, src[3] = {s[0], s[1], s[2]}, c[3];
  const i32 *from = mode == HUE || mode == COLOR ? src : back;
  for (i32 k = 0; k < 3; k++) c[k] = from[k];
  if (mode == HUE) set_sat(c, sat(back));
  if (mode == SATURATION) set_sat(c, sat(src));
  set_lum(c, lum(mode == LUMINOSITY ? src : back));
  for (i32 k = 0; k < 3; k++) out[k] = (u32)c[k];
}

/* One pixel: s with alpha a over d, general backdrop. W3C's formula with straight alpha:
 * co * ao = cs' * as + cb * ab * (1 - as), cs' = (1 - ab) * cs + ab * B(cb, cs). */
static void blend_pixel(u8 *d, const u8 *s, u32 a, u32 mode) {
  if (!a) return;
  u32 ab = d[3], c[3] = {s[0], s[1], s[2]};
  if (mode != NORMAL && ab) {
    u32 m[3];
    if (mode >= HUE)
      together(mode, d, s, m);
    else
      for (i32 k = 0; k < 3; k++) m[k] = separable(mode, d[k], s[k]);
    for (i32 k = 0; k < 3; k++) c[k] = d255(c[k] * (255 - ab) + m[k] * ab);
  }
  u32 wa = a * 255, wb = ab * (255 - a), w = wa + wb;
  for (i32 k = 0; k < 3; k++) d[k] = (u8)((c[k] * wa + d[k] * wb + (w >> 1)) / w);
  d[3] = (u8)d255(w);
}

/* d <- s over d, n pixels, in a blend mode. mask: n bytes or 0; opacity 0..255; d is read and written. */
EXPORT(composite) void composite(u8 *d, const u8 *s, const u8 *mask, i32 n, u32 opacity, u32 mode) {
  i32 i = 0;
  if (mode >= MODES || opacity > 255) return;
#ifdef __wasm_simd128__
  if (mode == NORMAL) {
    v128_t o = wasm_i16x8_splat((short)opacity);
    for (; i + 4 <= n; i += 4) {
      v128_t D = wasm_v128_load(d + 4 * i), S = wasm_v128_load(s + 4 * i);
      v128_t a32 = wasm_u32x4_shr(S, 24); /* four alphas, one in each 32-bit lane */
      v128_t a = div255v(wasm_i16x8_mul(wasm_u16x8_narrow_i32x4(a32, a32), o));
      if (mask) a = div255v(wasm_i16x8_mul(a, wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(mask + i))));
      if (!wasm_v128_any_true(a)) continue;
      if (opaque4(D)) {
        wasm_v128_store(d + 4 * i, over4(D, S, a));
        continue;
      }
      wasm_v128_store(d + 4 * i, over4_any(D, S, wasm_u32x4_extend_low_u16x8(a)));
    }
  }
#endif
  for (; i < n; i++) {
    u32 a = d255(s[4 * i + 3] * opacity);
    if (mask) a = d255(a * mask[i]);
    blend_pixel(d + 4 * i, s + 4 * i, a, mode);
  }
}

/* Like composite, but d keeps its alpha: a layer that is clipped to the one below it, or whose alpha is locked. */
EXPORT(composite_atop) void composite_atop(u8 *d, const u8 *s, const u8 *mask, i32 n, u32 opacity, u32 mode) {
  if (mode >= MODES || opacity > 255) return;
  for (i32 i = 0; i < n; i++) {
    u8 *p = d + 4 * i;
    const u8 *q = s + 4 * i;
    u32 a = d255(q[3] * opacity), m[3] = {q[0], q[1], q[2]};
    if (mask) a = d255(a * mask[i]);
    if (!a || !p[3]) continue;
    if (mode >= HUE)
      together(mode, p, q, m);
    else
      for (i32 k = 0; k < 3; k++) m[k] = separable(mode, p[k], q[k]);
    for (i32 k = 0; k < 3; k++) p[k] = (u8)d255(m[k] * a + p[k] * (255 - a));
  }
}

/* Take alpha away: what a mask leaves. d alpha <- d alpha * mask / 255. */
EXPORT(apply_mask) void apply_mask(u8 *d, const u8 *mask, i32 n) {
  for (i32 i = 0; i < n; i++) {
    u8 *p = d + 4 * i;
    p[3] = (u8)d255(p[3] * mask[i]);
    if (!p[3]) p[0] = p[1] = p[2] = 0;
  }
}

/* d <- d moved towards s by mask * opacity: what a group that lets its backdrop through has done, in part. n pixels. */
EXPORT(mix) void mix(u8 *d, const u8 *s, const u8 *mask, i32 n, u32 opacity) {
  for (i32 i = 0; i < n; i++) {
    u8 *p = d + 4 * i;
    const u8 *q = s + 4 * i;
    u32 a = mask ? d255(opacity * mask[i]) : opacity, wa = q[3] * a, wb = p[3] * (255 - a), w = wa + wb, alpha = d255(w);
    for (i32 k = 0; k < 3; k++) p[k] = (u8)(alpha ? (q[k] * wa + p[k] * wb + (w >> 1)) / w : 0);
    p[3] = (u8)alpha;
  }
}
