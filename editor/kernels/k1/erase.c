/* Filling a hole from its surroundings without a model: PatchMatch (Barnes 2009) with the voting of Wexler (2007).
 * Integers and a seeded generator: the same hole in the same picture is always filled alike. */

#define P 3 /* patches are 7 x 7 */

typedef struct {
  u8 *px;         /* RGBA */
  const u8 *hole; /* 255 = to be filled */
  u8 *near;       /* 1 = a patch around this pixel would touch the hole */
  i32 *match;     /* for pixels that are near: the pixel whose patch they take after */
  i32 w, h, x0, y0, x1, y1;
  u32 seed;
} Fill;

static u32 drawn(Fill *f, u32 below) {
  f->seed = f->seed * 1664525u + 1013904223u;
  return (u32)(((u64)f->seed * below) >> 32);
}

static i32 is_source(const Fill *f, i32 x, i32 y) {
  return x >= P && y >= P && x < f->w - P && y < f->h - P && !f->near[y * f->w + x];
}

/* The squared difference of two patches; stops early once it is `best` or more. */
static i32 difference(const Fill *f, i32 ax, i32 ay, i32 bx, i32 by, i32 best) {
  i32 d = 0;
  for (i32 v = -P; v <= P; v++) {
    const u8 *a = f->px + 4 * ((ay + v) * f->w + ax - P), *b = f->px + 4 * ((by + v) * f->w + bx - P);
    for (i32 u = 0; u <= 2 * P; u++, a += 4, b += 4)
      for (i32 c = 0; c < 4; c++) d += (a[c] - b[c]) * (a[c] - b[c]);
    if (d >= best) return d;
  }
  return d;
}

static void try_source(Fill *f, i32 x, i32 y, i32 sx, i32 sy, i32 *best) {
  if (!is_source(f, sx, sy)) return;
  i32 d = difference(f, x, y, sx, sy, *best);
  if (d < *best) {
    *best = d;
    f->match[y * f->w + x] = sy * f->w + sx;
  }
}

static void search(Fill *f, i32 x, i32 y, i32 dir) {
  i32 w = f->w, at = y * w + x, best = difference(f, x, y, f->match[at] % w, f->match[at] / w, 0x7fffffff);
  i32 left = x - dir, up = y - dir;
  if (left >= f->x0 && left <= f->x1 && f->near[y * w + left]) {
    i32 m = f->match[y * w + left];
    try_source(f, x, y, m % w + dir, m / w, &best);
  }
  if (up >= f->y0 && up <= f->y1 && f->near[up * w + x]) {
    i32 m = f->match[up * w + x];
    try_source(f, x, y, m % w, m / w + dir, &best);
  }
  for (i32 r = max32(w, f->h) / 2; r >= 1; r /= 2) {
    i32 m = f->match[at], sx = m % w - r + (i32)drawn(f, 2 * (u32)r + 1), sy = m / w - r + (i32)drawn(f, 2 * (u32)r + 1);
    try_source(f, x, y, sx, sy, &best);
  }
}

/* Every pixel of the hole becomes the mean of what the patches over it say, near matches counting more. */
static void vote(Fill *f, u32 *sums) {
  i32 w = f->w;
  for (i32 i = 0; i < 5 * w * f->h; i++) sums[i] = 0;
  for (i32 y = f->y0; y <= f->y1; y++)
    for (i32 x = f->x0; x <= f->x1; x++) {
      if (!f->near[y * w + x]) continue;
      i32 sx = f->match[y * w + x] % w, sy = f->match[y * w + x] / w;
      u32 weight = 65536u / (256u + (u32)difference(f, x, y, sx, sy, 0x7fffffff) / 49u) + 1;
      for (i32 v = -P; v <= P; v++)
        for (i32 u = -P; u <= P; u++) {
          i32 t = (y + v) * w + x + u;
          if (!f->hole[t]) continue;
          const u8 *q = f->px + 4 * ((sy + v) * w + sx + u);
          for (i32 c = 0; c < 3; c++) sums[5 * t + c] += weight * q[c] * q[3] / 255;
          sums[5 * t + 3] += weight * q[3];
          sums[5 * t + 4] += weight;
        }
    }
  for (i32 t = 0; t < w * f->h; t++) {
    const u32 *s = sums + 5 * t;
    if (!f->hole[t] || !s[4]) continue;
    u32 alpha = (s[3] + s[4] / 2) / s[4], whole = s[3] / 255;
    for (i32 c = 0; c < 3; c++) f->px[4 * t + c] = (u8)(alpha && whole ? min32(255, (i32)((s[c] + whole / 2) / whole)) : 0);
    f->px[4 * t + 3] = (u8)alpha;
  }
}

/* One level, coarse to fine, of filling a hole. px[w * h] RGBA is changed where hole[w * h] is not 0, nowhere else.
 * near: w * h bytes; match: w * h numbers; sums: 5 * w * h numbers. fresh: 1 draws matches at random, 0 goes on from `match`
 * (the caller enlarges the coarser level's). rounds: of search and vote. 7 < w, 7 < h, w * h <= 2^24.
 * Returns the number of source patches, 0 when there is nothing to take from (then px is as it was). */
EXPORT(erase_level) i32 erase_level(u8 *px, const u8 *hole, u8 *near, i32 *match, u32 *sums, i32 w, i32 h, i32 rounds, u32 seed, i32 fresh) {
  Fill f = {px, hole, near, match, w, h, w, h, -1, -1, seed};
  for (i32 i = 0; i < w * h; i++) near[i] = 0;
  for (i32 y = 0; y < h; y++)
    for (i32 x = 0; x < w; x++) {
      if (!hole[y * w + x]) continue;
      f.x0 = min32(f.x0, x), f.y0 = min32(f.y0, y), f.x1 = max32(f.x1, x), f.y1 = max32(f.y1, y);
      for (i32 v = max32(0, y - P); v <= min32(h - 1, y + P); v++)
        for (i32 u = max32(0, x - P); u <= min32(w - 1, x + P); u++) near[v * w + u] = 1;
    }
  i32 sources = 0, first = -1;
  for (i32 y = P; y < h - P; y++)
    for (i32 x = P; x < w - P; x++)
      if (!near[y * w + x]) {
        if (first < 0) first = y * w + x;
        sources++;
      }
  if (!sources || f.x1 < 0) return sources;
  /* Only pixels whose own patch lies inside the picture are matched; the voting reaches the rest. */
  f.x0 = max32(P, f.x0 - P), f.y0 = max32(P, f.y0 - P), f.x1 = min32(w - P - 1, f.x1 + P), f.y1 = min32(h - P - 1, f.y1 + P);
  for (i32 y = f.y0; y <= f.y1; y++)
    for (i32 x = f.x0; x <= f.x1; x++) {
      i32 at = y * w + x, m = fresh ? -1 : match[at];
      if (!near[at]) continue;
      for (i32 tries = 0; tries < 64 && (m < 0 || m >= w * h || !is_source(&f, m % w, m / w)); tries++)
        m = (P + (i32)drawn(&f, (u32)(h - 2 * P))) * w + P + (i32)drawn(&f, (u32)(w - 2 * P));
      match[at] = m < 0 || m >= w * h || !is_source(&f, m % w, m / w) ? first : m;
    }
  for (i32 round = 0; round < rounds; round++) {
    for (i32 pass = 0; pass < 2; pass++)
      for (i32 i = 0; i <= f.y1 - f.y0; i++)
        for (i32 j = 0; j <= f.x1 - f.x0; j++) {
          i32 x = pass ? f.x1 - j : f.x0 + j, y = pass ? f.y1 - i : f.y0 + i;
          if (near[y * w + x]) search(&f, x, y, pass ? -1 : 1);
        }
    vote(&f, sums);
  }
  return sources;
}
