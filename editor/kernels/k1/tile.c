/* Tiles: from the rows of a PNG, to the screen, and to the next smaller level of the picture. */

static u8 paeth(i32 a, i32 b, i32 c) {
  i32 p = a + b - c, pa = p > a ? p - a : a - p, pb = p > b ? p - b : b - p, pc = p > c ? p - c : c - p;
  return (u8)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

#ifdef __wasm_simd128__
/* A pixel of 3 or 4 bytes in the low lanes; the caller knows that 4 bytes are there. */
#define PIXEL(p) wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p))

/* One row of filter 4: the prediction hangs on the pixel before, so it is one pixel at a time, its channels at once. */
static i32 unpaeth(u8 *row, const u8 *up, i32 stride, i32 bpp) {
  v128_t a = wasm_i16x8_splat(0), c = a, byte = wasm_i16x8_splat(255);
  i32 i = 0;
  for (; i + 4 <= stride; i += bpp) {
    v128_t b = PIXEL(up + i), pa = wasm_i16x8_sub(b, c), pb = wasm_i16x8_sub(a, c);
    v128_t pc = wasm_i16x8_abs(wasm_i16x8_add(pa, pb));
    pa = wasm_i16x8_abs(pa), pb = wasm_i16x8_abs(pb);
    v128_t least = wasm_i16x8_min(pc, wasm_i16x8_min(pa, pb));
    v128_t near = wasm_v128_bitselect(b, c, wasm_i16x8_eq(pb, least));
    near = wasm_v128_bitselect(a, near, wasm_i16x8_eq(pa, least));
    a = wasm_v128_and(wasm_i16x8_add(PIXEL(row + i), near), byte);
    c = b;
    u32 px = (u32)wasm_i32x4_extract_lane(wasm_u8x16_narrow_i16x8(a, a), 0);
    if (bpp == 4) {
      *(u32 *)(row + i) = px;
    } else {
      row[i] = (u8)px;
      row[i + 1] = (u8)(px >> 8);
      row[i + 2] = (u8)(px >> 16);
    }
  }
  return i;
}
#endif

/* Undo the filters of `rows` rows of an 8-bit PNG in place: each row is a filter byte and `stride` bytes.
 * above: the unfiltered row before the first (stride bytes; zeros at the top), which is replaced by the last row.
 * bpp: 3 or 4. Returns 0, or -1 when a filter is unknown. */
EXPORT(png_unfilter) i32 png_unfilter(u8 *data, u8 *above, i32 stride, i32 rows, i32 bpp) {
  const u8 *up = above;
  for (i32 y = 0; y < rows; y++) {
    u8 *row = data + (i64)y * (stride + 1), filter = *row++;
    i32 i = 0, first = min32(bpp, stride);
    if (filter > 4) return -1;
    if (filter == 1) {
      for (i = bpp; i < stride; i++) row[i] = (u8)(row[i] + row[i - bpp]);
    } else if (filter == 2) {
#ifdef __wasm_simd128__
      for (; i + 16 <= stride; i += 16) wasm_v128_store(row + i, wasm_i8x16_add(wasm_v128_load(row + i), wasm_v128_load(up + i)));
#endif
      for (; i < stride; i++) row[i] = (u8)(row[i] + up[i]);
    } else if (filter == 3) {
      for (; i < first; i++) row[i] = (u8)(row[i] + (up[i] >> 1));
      for (; i < stride; i++) row[i] = (u8)(row[i] + ((row[i - bpp] + up[i]) >> 1));
    } else if (filter == 4) {
#ifdef __wasm_simd128__
      i = unpaeth(row, up, stride, bpp);
#endif
      for (; i < stride; i++) {
        i32 a = i >= bpp ? row[i - bpp] : 0, c = i >= bpp ? up[i - bpp] : 0;
        row[i] = (u8)(row[i] + paeth(a, up[i], c));
      }
    }
    up = row;
  }
  if (rows)
    for (i32 i = 0; i < stride; i++) above[i] = up[i];
  return 0;
}

/* n pixels of 3 or 4 bytes to RGBA; transparent ones become 0,0,0,0. */
EXPORT(to_rgba) void to_rgba(u8 *out, const u8 *in, i32 n, i32 bpp) {
  i32 i = 0;
#ifdef __wasm_simd128__
  if (bpp == 4) {
    for (; i + 4 <= n; i += 4) {
      v128_t v = wasm_v128_load(in + 4 * i), none = wasm_i32x4_eq(wasm_u32x4_shr(v, 24), wasm_i32x4_splat(0));
      wasm_v128_store(out + 4 * i, wasm_v128_andnot(v, none));
    }
  } else {
    v128_t solid = wasm_i32x4_splat((i32)0xff000000);
    for (; i + 6 <= n; i += 4) { /* 16 bytes are read, four pixels used */
      v128_t v = wasm_v128_load(in + 3 * i);
      v = wasm_i8x16_shuffle(v, solid, 0, 1, 2, 19, 3, 4, 5, 19, 6, 7, 8, 19, 9, 10, 11, 19);
      wasm_v128_store(out + 4 * i, v);
    }
  }
#endif
  for (; i < n; i++) {
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
#ifdef __wasm_simd128__
      if (!(x & 1)) {
        /* Two pixels at once where none of the eight they are made of is transparent at all. */
        v128_t top = wasm_v128_load(p), low = wasm_v128_load(p + TILE * 4);
        if (opaque4(wasm_v128_and(top, low))) {
          v128_t left = wasm_i16x8_add(wasm_u16x8_extend_low_u8x16(top), wasm_u16x8_extend_low_u8x16(low));
          v128_t right = wasm_i16x8_add(wasm_u16x8_extend_high_u8x16(top), wasm_u16x8_extend_high_u8x16(low));
          v128_t sum = wasm_i16x8_add(wasm_i64x2_shuffle(left, right, 0, 2), wasm_i64x2_shuffle(left, right, 1, 3));
          sum = wasm_u16x8_shr(wasm_i16x8_add(sum, wasm_i16x8_splat(2)), 2);
          wasm_v128_store64_lane(q, wasm_u8x16_narrow_i16x8(sum, sum), 0);
          x++, p += 8, q += 4;
          continue;
        }
      }
#endif
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
