/* Quick selection: what belongs to a stroke rather than to what is around it. Two sides, 255 (the stroke's) and 0 (the
 * surroundings'), grow over the picture at once, and each pixel goes to the side that gets there at less cost: a short
 * way, over like neighbours, through colours that the side began with. A geodesic distance, by raster scans. */

#define COLOURS 4096 /* four bits a channel */
#define STRAIGHT 2
#define SLANTED 3
#define FARTHEST 16  /* steps of colour beyond which nothing gets more unlike */
#define ALIKE 400    /* where the surroundings begin in a colour of the stroke's, they begin later by so much */
#define UNREACHED 65535

static u32 colour_of(const u8 *p) { return (u32)(p[0] >> 4) << 8 | (u32)(p[1] >> 4) << 4 | p[2] >> 4; }

/* table[4096] <- how many steps each colour is, in its channel that differs most, from the nearest of those that pixels of
 * the map at 255 have: colours at least a 32nd as common there as the commonest one. All FARTHEST where the map marks nothing. */
static void colour_steps(u8 *table, u32 *counts, const u8 *px, const u8 *map, i32 n) {
  u32 most = 0;
  for (i32 c = 0; c < COLOURS; c++) counts[c] = 0;
  for (i32 i = 0; i < n; i++)
    if (map[i] == 255) counts[colour_of(px + 4 * i)]++;
  for (i32 c = 0; c < COLOURS; c++)
    if (counts[c] > most) most = counts[c];
  for (i32 c = 0; c < COLOURS; c++) table[c] = counts[c] && counts[c] >= most / 32 ? 0 : FARTHEST;
  for (i32 step = 1; step < FARTHEST; step++)
    for (i32 r = 0; r < 16; r++)
      for (i32 g = 0; g < 16; g++)
        for (i32 b = 0; b < 16; b++) {
          if (table[r << 8 | g << 4 | b] <= step) continue;
          for (i32 k = 0; k < 27; k++) {
            i32 x = r + k / 9 - 1, y = g + k / 3 % 3 - 1, z = b + k % 3 - 1;
            if (x < 0 || y < 0 || z < 0 || x > 15 || y > 15 || z > 15 || table[x << 8 | y << 4 | z] != step - 1) continue;
            table[r << 8 | g << 4 | b] = (u8)step;
            break;
          }
        }
}

typedef struct {
  u8 *map;
  u16 *cost;
  const u8 *px, *tables; /* of the surroundings, then of the stroke */
} Growth;

/* Let the side of one pixel go on to a neighbour. Returns whether it got there at less cost. */
static i32 grow_to(const Growth *g, i32 from, i32 to, u32 way) {
  u32 sum = g->cost[from] + way;
  if (sum >= g->cost[to]) return 0;
  const u8 *a = g->px + 4 * from, *b = g->px + 4 * to;
  u32 far = 0, steps = g->tables[(g->map[from] ? COLOURS : 0) + colour_of(b)];
  for (i32 k = 0; k < 4; k++) {
    i32 d = a[k] - b[k];
    far = (u32)max32((i32)far, d < 0 ? -d : d);
  }
  sum += far * far / 16 + steps * steps * 8;
  if (sum >= g->cost[to]) return 0;
  g->cost[to] = (u16)sum;
  g->map[to] = g->map[from];
  return 1;
}

/* Scan to and fro until nothing changes, `rounds` times at most. What nobody reaches becomes 0. */
static void grow_all(const Growth *g, i32 w, i32 h, i32 rounds) {
  i32 changed = 1;
  for (i32 round = 0; round < rounds && changed; round++) {
    changed = 0;
    for (i32 y = 0; y < h; y++)
      for (i32 x = 0; x < w; x++) {
        i32 at = y * w + x;
        if (!g->cost[at]) continue;
        if (x > 0) changed |= grow_to(g, at - 1, at, STRAIGHT);
        if (y > 0) changed |= grow_to(g, at - w, at, STRAIGHT);
        if (y > 0 && x > 0) changed |= grow_to(g, at - w - 1, at, SLANTED);
        if (y > 0 && x < w - 1) changed |= grow_to(g, at - w + 1, at, SLANTED);
      }
    for (i32 y = h - 1; y >= 0; y--)
      for (i32 x = w - 1; x >= 0; x--) {
        i32 at = y * w + x;
        if (!g->cost[at]) continue;
        if (x < w - 1) changed |= grow_to(g, at + 1, at, STRAIGHT);
        if (y < h - 1) changed |= grow_to(g, at + w, at, STRAIGHT);
        if (y < h - 1 && x < w - 1) changed |= grow_to(g, at + w + 1, at, SLANTED);
        if (y < h - 1 && x > 0) changed |= grow_to(g, at + w - 1, at, SLANTED);
      }
  }
  for (i32 i = 0; i < w * h; i++)
    if (g->cost[i] == UNREACHED) g->map[i] = 0;
}

/* map[w * h]: 255 where the stroke is, else 0 -> 255 what belongs to it, else 0. The surroundings begin at the four edges
 * of the map. px[w * h] RGBA. Left behind: tables[2 * 4096], for quick_refine. Scratch: cost, w * h 16-bit numbers, counts,
 * 4096 32-bit ones. 1 <= w, 1 <= h, w * h < 2^29. */
EXPORT(quick_select) void quick_select(u8 *map, u16 *cost, u8 *tables, u32 *counts, const u8 *px, i32 w, i32 h, i32 rounds) {
  Growth g = {map, cost, px, tables};
  i32 n = w * h, unlike = 0;
  u8 *around = (u8 *)cost; /* a map of where the surroundings begin, until costs take its room */
  colour_steps(tables + COLOURS, counts, px, map, n);
  for (i32 pass = 0; pass < 2; pass++) { /* first the colours of edges that are unlike the stroke; where there are none, all */
    for (i32 y = 0; y < h; y++)
      for (i32 x = 0; x < w; x++) {
        i32 at = y * w + x, edge = !x || !y || x == w - 1 || y == h - 1;
        i32 other = edge && map[at] != 255 && (pass || tables[COLOURS + colour_of(px + 4 * at)] > 1);
        around[at] = other ? 255 : 0;
        unlike |= other;
      }
    if (unlike) break;
  }
  colour_steps(tables, counts, px, around, n);
  for (i32 y = 0; y < h; y++)
    for (i32 x = 0; x < w; x++) {
      i32 at = y * w + x, edge = !x || !y || x == w - 1 || y == h - 1;
      map[at] = map[at] == 255 ? 255 : 0;
      cost[at] = map[at] ? 0 : !edge ? UNREACHED : tables[COLOURS + colour_of(px + 4 * at)] > 1 ? 0 : ALIKE;
    }
  grow_all(&g, w, h, rounds);
}

/* map[w * h]: 255 and 0 what is decided, any other value what is not -> 255 or 0, by growing from what is decided. tables:
 * what quick_select left. Scratch: cost, w * h 16-bit numbers. */
EXPORT(quick_refine) void quick_refine(u8 *map, u16 *cost, const u8 *tables, const u8 *px, i32 w, i32 h, i32 rounds) {
  Growth g = {map, cost, px, tables};
  for (i32 i = 0; i < w * h; i++) cost[i] = map[i] == 0 || map[i] == 255 ? 0 : UNREACHED;
  grow_all(&g, w, h, rounds);
}
