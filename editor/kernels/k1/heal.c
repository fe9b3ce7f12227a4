/* Healing: pixels from elsewhere keep their texture and take the light and colour of where they are laid. What lies around the hole
 * differs from them by so much; that difference is carried into the hole as evenly as can be (a membrane: the equation of
 * Laplace; Perez 2003), coarse to fine, so that the cost grows with the area alone. */

#define RING 3     /* pixels around a hole that count */
#define FINE 64    /* steps of a level of colour */
#define SWEEPS 10  /* at each size */
#define SIZES 16

typedef struct {
  i32 *v;    /* 4 numbers a cell, of which 3 are used */
  u8 *fixed; /* 1: known */
  i32 w, h;
} Cells;

static i32 mean_of(i32 sum, i32 n) { /* rounded, halves upwards; n > 0 */
  i32 a = sum + n / 2, q = a / n;
  return a % n < 0 ? q - 1 : q;
}

/* ring[w * h] <- 1 for pixels beside the hole, at most RING away, that are not transparent in either picture. */
static void ring_of(u8 *ring, const u8 *hole, const u8 *a, const u8 *b, i32 w, i32 h) {
  for (i32 i = 0; i < w * h; i++) ring[i] = 0;
  for (i32 y = 0; y < h; y++)
    for (i32 x = 0; x < w; x++) {
      i32 at = y * w + x;
      if (!hole[at]) continue;
      if (x > 0 && x < w - 1 && y > 0 && y < h - 1 && hole[at - 1] && hole[at + 1] && hole[at - w] && hole[at + w]) continue;
      for (i32 v = max32(0, y - RING); v <= min32(h - 1, y + RING); v++)
        for (i32 u = max32(0, x - RING); u <= min32(w - 1, x + RING); u++)
          ring[v * w + u] = !hole[v * w + u] && a[4 * (v * w + u) + 3] && b[4 * (v * w + u) + 3];
    }
}

static void relax(const Cells *c) {
  for (i32 pass = 0; pass < 2 * SWEEPS; pass++)
    for (i32 y = 0; y < c->h; y++) {
      const i32 *up = c->v + 4 * (max32(0, y - 1) * c->w), *down = c->v + 4 * (min32(c->h - 1, y + 1) * c->w);
      i32 *row = c->v + 4 * (y * c->w);
      for (i32 x = (y + pass) & 1; x < c->w; x += 2) {
        if (c->fixed[y * c->w + x]) continue;
        i32 l = 4 * max32(0, x - 1), r = 4 * min32(c->w - 1, x + 1);
        for (i32 k = 0; k < 4; k++) row[4 * x + k] = (row[l + k] + row[r + k] + up[4 * x + k] + down[4 * x + k] + 2) >> 2;
      }
    }
}

/* The cells of half the size: means of what is known under each. */
static void halve(const Cells *to, const Cells *from) {
  for (i32 y = 0; y < to->h; y++)
    for (i32 x = 0; x < to->w; x++) {
      i32 sum[3] = {0, 0, 0}, n = 0, *v = to->v + 4 * (y * to->w + x);
      for (i32 b = 2 * y; b < min32(from->h, 2 * y + 2); b++)
        for (i32 a = 2 * x; a < min32(from->w, 2 * x + 2); a++) {
          i32 at = b * from->w + a;
          if (!from->fixed[at]) continue;
          n++;
          for (i32 k = 0; k < 3; k++) sum[k] += from->v[4 * at + k];
        }
      to->fixed[y * to->w + x] = n > 0;
      for (i32 k = 0; k < 3; k++) v[k] = n ? mean_of(sum[k], n) : 0;
      v[3] = 0;
    }
}

/* px[w * h] RGBA <- fitted to its surroundings where hole[w * h] is not 0, unchanged elsewhere. target: what is there now. Where px is
 * transparent it stays so. work: 20 bytes a cell of each size, from w * h on, halved (rounded up) until both sides are 2 or less.
 * 1 <= w, h; w * h <= 2^24. */
EXPORT(heal_match) void heal_match(u8 *px, const u8 *target, const u8 *hole, i32 w, i32 h, i32 *work) {
  Cells sizes[SIZES];
  i32 last = 0;
  for (i32 cw = w, ch = h;; cw = (cw + 1) / 2, ch = (ch + 1) / 2, last++) {
    sizes[last] = (Cells){work, (u8 *)(work + 4 * cw * ch), cw, ch};
    work += 5 * cw * ch;
    if (last == SIZES - 1 || (cw <= 2 && ch <= 2)) break;
  }
  Cells *all = sizes;
  ring_of(all->fixed, hole, px, target, w, h);
  for (i32 y = 0; y < h; y++)
    for (i32 x = 0; x < w; x++) {
      i32 at = y * w + x, sum[3] = {0, 0, 0}, n = 0;
      /* A mean over a few pixels, so that noise around the hole does not run into it. */
      if (all->fixed[at])
        for (i32 v = max32(0, y - 2); v <= min32(h - 1, y + 2); v++)
          for (i32 u = max32(0, x - 2); u <= min32(w - 1, x + 2); u++) {
            i32 near = v * w + u;
            if (!all->fixed[near]) continue;
            n++;
            for (i32 k = 0; k < 3; k++) sum[k] += target[4 * near + k] - px[4 * near + k];
          }
      for (i32 k = 0; k < 3; k++) all->v[4 * at + k] = n ? mean_of(sum[k] * FINE, n) : 0;
      all->v[4 * at + 3] = 0;
    }
  for (i32 s = 1; s <= last; s++) halve(all + s, all + s - 1);
  for (i32 s = last; s >= 0; s--) {
    Cells *c = all + s;
    i32 sum[3] = {0, 0, 0}, n = 0;
    for (i32 i = 0; s == last && i < c->w * c->h; i++)
      if (c->fixed[i]) {
        n++;
        for (i32 k = 0; k < 3; k++) sum[k] += c->v[4 * i + k];
      }
    for (i32 y = 0; y < c->h; y++)
      for (i32 x = 0; x < c->w; x++) {
        i32 at = y * c->w + x;
        if (!c->fixed[at])
          for (i32 k = 0; k < 3; k++)
            c->v[4 * at + k] = s == last ? (n ? mean_of(sum[k], n) : 0) : c[1].v[4 * ((y / 2) * c[1].w + x / 2) + k];
      }
    for (i32 i = 0; !s && i < w * h; i++) c->fixed[i] = !hole[i];
    relax(c);
  }
  for (i32 i = 0; i < w * h; i++)
    for (i32 k = 0; k < 3; k++)
      if (hole[i] && px[4 * i + 3]) px[4 * i + k] = (u8)clamp32(px[4 * i + k] + ((all->v[4 * i + k] + FINE / 2) >> 6), 0, 255);
}

#define POINTS 384

typedef struct {
  const u8 *px, *hole;
  i32 w, h, count[2];
  i32 *points; /* {x, y} of some pixels of the ring, then of the hole */
} Search;

static const u8 *pixel_at(const Search *s, i32 x, i32 y) {
  if (x < 0 || y < 0 || x >= s->w || y >= s->h || s->hole[y * s->w + x]) return 0;
  const u8 *p = s->px + 4 * (y * s->w + x);
  return p[3] ? p : 0;
}

/* How badly the pixels at an offset would fit: by the ring, whose even difference counts for little since it is healed, and by
 * what stands out inside. -1 where some of them are part of the hole, transparent or not there. */
static i64 fit_of(const Search *s, i32 dx, i32 dy) {
  i64 sum[3] = {0, 0, 0}, mean[3] = {0, 0, 0}, squares = 0, inside = 0, n = s->count[0], m = s->count[1];
  for (i32 i = 0; i < s->count[0] + s->count[1]; i++) {
    i32 x = s->points[2 * i], y = s->points[2 * i + 1];
    const u8 *q = pixel_at(s, x + dx, y + dy), *p = s->px + 4 * (y * s->w + x);
    if (!q) return -1;
    if (i == n)
      for (i32 k = 0; k < 3; k++) mean[k] /= n;
    for (i32 k = 0; k < 3; k++) {
      i64 d = i < n ? p[k] - q[k] : q[k] - mean[k];
      if (i < n) {
        sum[k] += d, mean[k] += q[k];
        squares += d * d;
      } else {
        inside += d * d;
      }
    }
  }
  i64 even = 0;
  for (i32 k = 0; k < 3; k++) even += sum[k] * sum[k] * 3 / 4;
  i64 far = (dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy);
  return (squares * n - even) * 16 / (n * n) + inside * 8 / m + far / 4;
}

/* found[2] <- from where a hole in px[w * h] RGBA is best healed, as an offset {x, y}. work: w * h bytes and 4 * POINTS numbers behind
 * them, w * h rounded up to 4. Returns 0 where there is nothing that fits. 1 <= w, h; w * h <= 2^24. */
EXPORT(heal_source) i32 heal_source(i32 *found, const u8 *px, const u8 *hole, i32 w, i32 h, u8 *work) {
  Search s = {px, hole, w, h, {0, 0}, (i32 *)(work + ((w * h + 3) & ~3))};
  ring_of(work, hole, px, px, w, h);
  for (i32 part = 0; part < 2; part++) {
    i32 all = 0, seen = 0;
    for (i32 i = 0; i < w * h; i++) all += part ? hole[i] != 0 : work[i];
    i32 each = max32(1, (all + POINTS - 1) / POINTS);
    for (i32 i = 0; i < w * h; i++) {
      if (!(part ? hole[i] != 0 : work[i]) || seen++ % each) continue;
      i32 *point = s.points + 2 * (s.count[0] + s.count[1]++);
      if (!part) s.count[0]++, s.count[1]--;
      point[0] = i % w, point[1] = i / w;
    }
  }
  if (!s.count[0] || !s.count[1]) return 0;
  i64 best = -1;
  i32 step = max32(1, max32(w, h) / 32), at[2] = {0, 0};
  for (i32 dy = -(h / step) * step; dy < h; dy += step)
    for (i32 dx = -(w / step) * step; dx < w; dx += step) {
      i64 fit = fit_of(&s, dx, dy);
      if (fit >= 0 && (best < 0 || fit < best)) best = fit, at[0] = dx, at[1] = dy;
    }
  for (i32 by = step / 2; best >= 0 && by; by /= 2) {
    i32 from[2] = {at[0], at[1]};
    for (i32 k = 0; k < 9; k++) {
      i64 fit = fit_of(&s, from[0] + (k % 3 - 1) * by, from[1] + (k / 3 - 1) * by);
      if (fit >= 0 && fit < best) best = fit, at[0] = from[0] + (k % 3 - 1) * by, at[1] = from[1] + (k / 3 - 1) * by;
    }
  }
  found[0] = at[0], found[1] = at[1];
  return best >= 0;
}
