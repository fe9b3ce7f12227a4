/* Tiles as bytes on a disk: after the QOI format (qoiformat.org, public domain), without its header; masks by runs. */

static inline u32 slot_of(u32 p) { return ((p & 255) * 3 + (p >> 8 & 255) * 5 + (p >> 16 & 255) * 7 + (p >> 24) * 11) & 63; }

/* n RGBA pixels to bytes; room for 5 * n is enough. Returns the number of bytes. */
EXPORT(tile_encode) i32 tile_encode(u8 *out, const u32 *px, i32 n) {
  u32 seen[64] = {0}, before = 0xff000000u;
  i32 run = 0;
  u8 *o = out;
  for (i32 i = 0; i < n; i++) {
    u32 p = px[i];
    if (p == before) {
      if (++run == 62) {
        *o++ = 0xc0 | 61;
        run = 0;
      }
      continue;
    }
    if (run) *o++ = (u8)(0xc0 | (run - 1));
    run = 0;
    u32 slot = slot_of(p);
    i32 r = (i8)(p - before), g = (i8)((p >> 8) - (before >> 8)), b = (i8)((p >> 16) - (before >> 16));
    i32 rg = (i8)(r - g), bg = (i8)(b - g);
    if (seen[slot] == p) {
      *o++ = (u8)slot;
    } else if (p >> 24 != before >> 24) {
      *o++ = 0xff;
      for (i32 k = 0; k < 4; k++) *o++ = (u8)(p >> 8 * k);
    } else if (r >= -2 && r < 2 && g >= -2 && g < 2 && b >= -2 && b < 2) {
      *o++ = (u8)(0x40 | (r + 2) << 4 | (g + 2) << 2 | (b + 2));
    } else if (rg >= -8 && rg < 8 && g >= -32 && g < 32 && bg >= -8 && bg < 8) {
      *o++ = (u8)(0x80 | (g + 32));
      *o++ = (u8)((rg + 8) << 4 | (bg + 8));
    } else {
      *o++ = 0xfe;
      for (i32 k = 0; k < 3; k++) *o++ = (u8)(p >> 8 * k);
    }
    seen[slot] = p;
    before = p;
  }
  if (run) *o++ = (u8)(0xc0 | (run - 1));
  return (i32)(o - out);
}

/* Bytes to exactly n pixels. Returns the number of bytes read, or -1 when they end early or hold too many pixels;
 * it never reads beyond `length` nor writes beyond n. */
EXPORT(tile_decode) i32 tile_decode(u32 *px, i32 n, const u8 *in, i32 length) {
  u32 seen[64] = {0}, p = 0xff000000u;
  i32 i = 0, at = 0;
  while (i < n) {
    if (at >= length) return -1;
    u32 b = in[at++];
    if (b >= 0xc0 && b < 0xfe) {
      i32 run = (i32)(b & 63) + 1;
      if (run > n - i) return -1;
      while (run--) px[i++] = p;
      continue;
    }
    if (b >= 0xfe) {
      i32 more = b == 0xff ? 4 : 3;
      if (at + more > length) return -1;
      u32 v = more == 3 ? p & 0xff000000u : 0;
      for (i32 k = 0; k < more; k++) v |= (u32)in[at++] << 8 * k;
      p = v;
    } else if (b < 64) {
      p = seen[b];
    } else {
      u32 r, g, l;
      if (b < 128) {
        r = (b >> 4 & 3) - 2, g = (b >> 2 & 3) - 2, l = (b & 3) - 2;
      } else {
        if (at >= length) return -1;
        u32 c = in[at++];
        g = (b & 63) - 32, r = g + (c >> 4) - 8, l = g + (c & 15) - 8;
      }
      p = (p & 0xff000000u) | ((p + r) & 255) | (((p >> 8) + g) & 255) << 8 | (((p >> 16) + l) & 255) << 16;
    }
    seen[slot_of(p)] = p;
    px[i++] = p;
  }
  return at;
}

/* n bytes of a mask as runs {length - 1, value}, or literals {128 + length - 1, values...}, lengths 1..128. Room for
 * n + n / 64 + 2 is enough. Returns the number of bytes. */
EXPORT(mask_encode) i32 mask_encode(u8 *out, const u8 *in, i32 n) {
  u8 *o = out;
  for (i32 i = 0; i < n;) {
    i32 run = 1;
    while (i + run < n && run < 128 && in[i + run] == in[i]) run++;
    if (run > 2) {
      *o++ = (u8)(run - 1);
      *o++ = in[i];
      i += run;
      continue;
    }
    i32 begin = i, count = 0;
    while (i < n && count < 128 && !(i + 2 < n && in[i] == in[i + 1] && in[i] == in[i + 2])) i++, count++;
    *o++ = (u8)(128 + count - 1);
    for (i32 k = 0; k < count; k++) *o++ = in[begin + k];
  }
  return (i32)(o - out);
}

/* The reverse, to exactly n bytes. Returns the number of bytes read, or -1; it never reads or writes outside. */
EXPORT(mask_decode) i32 mask_decode(u8 *out, i32 n, const u8 *in, i32 length) {
  i32 i = 0, at = 0;
  while (i < n) {
    if (at + 2 > length) return -1;
    i32 count = in[at] & 127, literal = in[at] >> 7;
    at++, count++;
    if (count > n - i || (literal && at + count > length)) return -1;
    for (i32 k = 0; k < count; k++) out[i++] = in[literal ? at + k : at];
    at += literal ? count : 1;
  }
  return at;
}
