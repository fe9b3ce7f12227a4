/* Liquify: a stroke bends a field of displacements, and a layer is resampled by it once. The field is {x, y} in 256ths of a pixel at every
 * fourth pixel: the picture shows at a place what was there plus the displacement. */

#define CELL 4
#define FARTHEST (1 << 21) /* 8192 pixels */

enum bend { PUSH, PINCH, BLOAT, TWIRL, UNTWIRL, RESTORE, BENDS };

static i32 of_field(const i32 *field, i32 gw, i32 gh, i32 x, i32 y, i32 k) { /* x, y in 256ths of a pixel; bilinear, even beyond the edge */
  x = clamp32(x, 0, (gw - 1) * CELL * 256 - 1), y = clamp32(y, 0, (gh - 1) * CELL * 256 - 1);
  const i32 *f = field + 2 * ((y >> 10) * gw + (x >> 10)) + k;
  i64 u = x & 1023, v = y & 1023;
  return (i32)(((f[0] * (1024 - u) + f[2] * u) * (1024 - v) + (f[2 * gw] * (1024 - u) + f[2 * gw + 2] * u) * v) >> 20);
}

/* Bend field[gw * gh] along n dabs {x16, y16, pressure}, as brush_walk gives them. from: {x16, y16, begun}, 0 before the first one, so that
 * a stroke may come in pieces. how: push follows the pen; pinch, bloat and twirls work around each dab; restore
 * brings back what was moved. 16 <= r16 <= 16384;
 * strength 0..255; spare: 2 * (r16 / 32 + 3)^2 numbers. 2 <= gw, gh. */
EXPORT(liquify) void liquify(i32 *field, i32 gw, i32 gh, i32 *spare, const i32 *dabs, i32 n, i32 *from, i32 r16, u32 strength, u32 how) {
  if (r16 < 16 || r16 > 16384 || how >= BENDS) return;
  i64 rr = (i64)r16 * r16;
  for (i32 i = 0; i < n; i++, dabs += 3) {
    i32 move[2] = {from[2] ? dabs[0] - from[0] : 0, from[2] ? dabs[1] - from[1] : 0};
    from[0] = dabs[0], from[1] = dabs[1], from[2] = 1;
    i32 x0 = max32(0, (dabs[0] - r16) >> 6), y0 = max32(0, (dabs[1] - r16) >> 6);
    i32 x1 = min32(gw, ((dabs[0] + r16) >> 6) + 1), y1 = min32(gh, ((dabs[1] + r16) >> 6) + 1);
    for (i32 y = y0; y < y1; y++)
      for (i32 x = x0; x < x1; x++) {
        i64 d[2] = {64 * x - dabs[0], 64 * y - dabs[1]}, t = (d[0] * d[0] + d[1] * d[1]) * 4096 / rr, by[2];
        i32 *out = spare + 2 * ((y - y0) * (x1 - x0) + x - x0);
        const i32 *f = field + 2 * (y * gw + x);
        out[0] = f[0], out[1] = f[1];
        if (t >= 4096) continue;
        i64 a = ((4096 - t) * (4096 - t) >> 12) * strength * dabs[2] / 65025;
        if (how == RESTORE) { /* by one at least, so that it comes to an end */
          for (i32 k = 0; k < 2; k++) {
            i32 back = (i32)(f[k] * a / 4096);
            out[k] = f[k] - (back || !a ? back : f[k] > 0 ? 1 : f[k] < 0 ? -1 : 0);
          }
          continue;
        }
        for (i32 k = 0; k < 2; k++) {
          i64 turned = k ? d[0] : -d[1];
          i64 u = how == PUSH ? -move[k] * 8 : how == PINCH ? d[k] : how == BLOAT ? -d[k] : how == TWIRL ? -turned : turned;
          by[k] = (u * a) >> 11; /* 16 of 256 a sixteenth; an eighth of the way of a pinch or turn, the whole of a push */
        }
        for (i32 k = 0; k < 2; k++) {
          i32 v = of_field(field, gw, gh, 1024 * x + (i32)by[0], 1024 * y + (i32)by[1], k) + (i32)by[k];
          out[k] = clamp32(v, -FARTHEST, FARTHEST);
        }
      }
    for (i32 y = y0; y < y1; y++)
      for (i32 x = x0; x < x1; x++)
        for (i32 k = 0; k < 2; k++) field[2 * (y * gw + x) + k] = spare[2 * ((y - y0) * (x1 - x0) + x - x0) + k];
  }
}

/* map[w * h] <- where the pixels from (x, y) on come from, {x, y} in 256ths, never outside of a document of W x H pixels; box[4] <- the
 * pixels that hold these places. Returns whether any pixel comes from elsewhere. 1 <= w, h, W, H. */
EXPORT(liquify_map)
i32 liquify_map(i32 *map, i32 *box, const i32 *field, i32 gw, i32 gh, i32 x, i32 y, i32 w, i32 h, i32 W, i32 H) {
  i32 moved = 0, low[2] = {0x7fffffff, 0x7fffffff}, high[2] = {-0x7fffffff, -0x7fffffff}, size[2] = {W, H};
  for (i32 i = 0; i < w * h; i++) {
    i32 at[2] = {(x + i % w) * 256 + 128, (y + i / w) * 256 + 128}, f[2];
    for (i32 k = 0; k < 2; k++) f[k] = of_field(field, gw, gh, at[0], at[1], k);
    for (i32 k = 0; k < 2; k++) {
      i32 v = f[k] ? clamp32(at[k] + f[k], 128, size[k] * 256 - 128) : at[k];
      moved |= v != at[k];
      map[2 * i + k] = v;
      low[k] = min32(low[k], v), high[k] = max32(high[k], v);
    }
  }
  for (i32 k = 0; k < 2; k++) box[k] = low[k] >> 8, box[2 + k] = (high[k] >> 8) + 1;
  return moved;
}

/* out[n] RGBA <- the pixels at the places map[n] in in[sw * sh] RGBA, which begins at (sx, sy): bicubic (Catmull-Rom), of colours times alpha;
 * beyond it is nothing. old: what out is where nothing moved; flags & 1: with old's alpha. */
EXPORT(displace) void displace(u8 *out, const u8 *old, const u8 *in, i32 sx, i32 sy, i32 sw, i32 sh, const i32 *map, i32 n, u32 flags) {
  for (i32 i = 0; i < n; i++, out += 4, old += 4, map += 2) {
    i32 place[2], share[2][4], whole = !((map[0] - 128) & 255) && !((map[1] - 128) & 255);
    i64 sum[4] = {0, 0, 0, 0};
    i32 wx = (map[0] >> 8) - sx, wy = (map[1] >> 8) - sy;
    if (whole && wx >= 0 && wy >= 0 && wx < sw && wy < sh && in[4 * (wy * sw + wx) + 3] && (!(flags & 1) || old[3])) {
      /* A whole pixel is itself. */
      for (i32 c = 0; c < 4; c++) out[c] = in[4 * (wy * sw + wx) + c];
      if (flags & 1) out[3] = old[3];
      continue;
    }
    for (i32 k = 0; k < 2; k++) {
      i32 v = map[k] - 128, t = v & 255, tt = t * t, ttt = tt * t, *s = share[k];
      place[k] = (v >> 8) - 1 - (k ? sy : sx);
      s[0] = (512 * tt - ttt - 65536 * t + 1024) >> 11;
      s[2] = (1024 * tt - 3 * ttt + 65536 * t + 1024) >> 11;
      s[3] = (ttt - 256 * tt + 1024) >> 11;
      s[1] = 16384 - s[0] - s[2] - s[3];
    }
    for (i32 b = 0; b < 4; b++)
      for (i32 a = 0; a < 4; a++) {
        i32 u = place[0] + a, v = place[1] + b;
        if (u < 0 || v < 0 || u >= sw || v >= sh) continue;
        const u8 *p = in + 4 * (v * sw + u);
        i64 weight = (i64)share[0][a] * share[1][b] * p[3];
        for (i32 c = 0; c < 3; c++) sum[c] += weight * p[c];
        sum[3] += weight * 255;
      }
    i32 made[4];
    for (i32 c = 0; c < 4; c++) made[c] = (i32)((sum[c] + (1 << 27)) >> 28);
    i32 alpha = (clamp32(made[3], 0, 65025) + 127) / 255;
    if (!alpha || ((flags & 1) && !old[3])) {
      for (i32 c = 0; c < 4; c++) out[c] = flags & 1 ? old[c] : 0;
      continue;
    }
    for (i32 c = 0; c < 3; c++) out[c] = (u8)min32(255, (max32(0, made[c]) * 255 + made[3] / 2) / made[3]);
    out[3] = flags & 1 ? old[3] : (u8)alpha;
  }
}
