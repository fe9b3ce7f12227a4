/* A stroke in hand, on the screen: only pixels whose coverage has changed are coloured and composed again. They are told by
 * spans[2 * 256 + 4]: {x0, x1} of each row of a tile in steps of four pixels, {256, 0} where nothing changed; then the box
 * {x0, y0, x1, y1} that holds them all. What is drawn by spans is what brush_cover, brush_paint and composite give. */

static void stamp_spans(u16 *cov, const u16 *mask, i32 w, i32 mx, i32 my, u32 flow, i32 *spans) {
  i32 x0 = max32(0, mx), y0 = max32(0, my), x1 = min32(TILE, mx + w), y1 = min32(TILE, my + w);
  for (i32 y = y0; y < y1; y++) {
    u16 *c = cov + y * TILE;
    const u16 *m = mask + (y - my) * w - mx;
    i32 x = x0, first = TILE, last = 0;
#ifdef __wasm_simd128__
    v128_t f = wasm_i16x8_splat((short)flow), full = wasm_i16x8_splat(FULL);
#endif
    for (; x + 8 <= x1; x += 8) {
#ifdef __wasm_simd128__
      v128_t C = wasm_v128_load(c + x), M = wasm_i16x8_q15mulr_sat(wasm_v128_load(m + x), f);
      v128_t more = wasm_i16x8_q15mulr_sat(wasm_i16x8_sub(full, C), M);
      if (!wasm_v128_any_true(more)) continue;
      wasm_v128_store(c + x, wasm_i16x8_add(C, more));
#else
      u32 any = 0;
      for (i32 k = x; k < x + 8; k++) {
        u32 more = q15(FULL - c[k], q15(m[k], flow));
        c[k] = (u16)(c[k] + more);
        any |= more;
      }
      if (!any) continue;
#endif
      first = min32(first, x);
      last = x + 8;
    }
    for (; x < x1; x++) {
      u32 more = q15(FULL - c[x], q15(m[x], flow));
      if (!more) continue;
      c[x] = (u16)(c[x] + more);
      first = min32(first, x);
      last = x + 1;
    }
    if (first < last) {
      spans[2 * y] = min32(spans[2 * y], first & ~3);
      spans[2 * y + 1] = max32(spans[2 * y + 1], (last + 3) & ~3);
    }
  }
}

/* Like brush_cover, and spans <- the pixels that have changed. Returns whether any have. */
EXPORT(brush_cover_spans)
i32 brush_cover_spans(u16 *cov, const i32 *dabs, const u16 *const *masks, i32 n, i32 x, i32 y, i32 *spans) {
  i32 *box = spans + 2 * TILE;
  for (i32 k = 0; k < TILE; k++) spans[2 * k] = TILE, spans[2 * k + 1] = 0;
  for (i32 i = 0; i < n; i++, dabs += 7) stamp_spans(cov, masks[i], dabs[5], dabs[3] - x, dabs[4] - y, (u32)dabs[6], spans);
  box[0] = box[1] = TILE, box[2] = box[3] = 0;
  for (i32 k = 0; k < TILE; k++) {
    if (spans[2 * k] >= spans[2 * k + 1]) continue;
    box[0] = min32(box[0], spans[2 * k]);
    box[1] = min32(box[1], k);
    box[2] = max32(box[2], spans[2 * k + 1]);
    box[3] = k + 1;
  }
  return box[1] < box[3];
}

/* brush_paint for the pixels of a tile that the spans hold. sel: the selection of the tile, or 0. */
EXPORT(brush_paint_spans)
void brush_paint_spans(u8 *out, const u8 *old, const u16 *cov, const u8 *sel, const i32 *spans, u32 rgb, u32 opacity, u32 flags) {
  for (i32 y = 0; y < TILE; y++) {
    i32 at = y * TILE + spans[2 * y], n = spans[2 * y + 1] - spans[2 * y];
    if (n > 0) brush_paint(out + 4 * at, old + 4 * at, cov + at, sel ? sel + at : 0, n, rgb, opacity, flags);
  }
}

/* composite for the pixels of a tile that the spans hold; below: what lies there before, or 0 where d holds it. */
EXPORT(composite_spans)
void composite_spans(u8 *d, const u8 *below, const u8 *s, const u8 *mask, const i32 *spans, u32 opacity, u32 mode) {
  for (i32 y = 0; y < TILE; y++) {
    i32 at = y * TILE + spans[2 * y], n = spans[2 * y + 1] - spans[2 * y];
    if (n <= 0) continue;
    if (below)
      for (i32 k = 0; k < n; k++) ((u32 *)d)[at + k] = ((const u32 *)below)[at + k];
    if (s) composite(d + 4 * at, s + 4 * at, mask ? mask + at : 0, n, opacity, mode);
  }
}
