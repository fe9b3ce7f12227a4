/* Brush and eraser: samples of a pen become dabs, dabs add up to coverage, coverage colours a layer. */

#define PROFILE 4096 /* steps of the brush's profile over the squared distance from its centre */

/* The outermost distance, in sixteenths of a pixel, at which a dab of this radius still covers anything. */
static i32 outer_radius(i32 r16) { return r16 + 8; }

/* lut[PROFILE] <- coverage 0..FULL over squared distance. hardness 0..255 is the share of the radius that is full.
 * Between there and the rim the coverage falls along a smoothstep, over at least one pixel, so that no edge is jagged.
 * 8 <= r16 <= 16384. */
EXPORT(brush_profile) void brush_profile(u16 *lut, i32 r16, u32 hardness) {
  i32 outer = outer_radius(r16), inner = max32(0, min32((i32)((u32)r16 * hardness / 255), outer - 16));
  u32 span = (u32)(outer - inner);
  for (i32 q = 0; q < PROFILE; q++) {
    /* The distance at this step, times 16: precise enough for the narrowest span. */
    u32 d = isqrt((u64)(2 * q + 1) * (u64)outer * (u64)outer * 128 / PROFILE);
    i32 left = outer * 16 - (i32)d;
    u32 t = left <= 0 ? 0 : (u32)min32(4096, (i32)((u32)left * 256 / span)); /* 0..4096 */
    lut[q] = (u16)min32(FULL, (i32)(((u64)t * t * (12288 - 2 * t)) >> 21));
  }
}

/* mask[w * w] <- one dab: the profile around a centre that lies (px16, py16) sixteenths right of and below the left upper
 * corner of the mask's middle pixel (w odd: index w / 2). w = 2 * ceil(outer radius / 16) + 3 holds every phase. */
EXPORT(brush_mask) void brush_mask(u16 *mask, const u16 *lut, i32 w, i32 r16, i32 px16, i32 py16) {
  u64 outer = (u64)outer_radius(r16), scale = ((u64)PROFILE << 32) / (outer * outer);
  i32 middle = w / 2 * 16;
  for (i32 y = 0; y < w; y++) {
    i32 dy = y * 16 + 8 - middle - py16;
    u16 *row = mask + y * w;
    for (i32 x = 0; x < w; x++) {
      i32 dx = x * 16 + 8 - middle - px16;
      u64 q = ((u64)(u32)(dx * dx + dy * dy) * scale) >> 32;
      row[x] = q < PROFILE ? lut[q] : 0;
    }
  }
}

/* The radius of a dab under this pressure: flags & 1 lets the pen's pressure change the size. */
static i32 radius_at(i32 r16, i32 pressure, u32 flags) {
  return flags & 1 ? max32(8, (r16 * pressure + 127) / 255) : r16;
}

/* Walk along the pen's path and write a dab each time the spacing is used up.
 * state: 5 numbers {x, y, pressure, rest, begun}, all 0 before the first call; `rest` is the way to the next dab, in 256ths
 * of a sixteenth. So a path that is given in pieces gives the same dabs as the whole path.
 * samples: n x {x16, y16, pressure 0..255}; spacing: 256ths of the diameter; dabs: most x {x16, y16, pressure}.
 * Returns the number of dabs, or -1 when there would be more than `most` (then the state is of no use any more). */
EXPORT(brush_walk) i32 brush_walk(i32 *state, const i32 *samples, i32 n, i32 r16, u32 spacing, u32 flags, i32 *dabs, i32 most) {
  i32 count = 0;
  for (i32 k = 0; k < n; k++) {
    const i32 *to = samples + 3 * k;
    i32 from[3] = {state[0], state[1], state[2]};
    if (!state[4]) {
      for (i32 j = 0; j < 3; j++) from[j] = to[j];
      state[4] = 1;
      state[3] = 0;
    }
    i64 dx = to[0] - from[0], dy = to[1] - from[1];
    i64 length = isqrt((u64)(dx * dx + dy * dy) << 16);
    i64 at = state[3];
    while (at <= length) {
      if (count == most) return -1;
      i64 share = length ? (at << 16) / length : 0;
      i32 *dab = dabs + 3 * count++;
      dab[0] = from[0] + (i32)((dx * share) >> 16);
      dab[1] = from[1] + (i32)((dy * share) >> 16);
      dab[2] = from[2] + (i32)(((to[2] - from[2]) * share) >> 16);
      i64 step = (i64)radius_at(r16, dab[2], flags) * 2 * spacing; /* sixteenths x 256ths */
      at += step < 2048 ? 2048 : step;                             /* at least half a pixel */
    }
    state[3] = (i32)(at - length);
    for (i32 j = 0; j < 3; j++) state[j] = to[j];
  }
  return count;
}

/* Where each dab's mask lies and which mask it is, so that screen and server draw from the same few masks.
 * dabs: n x {x16, y16, pressure}, as brush_walk gives them. out: n x {radius, px16, py16, left, top, w, flow}: brush_mask(w,
 * radius, px16, py16) laid with its corner at (left, top) and stamped with this flow. Large dabs stand on fewer positions
 * (below 16 pixels on every sixteenth, below 64 on every quarter, above on whole pixels) and have 32 to 64 sizes an octave.
 * flags & 1: pressure changes the size; flags & 2: pressure changes the flow (0..FULL). */
EXPORT(brush_place) void brush_place(i32 *out, const i32 *dabs, i32 n, i32 r16, i32 flow, u32 flags) {
  for (i32 i = 0; i < n; i++, dabs += 3, out += 7) {
    i32 r = radius_at(r16, dabs[2], flags), step = max32(1, r >> 6);
    r = max32(8, r / step * step);
    i32 grain = r < 256 ? 1 : r < 1024 ? 4 : 16, w = 2 * ((outer_radius(r) + 15) >> 4) + 3;
    i32 x = (dabs[0] + grain / 2) & -grain, y = (dabs[1] + grain / 2) & -grain;
    out[0] = r;
    out[1] = x & 15;
    out[2] = y & 15;
    out[3] = (x >> 4) - w / 2;
    out[4] = (y >> 4) - w / 2;
    out[5] = w;
    out[6] = flags & 2 ? (flow * dabs[2] + 127) / 255 : flow;
  }
}

/* Add a dab to the coverage of a tile: c <- c + (FULL - c) * mask * flow. The mask's corner lies at (mx, my) of the tile,
 * perhaps outside of it. */
static void stamp(u16 *cov, const u16 *mask, i32 w, i32 mx, i32 my, u32 flow) {
  i32 x0 = max32(0, mx), y0 = max32(0, my), x1 = min32(TILE, mx + w), y1 = min32(TILE, my + w);
  for (i32 y = y0; y < y1; y++) {
    u16 *c = cov + y * TILE;
    const u16 *m = mask + (y - my) * w - mx;
    i32 x = x0;
#ifdef __wasm_simd128__
    v128_t f = wasm_i16x8_splat((short)flow), full = wasm_i16x8_splat(FULL);
    for (; x + 8 <= x1; x += 8) {
      v128_t C = wasm_v128_load(c + x), M = wasm_v128_load(m + x);
      M = wasm_i16x8_q15mulr_sat(M, f);
      wasm_v128_store(c + x, wasm_i16x8_add(C, wasm_i16x8_q15mulr_sat(wasm_i16x8_sub(full, C), M)));
    }
#endif
    for (; x < x1; x++) c[x] = (u16)(c[x] + q15(FULL - c[x], q15(m[x], flow)));
  }
}

/* Add n dabs, in their order, to the coverage cov[256 * 256] of the tile whose corner is (x, y). dabs: as brush_place gives
 * them; masks: the address of each dab's mask, as brush_mask made it. Dabs that do not reach the tile do nothing. */
EXPORT(brush_cover) void brush_cover(u16 *cov, const i32 *dabs, const u16 *const *masks, i32 n, i32 x, i32 y) {
  for (i32 i = 0; i < n; i++, dabs += 7) stamp(cov, masks[i], dabs[5], dabs[3] - x, dabs[4] - y, (u32)dabs[6]);
}

/* Colour a row by its coverage: out <- rgb at (cov * opacity * sel) over old. rgb = red | green << 8 | blue << 16;
 * opacity 0..255; sel: n bytes of the selection, or 0; flags & 1 keeps old's alpha. out may be old. */
EXPORT(brush_paint) void brush_paint(u8 *out, const u8 *old, const u16 *cov, const u8 *sel, i32 n, u32 rgb, u32 opacity, u32 flags) {
  u8 colour[4] = {(u8)rgb, (u8)(rgb >> 8), (u8)(rgb >> 16), 255};
  i32 i = 0;
#ifdef __wasm_simd128__
  v128_t S = wasm_i32x4_splat((i32)((rgb & 0xffffff) | 0xff000000)), o = wasm_i16x8_splat((short)opacity);
  for (; i + 4 <= n; i += 4) {
    v128_t D = wasm_v128_load(old + 4 * i);
    v128_t a = wasm_i16x8_q15mulr_sat(wasm_v128_load64_zero(cov + i), o);
    if (sel) a = div255v(wasm_i16x8_mul(a, wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(sel + i))));
    if (!wasm_v128_any_true(a)) {
      wasm_v128_store(out + 4 * i, D);
    } else if (opaque4(D)) {
      wasm_v128_store(out + 4 * i, over4(D, S, a));
    } else if (!(flags & 1)) {
      wasm_v128_store(out + 4 * i, over4_any(D, S, wasm_u32x4_extend_low_u16x8(a)));
    } else {
      for (i32 k = i; k < i + 4; k++) {
        u32 one = q15(cov[k], opacity);
        u8 *p = out + 4 * k;
        if (sel) one = d255(one * sel[k]);
        for (i32 j = 0; j < 4; j++) p[j] = old[4 * k + j];
        if (p[3])
          for (i32 j = 0; j < 3; j++) p[j] = (u8)d255(colour[j] * one + p[j] * (255 - one));
      }
    }
  }
#endif
  for (; i < n; i++) {
    u32 a = q15(cov[i], opacity);
    u8 *p = out + 4 * i;
    if (sel) a = d255(a * sel[i]);
    for (i32 j = 0; j < 4; j++) p[j] = old[4 * i + j];
    if (!(flags & 1))
      blend_pixel(p, colour, a, NORMAL);
    else if (p[3])
      for (i32 j = 0; j < 3; j++) p[j] = (u8)d255(colour[j] * a + p[j] * (255 - a));
  }
}

/* Rub out by coverage: out alpha <- old alpha * (1 - cov * opacity * sel). out may be old. */
EXPORT(brush_erase) void brush_erase(u8 *out, const u8 *old, const u16 *cov, const u8 *sel, i32 n, u32 opacity) {
  for (i32 i = 0; i < n; i++) {
    u32 a = q15(cov[i], opacity);
    if (sel) a = d255(a * sel[i]);
    const u8 *q = old + 4 * i;
    u8 *p = out + 4 * i;
    u32 alpha = d255(q[3] * (255 - a));
    for (i32 j = 0; j < 3; j++) p[j] = alpha ? q[j] : 0;
    p[3] = (u8)alpha;
  }
}

/* Paint into a mask: out <- old moved towards `value` (0..255) by cov * opacity * sel. out may be old. */
EXPORT(brush_mask_paint) void brush_mask_paint(u8 *out, const u8 *old, const u16 *cov, const u8 *sel, i32 n, u32 value, u32 opacity) {
  for (i32 i = 0; i < n; i++) {
    u32 a = q15(cov[i], opacity);
    if (sel) a = d255(a * sel[i]);
    out[i] = (u8)d255(value * a + old[i] * (255 - a));
  }
}
