/* Meshes: handles on an even grid over a box were moved, and everything between them goes along smoothly (Catmull-Rom). The box is cut into
 * cells of a few pixels; each comes to lie as two triangles, in which a place is mixed from the corners. Places are in 256ths of a pixel. */

#define NOWHERE (-0x7fffffff - 1)
#define CELLS 16     /* of a block, each way */
#define DRAGGED (1 << 23) /* 32768 pixels: no place lies further out */

/* s[4] <- how much of the four handles around a place counts, 65536 together; returns the part of the side that it lies in. */
static i32 spline(i64 *s, i64 at, i64 side, i32 parts) {
  i64 u = (at < 0 ? 0 : at > side ? side : at) * parts;
  i32 k = min32((i32)(u / side), parts - 1);
  i64 t = ((u - k * side) << 16) / side, tt = t * t >> 16, ttt = tt * t >> 16;
  s[0] = (2 * tt - ttt - t) >> 1, s[2] = (4 * tt - 3 * ttt + t) >> 1, s[3] = (ttt - tt) >> 1;
  s[1] = 65536 - s[0] - s[2] - s[3];
  return k;
}

/* A handle beside the grid lies as far out as the two before it lie apart. */
static i64 beside(const i64 *row, i32 k, i32 parts) {
  return k < 0 ? 2 * row[0] - row[2] : k > parts ? 2 * row[2 * parts] - row[2 * parts - 2] : row[2 * k];
}

/* lattice[nx * ny] {x, y} <- where the corners of cells of `step` pixels a side come to lie, of a box of w x h pixels from (x, y) on, and of
 * one cell more on each side: nx = ceil(w / step) + 3, ny the same. moved[(columns + 1) * (rows + 1)] {x, y}: how far each handle was
 * moved, in 16ths of a pixel, |moved| <= 2^19. 1 <= columns, rows <= 8; 1 <= w, h, step. */
EXPORT(mesh_lattice) SMALL void mesh_lattice(i32 *lattice, const i32 *moved, i32 columns, i32 rows, i32 x, i32 y, i32 w, i32 h, i32 step) {
  if (columns < 1 || columns > 8 || rows < 1 || rows > 8 || w < 1 || h < 1 || step < 1) return;
  i32 nx = (w + step - 1) / step + 3, ny = (h + step - 1) / step + 3;
  for (i32 j = 0; j < ny; j++) {
    i64 s[4], all[18];
    i32 k = spline(s, (i64)(j - 1) * step, h, rows);
    for (i32 a = 0; a < 2 * (columns + 1); a++) { /* the handles at this height */
      i64 column[18];
      for (i32 b = 0; b <= rows; b++) column[2 * b] = moved[b * 2 * (columns + 1) + a];
      all[a] = 0;
      for (i32 b = 0; b < 4; b++) all[a] += s[b] * beside(column, k - 1 + b, rows);
    }
    for (i32 i = 0; i < nx; i++, lattice += 2) {
      i32 at[2] = {x + (i - 1) * step, y + (j - 1) * step};
      i32 c = spline(s, (i64)(i - 1) * step, w, columns);
      for (i32 d = 0; d < 2; d++) {
        i64 sum = (i64)1 << 27; /* 16ths times 2^32 become 256ths */
        for (i32 a = 0; a < 4; a++) sum += s[a] * beside(all + d, c - 1 + a, columns);
        lattice[d] = clamp32(at[d] * 256 + clamp32((i32)(sum >> 28), -2 * DRAGGED, 2 * DRAGGED), -DRAGGED, DRAGGED);
      }
    }
  }
}

/* blocks[bx * by] {x0, y0, x1, y1} <- the boxes around blocks of 16 x 16 cells, box[4] <- that around all of them. nx, ny as above;
 * bx = ceil((nx - 1) / 16), by the same. */
EXPORT(mesh_reach) SMALL void mesh_reach(i32 *blocks, i32 *box, const i32 *lattice, i32 nx, i32 ny) {
  box[0] = box[1] = DRAGGED, box[2] = box[3] = -DRAGGED;
  for (i32 top = 0; top < ny - 1; top += CELLS)
    for (i32 left = 0; left < nx - 1; left += CELLS, blocks += 4) {
      blocks[0] = blocks[1] = DRAGGED, blocks[2] = blocks[3] = -DRAGGED;
      for (i32 j = top; j <= min32(top + CELLS, ny - 1); j++)
        for (i32 i = left; i <= min32(left + CELLS, nx - 1); i++)
          for (i32 d = 0; d < 2; d++) {
            i32 v = lattice[2 * (j * nx + i) + d];
            blocks[d] = min32(blocks[d], v), blocks[2 + d] = max32(blocks[2 + d], v);
          }
      for (i32 d = 0; d < 2; d++) box[d] = min32(box[d], blocks[d]), box[2 + d] = max32(box[2 + d], blocks[2 + d]);
    }
}

/* The part of a cell that a triangle is: p its corners, side[3][2] on which side of the cell each lies (0, 1). */
struct piece {
  i64 p[3][2], side[3][2];
};

/* What of a piece lies in pixels from (x, y) on gets the places that it comes from: from + `wide` times its share. */
static __attribute__((noinline)) void place(i32 *map, struct piece *t, const i32 *from, i32 wide, i32 x, i32 y, i32 w, i32 h, i32 level, const i32 *box) {
  i64 area = (t->p[1][0] - t->p[0][0]) * (t->p[2][1] - t->p[0][1]) - (t->p[1][1] - t->p[0][1]) * (t->p[2][0] - t->p[0][0]);
  if (!area) return;
  if (area < 0) { /* a piece that lies upside down */
    struct piece turned = *t;
    for (i32 d = 0; d < 2; d++) t->p[1][d] = turned.p[2][d], t->p[2][d] = turned.p[1][d], t->side[1][d] = turned.side[2][d], t->side[2][d] = turned.side[1][d];
    area = -area;
  }
  i64 pixel = (i64)256 << level, half = (i64)128 << level, low[2], high[2], size[2] = {w, h}, corner[2] = {x, y};
  for (i32 d = 0; d < 2; d++) {
    i64 a = t->p[0][d], b = t->p[1][d], c = t->p[2][d];
    i64 least = a < b ? (a < c ? a : c) : (b < c ? b : c), most = a > b ? (a > c ? a : c) : (b > c ? b : c);
    low[d] = ((least - half) >> (8 + level)) - corner[d], high[d] = ((most - half) >> (8 + level)) + 1 - corner[d];
    if (low[d] < 0) low[d] = 0;
    if (high[d] > size[d]) high[d] = size[d];
    if (low[d] >= high[d]) return;
  }
  i64 across[3], down[3], first[3];
  for (i32 k = 0; k < 3; k++) { /* twice the area opposite of corner k, and whether an edge has the pixels on it: one of two neighbours does */
    const i64 *a = t->p[(k + 1) % 3], *b = t->p[(k + 2) % 3];
    i64 dx = b[0] - a[0], dy = b[1] - a[1];
    i64 qx = (low[0] + x) * pixel + half - a[0], qy = (low[1] + y) * pixel + half - a[1];
    first[k] = dx * qy - dy * qx;
    across[k] = -dy * pixel, down[k] = dx * pixel;
  }
  i64 steps[2], rests[2];
  for (i32 d = 0; d < 2; d++) {
    i64 by = 0;
    for (i32 k = 0; k < 3; k++) by += t->side[k][d] * across[k];
    steps[d] = floored(by * wide, area), rests[d] = by * wide - steps[d] * area;
  }
  i64 open[3];
  for (i32 k = 0; k < 3; k++) {
    const i64 *a = t->p[(k + 1) % 3], *b = t->p[(k + 2) % 3];
    open[k] = b[1] > a[1] || (b[1] == a[1] && b[0] > a[0]) ? 0 : 1; /* the least that is inside */
  }
  for (i64 v = low[1]; v < high[1]; v++) {
    i64 e[3] = {first[0], first[1], first[2]}, at[2] = {0, 0}, rest[2] = {0, 0};
    i32 inside = 0;
    for (i64 u = low[0]; u < high[0]; u++) {
      if (e[0] >= open[0] && e[1] >= open[1] && e[2] >= open[2]) {
        for (i32 d = 0; d < 2; d++) {
          if (inside) {
            at[d] += steps[d], rest[d] += rests[d];
            if (rest[d] >= area) rest[d] -= area, at[d]++;
          } else {
            i64 sum = (t->side[0][d] * e[0] + t->side[1][d] * e[1] + t->side[2][d] * e[2]) * wide;
            at[d] = sum / area, rest[d] = sum - at[d] * area;
          }
        }
        inside = 1;
        i32 px = from[0] + (i32)at[0], py = from[1] + (i32)at[1], *m = map + 2 * (v * w + u);
        if (px >= box[0] && py >= box[1] && px < box[2] && py < box[3]) m[0] = px, m[1] = py;
      } else if (inside)
        break;
      for (i32 k = 0; k < 3; k++) e[k] += across[k];
    }
    for (i32 k = 0; k < 3; k++) first[k] += down[k];
  }
}

/* map[w * h] {x, y} <- from where the pixels from (x, y) on come, each of 2^level of the picture's a side; x NOWHERE where from nowhere. found[4]
 * <- the pixels that hold these places. Where the mesh lies over itself, what is further below and to the right is on top. What is more than a
 * pixel outside of the box [x0, x1) x [y0, y1) isn't brought along. Returns how many cells lie near the pixels, 0 where no pixel comes from anywhere. Other names as above. */
EXPORT(mesh_map)
i32 mesh_map(i32 *map, i32 *found, const i32 *lattice, const i32 *blocks, i32 nx, i32 ny, i32 step, i32 x0, i32 y0, i32 x1, i32 y1, i32 x, i32 y, i32 w,
             i32 h, i32 level) {
  i32 box[4] = {(x0 - 1) * 256, (y0 - 1) * 256, (x1 + 1) * 256, (y1 + 1) * 256}, any = 0, cells = 0;
  i64 seen[4] = {(i64)x << (8 + level), (i64)y << (8 + level), (i64)(x + w) << (8 + level), (i64)(y + h) << (8 + level)};
  for (i32 i = 0; i < w * h; i++) map[2 * i] = NOWHERE, map[2 * i + 1] = 0;
  for (i32 top = 0; top < ny - 1; top += CELLS)
    for (i32 left = 0; left < nx - 1; left += CELLS, blocks += 4) {
      if (blocks[0] > seen[2] || blocks[1] > seen[3] || blocks[2] < seen[0] || blocks[3] < seen[1]) continue;
      for (i32 j = top; j < min32(top + CELLS, ny - 1); j++)
        for (i32 i = left; i < min32(left + CELLS, nx - 1); i++) {
          const i32 *a = lattice + 2 * (j * nx + i), *b = a + 2, *d = a + 2 * nx, *c = d + 2;
          if (min32(min32(a[0], b[0]), min32(c[0], d[0])) > seen[2] || max32(max32(a[0], b[0]), max32(c[0], d[0])) < seen[0]) continue;
          if (min32(min32(a[1], b[1]), min32(c[1], d[1])) > seen[3] || max32(max32(a[1], b[1]), max32(c[1], d[1])) < seen[1]) continue;
          cells++;
          i32 from[2] = {(x0 + (i - 1) * step) * 256, (y0 + (j - 1) * step) * 256};
          struct piece upper = {{{a[0], a[1]}, {b[0], b[1]}, {c[0], c[1]}}, {{0, 0}, {1, 0}, {1, 1}}};
          struct piece lower = {{{a[0], a[1]}, {c[0], c[1]}, {d[0], d[1]}}, {{0, 0}, {1, 1}, {0, 1}}};
          place(map, &upper, from, step * 256, x, y, w, h, level, box);
          place(map, &lower, from, step * 256, x, y, w, h, level, box);
        }
    }
  found[0] = found[1] = DRAGGED, found[2] = found[3] = -DRAGGED;
  for (i32 i = 0; i < w * h; i++) {
    if (map[2 * i] == NOWHERE) continue;
    any = 1;
    for (i32 d = 0; d < 2; d++) found[d] = min32(found[d], map[2 * i + d] >> 8), found[2 + d] = max32(found[2 + d], (map[2 * i + d] >> 8) + 1);
  }
  return any ? cells : 0;
}

/* out[n] <- the pixels at the places map[n] of mesh_map, of `in` and by a method as of `warp`. */
EXPORT(mesh_draw) SMALL
void mesh_draw(u16 *out, const u16 *in, i32 sx, i32 sy, i32 sw, i32 sh, u32 outside, const i32 *map, i32 n, i32 level, u32 method) {
  u16 blank[4] = {0, 0, 0, (u16)(outside * 255)};
  i32 half = method ? 128 : 0;
  for (i32 i = 0; i < n; i++, out += 4, map += 2) {
    if (map[0] == NOWHERE)
      for (i32 c = 0; c < 4; c++) out[c] = blank[c];
    else
      sampled(out, in, sx, sy, sw, sh, blank, (map[0] >> level) - half, (map[1] >> level) - half, method);
  }
}
