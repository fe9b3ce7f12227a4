/* Outlines to masks, and gradients: exact areas of polygons, and colours along a line, a circle or an angle. */

typedef struct {
  i32 *cells; /* for each row of the band: (w + 2) pairs {height, area} */
  i32 w, y0, rows;
} Band;

/* Add a piece of an edge that lies in one row of pixels, from (x1, y1) to (x2, y2), 256ths; y within the row 0..256. */
static void edge_in_row(Band *b, i32 row, i32 x1, i32 y1, i32 x2, i32 y2) {
  i32 dy = y2 - y1, most = b->w * 256;
  if (!dy) return;
  x1 = clamp32(x1, 0, most);
  x2 = clamp32(x2, 0, most);
  i32 *cells = b->cells + row * 2 * (b->w + 2), c1 = x1 >> 8, c2 = x2 >> 8, f1 = x1 & 255, f2 = x2 & 255;
  if (c1 == c2) {
    cells[2 * c1] += dy;
    cells[2 * c1 + 1] += dy * (f1 + f2);
    return;
  }
  i32 dir = c2 > c1 ? 1 : -1, dx = x2 - x1, done = 0;
  for (i32 c = c1; c != c2 + dir; c += dir) {
    i32 a = c == c1 ? f1 : dir > 0 ? 0 : 256, z = c == c2 ? f2 : dir > 0 ? 256 : 0;
    i32 gone = c == c2 ? dx : (c - c1) * 256 + z - f1; /* the way along x up to the end of this cell */
    i32 upto = c == c2 ? dy : (i32)((i64)dy * gone / dx);
    cells[2 * c] += upto - done;
    cells[2 * c + 1] += (upto - done) * (a + z);
    done = upto;
  }
}

static void edge(Band *b, i32 x1, i32 y1, i32 x2, i32 y2) {
  i32 low = b->y0 * 256, high = (b->y0 + b->rows) * 256, dir = 1;
  if (y1 == y2) return;
  if (y1 > y2) {
    i32 t = y1;
    y1 = y2, y2 = t, t = x1, x1 = x2, x2 = t;
    dir = -1;
  }
  if (y2 <= low || y1 >= high) return;
  i64 dx = x2 - x1, dy = y2 - y1;
  for (i32 row = max32(y1, low) >> 8; row * 256 < min32(y2, high); row++) {
    i32 top = max32(y1, row * 256), end = min32(y2, row * 256 + 256);
    i32 xa = x1 + (i32)(dx * (top - y1) / dy), xb = x1 + (i32)(dx * (end - y1) / dy);
    if (dir > 0)
      edge_in_row(b, row - b->y0, xa, top - row * 256, xb, end - row * 256);
    else
      edge_in_row(b, row - b->y0, xb, end - row * 256, xa, top - row * 256);
  }
}

/* out[w * rows] <- how much of each pixel of the rows y0.. lies inside a closed outline, 0..255, exact areas.
 * points: n x {x16, y16}, sixteenths of a pixel, |value| <= 2^20; the outline closes by itself; where it winds around a
 * pixel more than once, it is inside. cells: 2 * (w + 2) * rows 32-bit numbers, cleared here. */
EXPORT(shape_fill) void shape_fill(u8 *out, i32 *cells, const i32 *points, i32 n, i32 w, i32 y0, i32 rows) {
  Band b = {cells, w, y0, rows};
  for (i32 i = 0; i < 2 * (w + 2) * rows; i++) cells[i] = 0;
  for (i32 i = 0; i < n; i++) {
    const i32 *p = points + 2 * i, *q = points + 2 * (i + 1 == n ? 0 : i + 1);
    edge(&b, p[0] * 16, p[1] * 16, q[0] * 16, q[1] * 16);
  }
  for (i32 y = 0; y < rows; y++) {
    i32 *c = cells + y * 2 * (w + 2), height = 0;
    for (i32 x = 0; x < w; x++) {
      height += c[2 * x];
      i32 area = height * 512 - c[2 * x + 1]; /* 512ths of 256ths: a full pixel is 131072 */
      if (area < 0) area = -area;
      out[y * w + x] = (u8)min32(255, (area + 256) >> 9);
    }
  }
}

/* The angle of (x, y) clockwise from the x axis, 0..65535 a turn; a polynomial good to a 2000th of a turn, in integers. */
static u32 angle(i64 x, i64 y) {
  i64 ax = x < 0 ? -x : x, ay = y < 0 ? -y : y;
  if (!ax && !ay) return 0;
  i64 big = ax > ay ? ax : ay, small = ax > ay ? ay : ax;
  i64 t = (small << 15) / big;                               /* tan, 0..32768 */
  i64 a = (t * (8192 + (((32768 - t) * 2847) >> 15))) >> 15; /* an eighth of a turn is 8192 */
  if (ay > ax) a = 16384 - a;
  if (x < 0) a = 32768 - a;
  if (y < 0) a = 65536 - a;
  return (u32)(a & 65535);
}

enum gradient_kind { LINEAR, RADIAL, CONIC };

/* The colours of w * h pixels from (x, y) on, along a gradient from (ax16, ay16) to (bx16, by16).
 * ramp: 1024 RGBA colours from its beginning to its end; beyond both ends it goes on with the outermost colour.
 * Linear: along the line; radial: by the distance from a, b on the rim; conic: by the angle around a, from the direction of b. */
EXPORT(gradient) void gradient(u8 *out, const u8 *ramp, i32 x, i32 y, i32 w, i32 h, i32 ax16, i32 ay16, i32 bx16, i32 by16, u32 kind) {
  i64 vx = bx16 - ax16, vy = by16 - ay16, square = vx * vx + vy * vy;
  u32 length = isqrt((u64)square << 8), turned = angle(vx, vy); /* length in 256ths of a pixel */
  for (i32 i = 0; i < w * h; i++, out += 4) {
    i64 px = (i64)(x + i % w) * 16 + 8 - ax16, py = (i64)(y + i / w) * 16 + 8 - ay16, t = 1023;
    if (kind == CONIC)
      t = ((angle(px, py) - turned) & 65535) >> 6;
    else if (square && kind == LINEAR)
      t = (px * vx + py * vy) * 1023 / square;
    else if (square)
      t = (i64)isqrt((u64)(px * px + py * py) << 8) * 1023 / length;
    const u8 *c = ramp + 4 * (t < 0 ? 0 : t > 1023 ? 1023 : t);
    for (i32 k = 0; k < 4; k++) out[k] = c[3] ? c[k] : 0;
  }
}
