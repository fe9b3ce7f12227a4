/* The insides of paths, and masks of what was added up. k1-paths.c says what a path is. */

enum verb { MOVE, LINE, QUADRATIC, CUBIC, CLOSE };

#define MOST_UNITS (1 << 22)
#define MOST_PLACE ((i64)1 << 31) /* 65536ths of a pixel */
#define MOST_HALVINGS 10

typedef struct {
  i64 x, y;
} Point;

typedef struct {
  i32 *cells; /* for each row: (w + 2) pairs {height, area} */
  i32 x0, y0, w, rows;
} Window;

static inline i64 clamp64(i64 v, i64 low, i64 high) { return v < low ? low : v > high ? high : v; }
static inline i64 abs64(i64 v) { return v < 0 ? -v : v; }
static inline i64 max64(i64 a, i64 b) { return a > b ? a : b; }

/* --- edges into cells -------------------------------------------------------------------------------------- */

static void leave(i32 *cells, i32 c, i32 fall, i32 beside) {
  cells[2 * c] += fall;
  cells[2 * c + 1] += fall * beside;
}

/* Add a piece of an edge that lies in one row, x in 256ths from the window's left edge, y 0..256. What lies left of the
 * window counts in its first column, what lies right of it not at all. */
static void piece(i32 *cells, i32 w, i32 x1, i32 y1, i32 x2, i32 y2) {
  i32 dy = y2 - y1, dx = x2 - x1, c1 = x1 >> 8, c2 = x2 >> 8, done = 0;
  if (!dy) return;
  if (c1 == c2) {
    if (c1 < 0)
      cells[0] += dy;
    else if (c1 < w)
      leave(cells, c1, dy, (x1 & 255) + (x2 & 255));
    return;
  }
  i32 dir = dx > 0 ? 1 : -1, c = c1;
  if (dir > 0 && c < 0) {
    c = 0;
    done = c2 < 0 ? dy : (i32)((i64)dy * -x1 / dx);
    cells[0] += done;
  } else if (dir < 0 && c >= w) {
    c = w - 1;
    done = c2 >= w ? dy : (i32)((i64)dy * (w * 256 - x1) / dx);
  }
  i32 last = dir > 0 ? min32(c2, w - 1) : max32(c2, 0);
  for (; dir > 0 ? c <= last : c >= last; c += dir) {
    i32 enter = c == c1 ? x1 - c * 256 : dir > 0 ? 0 : 256, exit = c == c2 ? x2 - c * 256 : dir > 0 ? 256 : 0;
    i32 upto = c == c2 ? dy : (i32)((i64)dy * (c * 256 + exit - x1) / dx);
    leave(cells, c, upto - done, enter + exit);
    done = upto;
  }
  if (dir < 0 && c2 < 0) cells[0] += dy - done;
}

typedef struct {
  i32 x, y; /* 256ths of a pixel */
} Spot;

static void edge(const Window *win, Spot a, Spot b) {
  i32 dir = 1, low = win->y0 * 256, high = low + win->rows * 256, left = win->x0 * 256, right = left + win->w * 256;
  if (a.y == b.y) return;
  if (a.y > b.y) {
    Spot t = a;
    a = b, b = t;
    dir = -1;
  }
  if (b.y <= low || a.y >= high || (a.x >= right && b.x >= right)) return;
  i64 dx = b.x - a.x, dy = b.y - a.y;
  i32 x1 = a.x - left, end = min32(b.y, high);
  for (i32 top = max32(a.y, low), row = (top >> 8) - win->y0; top < end; row++) {
    i32 base = (win->y0 + row) * 256, under = min32(end, base + 256);
    i32 xa = dx ? x1 + (i32)(dx * (top - a.y) / dy) : x1, xb = dx ? x1 + (i32)(dx * (under - a.y) / dy) : x1;
    i32 *cells = win->cells + row * 2 * (win->w + 2);
    if (dir > 0)
      piece(cells, win->w, xa, top - base, xb, under - base);
    else
      piece(cells, win->w, xb, under - base, xa, top - base);
    top = under;
  }
}

/* --- curves ------------------------------------------------------------------------------------------------ */

SMALL static i64 length_about(i64 x, i64 y) {
  x = abs64(x), y = abs64(y);
  return max64(x, y) + (x < y ? x : y) / 2;
}

/* How often a curve is to be halved to be made of lines; its degree + 1 points in 65536ths of a pixel. */
SMALL static i32 halvings(const Point *p, i32 degree) {
  i64 bend = 0;
  for (i32 i = 0; i + 2 <= degree; i++)
    bend = max64(bend, length_about(p[i].x - 2 * p[i + 1].x + p[i + 2].x, p[i].y - 2 * p[i + 1].y + p[i + 2].y));
  if (degree == 3) bend *= 3;
  i32 k = 0;
  while (k < MOST_HALVINGS && ((i64)1024 << 2 * k) < bend) k++;
  return k;
}

/* The point at i / 2^k of a curve; |values| <= 2^31. */
SMALL static Point along(const Point *p, i32 degree, i64 i, i32 k) {
  i64 j = ((i64)1 << k) - i, half = k ? (i64)1 << (degree * k - 1) : 0;
  if (degree == 2) {
    i64 a = j * j, b = 2 * i * j, c = i * i;
    return (Point){(a * p[0].x + b * p[1].x + c * p[2].x + half) >> 2 * k, (a * p[0].y + b * p[1].y + c * p[2].y + half) >> 2 * k};
  }
  i64 a = j * j * j, b = 3 * i * j * j, c = 3 * i * i * j, d = i * i * i;
  return (Point){(a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x + half) >> 3 * k,
                 (a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y + half) >> 3 * k};
}

/* Whether all of a curve, and what reaches so far from it (256ths), lies on one side of a window: then a line does as well. */
SMALL static i32 beside(const Window *win, const Point *p, i32 degree, i64 reach) {
  i64 x1 = p[0].x, x2 = x1, y1 = p[0].y, y2 = y1;
  for (i32 i = 1; i <= degree; i++) {
    x1 = x1 < p[i].x ? x1 : p[i].x, x2 = max64(x2, p[i].x);
    y1 = y1 < p[i].y ? y1 : p[i].y, y2 = max64(y2, p[i].y);
  }
  i64 left = (i64)win->x0 << 16, top = (i64)win->y0 << 16, more = (reach << 8) + 512;
  return x2 + more < left || x1 - more > left + ((i64)win->w << 16) || y2 + more < top || y1 - more > top + ((i64)win->rows << 16);
}

/* --- reading a path ---------------------------------------------------------------------------------------- */

typedef struct {
  const u8 *verbs;
  const i32 *points;
  i32 n, count, verb, point;
} Reader;

static const u8 TAKES[5] = {1, 1, 2, 3, 0};

/* The next verb, its points in p[1..]; -1 at the end. */
SMALL static i32 next(Reader *r, Point *p) {
  if (r->verb >= r->n || r->verbs[r->verb] > CLOSE) return -1;
  i32 verb = r->verbs[r->verb], takes = TAKES[verb];
  if (r->point + takes > r->count) return -1;
  for (i32 i = 1; i <= takes; i++, r->point++) {
    p[i].x = clamp32(r->points[2 * r->point], -MOST_UNITS, MOST_UNITS);
    p[i].y = clamp32(r->points[2 * r->point + 1], -MOST_UNITS, MOST_UNITS);
  }
  r->verb++;
  return verb;
}

/* The place of a point that is given in 256ths of a unit, in 65536ths of a pixel. */
static Point placed(const i64 *m, Point p) {
  i64 xh = p.x >> 8, xl = p.x & 255, yh = p.y >> 8, yl = p.y & 255;
  i64 x = m[0] * xh + m[1] * yh + m[2] + ((m[0] * xl + m[1] * yl) >> 8);
  i64 y = m[3] * xh + m[4] * yh + m[5] + ((m[3] * xl + m[4] * yl) >> 8);
  return (Point){clamp64((x + 32768) >> 16, -MOST_PLACE, MOST_PLACE), clamp64((y + 32768) >> 16, -MOST_PLACE, MOST_PLACE)};
}

static inline Spot spot(Point placed) { return (Spot){(i32)((placed.x + 128) >> 8), (i32)((placed.y + 128) >> 8)}; }

/* --- filling ----------------------------------------------------------------------------------------------- */

EXPORT(path_clear) void path_clear(i32 *cells, i32 w, i32 rows) {
  for (i32 i = 0; i < 2 * (w + 2) * rows; i++) cells[i] = 0;
}

EXPORT(path_fill) void path_fill(i32 *cells, i32 x0, i32 y0, i32 w, i32 rows, const u8 *verbs, i32 n, const i32 *points, i32 count, const i64 *m) {
  Window win = {cells, x0, y0, w, rows};
  Reader reader = {verbs, points, n, count, 0, 0};
  Point p[4] = {placed(m, (Point){0, 0})}, begun = p[0];
  for (i32 verb; (verb = next(&reader, p)) >= 0;) {
    i32 degree = TAKES[verb];
    for (i32 i = 1; i <= degree; i++) p[i] = placed(m, (Point){p[i].x * 256, p[i].y * 256});
    if (verb == MOVE || verb == CLOSE) {
      edge(&win, spot(p[0]), spot(begun));
      p[0] = begun = verb == MOVE ? p[1] : begun;
      continue;
    }
    i32 k = degree == 1 || beside(&win, p, degree, 0) ? 0 : halvings(p, degree);
    Spot from = spot(p[0]);
    for (i64 i = 1; i < (i64)1 << k; i++) {
      Spot to = spot(along(p, degree, i, k));
      edge(&win, from, to);
      from = to;
    }
    edge(&win, from, spot(p[degree]));
    p[0] = p[degree];
  }
  edge(&win, spot(p[0]), spot(begun));
}

EXPORT(path_cover) void path_cover(u8 *out, const i32 *cells, i32 w, i32 rows, u32 rule) {
  for (i32 y = 0; y < rows; y++, cells += 2 * (w + 2)) {
    i32 height = 0;
    for (i32 x = 0; x < w; x++) {
      height += cells[2 * x];
      i32 area = height * 512 - cells[2 * x + 1]; /* a full pixel is 131072 */
      if (area < 0) area = -area;
      if (rule) area = (area & 262143) > 131072 ? 262144 - (area & 262143) : area & 262143;
      *out++ = (u8)(((u32)min32(area, 131072) * 255 + 65536) >> 17);
    }
  }
}
