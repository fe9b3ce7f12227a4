/* Strokes that change what is there: laid with other pixels (clone, heal), lightened or darkened (dodge, burn); and red eyes. */

/* How much of a stroke a pixel takes, 0..255. */
static inline u32 share_of(u16 cov, const u8 *sel, i32 i, u32 opacity) {
  u32 a = q15(cov, opacity);
  return sel ? d255(a * sel[i]) : a;
}

/* Lay pixels over old by the coverage of a stroke: out <- src at (cov * opacity * sel * its alpha) over old. opacity 0..255; sel: n
 * bytes of the selection, or 0; flags & 1 keeps old's alpha. out may be old. */
EXPORT(retouch_lay)
void retouch_lay(u8 *out, const u8 *old, const u8 *src, const u16 *cov, const u8 *sel, i32 n, u32 opacity, u32 flags) {
  i32 i = 0;
#ifdef __wasm_simd128__
  v128_t o = wasm_i16x8_splat((short)opacity);
  for (; !(flags & 1) && i + 4 <= n; i += 4) {
    v128_t D = wasm_v128_load(old + 4 * i), S = wasm_v128_load(src + 4 * i), s32 = wasm_u32x4_shr(S, 24);
    v128_t a = wasm_i16x8_q15mulr_sat(wasm_v128_load64_zero(cov + i), o);
    if (sel) a = div255v(wasm_i16x8_mul(a, wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(sel + i))));
    a = div255v(wasm_i16x8_mul(a, wasm_u16x8_narrow_i32x4(s32, s32)));
    if (!wasm_v128_any_true(wasm_u32x4_extend_low_u16x8(a)))
      wasm_v128_store(out + 4 * i, D);
    else if (opaque4(D))
      wasm_v128_store(out + 4 * i, over4(D, S, a));
    else
      wasm_v128_store(out + 4 * i, over4_any(D, S, wasm_u32x4_extend_low_u16x8(a)));
  }
#endif
  for (; i < n; i++) {
    const u8 *s = src + 4 * i;
    u8 *p = out + 4 * i;
    u32 a = d255(share_of(cov[i], sel, i, opacity) * s[3]);
    for (i32 j = 0; j < 4; j++) p[j] = old[4 * i + j];
    if (!a || ((flags & 1) && !p[3])) continue;
    u32 wa = a * 255, wb = (flags & 1 ? 255 : p[3]) * (255 - a), w = wa + wb;
    for (i32 j = 0; j < 3; j++) p[j] = (u8)((s[j] * wa + p[j] * wb + (w >> 1)) / w);
    if (!(flags & 1)) p[3] = (u8)d255(w);
  }
}

/* Lighten or darken by the coverage of a stroke; alpha stays. how: 0 shadows, 1 midtones, 2 highlights, and 4 more for burning. A pixel
 * takes as much as its luminosity belongs to the range; white and black of a range stay neutral. out may be old. */
EXPORT(retouch_tone) void retouch_tone(u8 *out, const u8 *old, const u16 *cov, const u8 *sel, i32 n, u32 exposure, u32 how) {
  u32 range = how & 3;
  for (i32 i = 0; i < n; i++) {
    const u8 *q = old + 4 * i;
    u8 *p = out + 4 * i;
    u32 lum = (77u * q[0] + 151u * q[1] + 28u * q[2] + 128) >> 8;
    u32 x = range == 0 ? 255 - lum : lum, y = range == 1 ? 255 - lum : x;
    u32 belongs = range == 1 ? (u32)min32(255, (i32)(4 * d255(x * y))) : d255(x * y);
    u32 a = q[3] ? d255(share_of(cov[i], sel, i, exposure) * belongs) : 0;
    for (i32 j = 0; j < 3; j++) p[j] = (u8)(how & 4 ? q[j] - d255(q[j] * a) : q[j] + d255((255u - q[j]) * a));
    p[3] = q[3];
  }
}

/* Take the red out of an eye: of a tile px[256 * 256] whose corner is (x, y), inside of the ellipse around (cx16, cy16) with the radii
 * rx16, ry16 (sixteenths, 8 to 16384), softer along its rim. A pixel counts by how far its red exceeds the larger of green and blue:
 * tolerance 0 wants twice as much, 255 any. It becomes the grey of its green and blue, darker by `dark` (0..255). Alpha stays. */
EXPORT(retouch_red)
void retouch_red(u8 *px, const u8 *sel, i32 x, i32 y, i32 cx16, i32 cy16, i32 rx16, i32 ry16, i32 tolerance, u32 dark) {
  if (rx16 < 8 || ry16 < 8 || rx16 > 16384 || ry16 > 16384) return;
  i64 rx = (i64)rx16 * rx16, ry = (i64)ry16 * ry16;
  for (i32 i = 0; i < TILE * TILE; i++, px += 4) {
    i64 dx = (x + i % TILE) * 16 + 8 - (i64)cx16, dy = (y + i / TILE) * 16 + 8 - (i64)cy16;
    if (dx * dx >= rx || dy * dy >= ry) continue;
    i32 at = (i32)(dx * dx * 4096 / rx + dy * dy * 4096 / ry);
    i32 red = (px[0] * 256 - max32(px[1], px[2]) * (511 - tolerance)) / 16;
    if (at >= 4096 || red <= 0) continue;
    u32 a = d255((u32)min32(255, red) * (u32)min32(255, (4096 - at) * 255 / 1792));
    if (sel) a = d255(a * sel[i]);
    u32 grey = d255(((u32)px[1] + px[2]) / 2 * (255 - dark));
    for (i32 j = 0; j < 3; j++) px[j] = (u8)d255(grey * a + px[j] * (255 - a));
  }
}
