/* Tiles: from the rows of a PNG, to the screen, and to the next smaller level of the picture. */

static u8 paeth(i32 a, i32 b, i32 c) {
  i32 p = a + b - c, pa = p > a ? p - a : a - p, pb = p > b ? p - b : b - p, pc = p > c ? p - c : c - p;
  return (u8)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* Undo the filters of `rows` rows of an 8-bit PNG in place: each row is a filter byte and `stride` bytes.
 * above: the unfiltered row before the first (stride bytes; zeros at the top), which is replaced by the last row.
 * bpp: 3 or 4. Returns 0, or -1 when a filter is unknown. */
EXPORT(png_unfilter) i32 png_unfilter(u8 *data, u8 *above, i32 stride, i32 rows, i32 bpp) {
  const u8 *up = above;
  for (i32 y = 0; y < rows; y++) {
    u8 *row = data + (i64)y * (stride + 1), filter = *row++;
    if (filter > 4) return -1;
    for (i32 i = 0; i < stride; i++) {
      i32 a = i >= bpp ? row[i - bpp] : 0, b = up[i], c = i >= bpp ? up[i - bpp] : 0, add = 0;
      if (filter == 1) add = a;
      if (filter == 2) add = b;
      if (filter == 3) add = (a + b) >> 1;
      if (filter == 4) add = paeth(a, b, c);
      row[i] = (u8)(row[i] + add);
    }
    up = row;
  }
  if (rows)
    for (i32 i = 0; i < stride; i++) above[i] = up[i];
  return 0;
}

/* n pixels of 3 or 4 bytes to RGBA; transparent ones become 0,0,0,0. */
EXPORT(to_rgba) void to_rgba(u8 *out, const u8 *in, i32 n, i32 bpp) {
  for (i32 i = 0; i < n; i++) {
    u32 alpha = bpp == 4 ? in[4 * i + 3] : 255;
    for (i32 k = 0; k < 3; k++) out[4 * i + k] = alpha ? in[bpp * i + k] : 0;
    out[4 * i + 3] = (u8)alpha;
  }
}

/* What the screen shows of a row: the picture over a checkerboard of two greys, 8 pixels a square, opaque.
 * (x, y): where the row begins on the screen's own grid, so that the squares stay where they are. */
EXPORT(present) void present(u8 *out, const u8 *px, i32 n, i32 x, i32 y, u32 light, u32 dark) {
  for (i32 i = 0; i < n; i++) {
    const u8 *p = px + 4 * i;
    u8 *q = out + 4 * i;
    u32 a = p[3], grey = (((x + i) >> 3) + (y >> 3)) & 1 ? dark : light;
    for (i32 k = 0; k < 3; k++) q[k] = (u8)(a == 255 ? p[k] : d255(p[k] * a + grey * (255 - a)));
    q[3] = 255;
  }
}

/* The next smaller level: each 2 x 2 pixels of s become one of the quadrant (qx, qy) of d, both tiles. Colours are
 * weighted by alpha, so that transparent pixels lend no colour. */
EXPORT(tile_half) void tile_half(u8 *d, const u8 *s, i32 qx, i32 qy) {
  for (i32 y = 0; y < 128; y++) {
    const u8 *p = s + 2 * y * TILE * 4;
    u8 *q = d + ((qy * 128 + y) * TILE + qx * 128) * 4;
    for (i32 x = 0; x < 128; x++, p += 8, q += 4) {
      const u8 *four[4] = {p, p + 4, p + TILE * 4, p + TILE * 4 + 4};
      u32 alpha = 0;
      for (i32 k = 0; k < 4; k++) alpha += four[k][3];
      for (i32 c = 0; c < 3; c++) {
        u32 sum = 0;
        if (alpha == 1020) {
          for (i32 k = 0; k < 4; k++) sum += four[k][c];
          q[c] = (u8)((sum + 2) >> 2);
        } else {
          for (i32 k = 0; k < 4; k++) sum += (u32)four[k][c] * four[k][3];
          q[c] = (u8)(alpha > 1 ? (sum + alpha / 2) / alpha : 0);
        }
      }
      q[3] = (u8)((alpha + 2) >> 2);
    }
  }
}
