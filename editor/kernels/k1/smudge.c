/* Smudge: each dab leaves some of the paint that it carries and takes some up, pixel by pixel of its mask. Paint is colours times
 * alpha, and alpha times 255, in 16 bits; carry[5 * w * w] holds it and whether there is any yet (0 before the first dab). */

/* One dab over one tile out[256 * 256] RGBA, in place; what lies right of x1 or below y1 is no part of the document and stays.
 * mask: of the dab, as brush_mask made it, its corner at (mx, my) of the tile. rate 0..255: how much a dab keeps of what it carries;
 * flow 0..FULL: how much it leaves; sel: bytes of the tile's selection, or 0; flags & 1 keeps alpha.
 * Every pixel of the mask carries by itself, so tiles may come in any order within a dab, dabs only in theirs. */
EXPORT(smudge)
void smudge(u8 *out, const u8 *sel, u16 *carry, const u16 *mask, i32 w, i32 mx, i32 my, i32 x1, i32 y1, u32 rate, u32 flow, u32 flags) {
  i32 x0 = max32(0, mx), y0 = max32(0, my);
  x1 = min32(min32(TILE, x1), mx + w), y1 = min32(min32(TILE, y1), my + w);
  rate += rate >> 7; /* 0..256 */
  for (i32 y = y0; y < y1; y++)
    for (i32 x = x0; x < x1; x++) {
      i32 k = (y - my) * w + x - mx, at = y * TILE + x;
      if (!mask[k]) continue;
      u8 *p = out + 4 * at;
      u16 *c = carry + 5 * k;
      u32 old[4] = {(u32)p[0] * p[3], (u32)p[1] * p[3], (u32)p[2] * p[3], 255u * p[3]};
      u32 keep = c[4] ? rate : 0, a = q15(mask[k], flow), made[4];
      c[4] = 1;
      if (sel) a = d255(((a + 64) >> 7) * sel[at]) << 7;
      for (i32 j = 0; j < 4; j++) {
        c[j] = (u16)((c[j] * keep + old[j] * (256 - keep) + 128) >> 8);
        made[j] = (c[j] * a + old[j] * (32768 - a) + 16384) >> 15;
      }
      u32 alpha = (made[3] + 127) / 255;
      if (!a || ((flags & 1) && (!p[3] || !made[3]))) continue;
      for (i32 j = 0; j < 3; j++) p[j] = (u8)(made[3] ? min32(255, (i32)((made[j] * 255 + made[3] / 2) / made[3])) : 0);
      if (flags & 1) continue;
      p[3] = (u8)alpha;
      if (!alpha) p[0] = p[1] = p[2] = 0;
    }
}
