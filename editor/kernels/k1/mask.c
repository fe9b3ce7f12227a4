/* Selections and layer masks: 8 bits a pixel, combined, softened, grown, found by colour. */

enum mask_op { REPLACE, ADD, SUBTRACT, INTERSECT };

/* d <- d op s, n bytes: add is the larger, intersect the smaller, subtract what s leaves of d. */
EXPORT(mask_combine) void mask_combine(u8 *d, const u8 *s, i32 n, u32 op) {
  i32 i = 0;
#ifdef __wasm_simd128__
  for (; i + 16 <= n; i += 16) {
    v128_t D = wasm_v128_load(d + i), S = wasm_v128_load(s + i);
    if (op == REPLACE) D = S;
    if (op == ADD) D = wasm_u8x16_max(D, S);
    if (op == SUBTRACT) D = wasm_u8x16_min(D, wasm_v128_not(S));
    if (op == INTERSECT) D = wasm_u8x16_min(D, S);
    wasm_v128_store(d + i, D);
  }
#endif
  for (; i < n; i++) {
    i32 b = d[i], v = s[i];
    if (op == REPLACE) d[i] = (u8)v;
    if (op == ADD) d[i] = (u8)max32(b, v);
    if (op == SUBTRACT) d[i] = (u8)min32(b, 255 - v);
    if (op == INTERSECT) d[i] = (u8)min32(b, v);
  }
}

/* d <- 255 - d. */
EXPORT(mask_invert) void mask_invert(u8 *d, i32 n) {
  for (i32 i = 0; i < n; i++) d[i] = (u8)~d[i];
}

/* out <- how alike each pixel is to a colour: 255 up to `tolerance`, falling to 0 over `soft` more. The distance is the
 * largest difference of a channel, alpha included; a transparent pixel is as far from an opaque one as can be.
 * rgba = red | green << 8 | blue << 16 | alpha << 24. */
EXPORT(mask_similar) void mask_similar(u8 *out, const u8 *px, i32 n, u32 rgba, u32 tolerance, u32 soft) {
  i32 want[4] = {(i32)(rgba & 255), (i32)(rgba >> 8 & 255), (i32)(rgba >> 16 & 255), (i32)(rgba >> 24)};
  for (i32 i = 0; i < n; i++) {
    u32 far = 0;
    for (i32 k = 0; k < 4; k++) {
      i32 d = px[4 * i + k] - want[k];
      far = (u32)max32((i32)far, d < 0 ? -d : d);
    }
    if (far <= tolerance)
      out[i] = 255;
    else if (far >= tolerance + soft + 1)
      out[i] = 0;
    else
      out[i] = (u8)((255 * (tolerance + soft + 1 - far) + (soft + 1) / 2) / (soft + 1));
  }
}

#define REACHED 1 /* while flooding: a value that a map of 0 and 255 does not hold */

/* Mark what is joined to (x, y), by edges, among the pixels of map[w * h] that are 255: they end as 255, all others as 0.
 * stack: `room` numbers, at least 2; with little room it takes longer and finds the same.
 * Returns the number of pixels marked; 0 when (x, y) itself is not 255. 0 <= x < w, 0 <= y < h. */
EXPORT(mask_flood) i32 mask_flood(u8 *map, i32 w, i32 h, i32 x, i32 y, i32 *stack, i32 room) {
  i32 count = 0, top = 0, spilled = 0, all = w * h;
  if (map[y * w + x] == 255) stack[top++] = y * w + x;
  while (top || spilled) {
    if (!top) { /* the stack was too small: look for unmarked neighbours of what is marked, from the beginning */
      spilled = 0;
      for (i32 i = 0; i < all && top < room; i++) {
        if (map[i] != 255) continue;
        i32 c = i % w;
        if ((i >= w && map[i - w] == REACHED) || (i + w < all && map[i + w] == REACHED) ||
            (c > 0 && map[i - 1] == REACHED) || (c < w - 1 && map[i + 1] == REACHED)) {
          stack[top++] = i;
          if (top == room) spilled = 1;
        }
      }
      if (!top) break;
    }
    i32 at = stack[--top];
    if (map[at] != 255) continue;
    i32 row = at / w * w, left = at - row, right = left;
    while (left > 0 && map[row + left - 1] == 255) left--;
    while (right < w - 1 && map[row + right + 1] == 255) right++;
    for (i32 c = left; c <= right; c++) map[row + c] = REACHED;
    count += right - left + 1;
    for (i32 side = 0; side < 2; side++) {
      i32 next = side ? row + w : row - w, inside = 0;
      if (next < 0 || next >= all) continue;
      for (i32 c = left; c <= right; c++) {
        i32 open = map[next + c] == 255;
        if (open && !inside) {
          if (top < room)
            stack[top++] = next + c;
          else
            spilled = 1;
        }
        inside = open;
      }
    }
  }
  for (i32 i = 0; i < all; i++) map[i] = map[i] == REACHED ? 255 : 0;
  return count;
}

/* One pass of a box blur over map[w * h] along x: d <- the mean of 2 * r + 1 neighbours; beyond the edge is `edge`
 * (0 or 255). r <= 8192. */
static void box_row(u8 *d, const u8 *s, i32 n, i32 step, i32 r, u32 edge) {
  u32 width = 2 * (u32)r + 1, sum = edge * (u32)r;
  for (i32 k = 0; k <= r; k++) sum += k < n ? s[k * step] : edge;
  for (i32 i = 0; i < n; i++) {
    d[i * step] = (u8)((sum + width / 2) / width);
    sum += i + r + 1 < n ? s[(i + r + 1) * step] : edge;
    sum -= i - r >= 0 ? s[(i - r) * step] : edge;
  }
}

/* Soften a mask: three box blurs of radius r each way, which is close to a Gaussian. spare[w * h]; edge: what lies beyond. */
EXPORT(mask_feather) void mask_feather(u8 *map, u8 *spare, i32 w, i32 h, i32 r, u32 edge) {
  if (r <= 0) return;
  for (i32 pass = 0; pass < 3; pass++) {
    for (i32 y = 0; y < h; y++) box_row(spare + y * w, map + y * w, w, 1, r, edge);
    for (i32 x = 0; x < w; x++) box_row(map + x, spare + x, h, w, r, edge);
  }
}

/* Grow a mask by r pixels, round: 255 within the distance r of a pixel that is 128 or more, else 0.
 * columns: w * h 16-bit numbers, hull: 2 * w 32-bit numbers. (To shrink, invert before and after.) 0 <= r <= 4096.
 * The exact Euclidean distance, after Felzenszwalb and Huttenlocher (2012), stopped at r. */
EXPORT(mask_grow) void mask_grow(u8 *map, u16 *columns, i32 *hull, i32 w, i32 h, i32 r) {
  i32 far = r + 1;
  for (i32 x = 0; x < w; x++) { /* the distance along the column, at most r + 1 */
    i32 d = far;
    for (i32 y = 0; y < h; y++) {
      d = map[y * w + x] >= 128 ? 0 : min32(far, d + 1);
      columns[y * w + x] = (u16)d;
    }
    d = far;
    for (i32 y = h - 1; y >= 0; y--) {
      d = min32(columns[y * w + x], min32(far, d + 1));
      columns[y * w + x] = (u16)d;
    }
  }
  for (i32 y = 0; y < h; y++) { /* the lower envelope of the parabolas (x - v)^2 + g(v)^2 */
    const u16 *g = columns + y * w;
    i32 *at = hull, *from = hull + w, k = -1;
    for (i32 v = 0; v < w; v++) {
      if (g[v] > r) continue;
      i32 start = 0;
      while (k >= 0) {
        i32 p = at[k], up = (v * v + g[v] * g[v]) - (p * p + g[p] * g[p]), down = 2 * (v - p);
        start = up < 0 ? 0 : (up + down - 1) / down; /* the first x at which v is at least as near as p */
        if (start > from[k]) break;
        k--;
        start = 0;
      }
      if (start >= w) continue;
      at[++k] = v;
      from[k] = start;
    }
    i32 j = 0;
    for (i32 x = 0; x < w; x++) {
      if (k < 0) {
        map[y * w + x] = 0;
        continue;
      }
      while (j < k && from[j + 1] <= x) j++;
      i32 dx = x - at[j], d = g[at[j]];
      map[y * w + x] = dx * dx + d * d <= r * r ? 255 : 0;
    }
  }
}
