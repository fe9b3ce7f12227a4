/* What a pen along a path covers: sides, corners, caps and dashes become edges as path.c adds them. */

enum cap { BUTT, ROUND_CAP, SQUARE };
enum join { MITER, ROUND, BEVEL };

#define ONE (1 << 24) /* the length of a direction */

typedef struct {
  Window win;
  const i64 *m;
  i64 r;                  /* half the width, 256ths of a unit */
  i64 wide, reach;        /* half the width on the document, and how far a join or cap gets; 256ths of a pixel */
  i32 cap, join, limit, turned;
  Point first, at, u0, u; /* where the contour began and where it is, 256ths of a unit; its directions there */
  i64 length0, length;    /* of its first line and of its last */
  Spot sides[2];          /* up to where its left and its right side are drawn */
  i32 begun, lines;       /* whether it goes anywhere, be it nowhere else; how many lines it has */
} Pen;

/* A direction of length ONE. Not for (0, 0). */
SMALL static Point unit(i64 x, i64 y) {
  i32 more = 34 - __builtin_clzll((u64)max64(abs64(x), abs64(y))); /* bits beyond 30 */
  if (more > 0)
    x >>= more, y >>= more;
  else
    x *= (i64)1 << -more, y *= (i64)1 << -more;
  i64 length = isqrt((u64)(x * x + y * y));
  return (Point){x * ONE / length, y * ONE / length};
}

static inline Point normal(Point u) { return (Point){u.y, -u.x}; }
static inline Point negative(Point u) { return (Point){-u.x, -u.y}; }
static inline Point moved(Point p, Point u, i64 by) { return (Point){p.x + ((u.x * by + ONE / 2) >> 24), p.y + ((u.y * by + ONE / 2) >> 24)}; }

/* Draw an edge on from *at; `back` where it is walked against the direction of its outline. */
static void draw(const Pen *pen, Spot *at, Point to, i32 back) {
  Spot end = spot(placed(pen->m, to));
  if (back != pen->turned)
    edge(&pen->win, end, *at);
  else
    edge(&pen->win, *at, end);
  *at = end;
}

/* Whether an arc between two directions is as good as straight. */
static i32 is_flat(const Pen *pen, Point a, Point b) {
  i64 x = a.x - b.x, y = a.y - b.y;
  return pen->wide * ((x * x + y * y) >> 20) <= (i64)8 << 28;
}

/* Draw an arc of less than half a turn around a point, from where the direction a leads to where b leads. */
SMALL static void arc(const Pen *pen, Spot *at, Point around, Point a, Point b, i32 back, i32 depth) {
  if (depth && !is_flat(pen, a, b)) {
    Point middle = unit(a.x + b.x, a.y + b.y);
    arc(pen, at, around, a, middle, back, depth - 1);
    arc(pen, at, around, middle, b, back, depth - 1);
  } else {
    draw(pen, at, moved(around, b, pen->r), back);
  }
}

/* Whether all that is drawn around a point lies on one side of the window: arcs may be straight then. */
SMALL static i32 is_away(const Pen *pen, Point p) {
  Point place = placed(pen->m, p);
  return beside(&pen->win, &place, 0, pen->reach);
}

/* The end of a line in the direction u, from its left side to its right one. */
SMALL static void end_with_cap(const Pen *pen, Point p, Point u) {
  Point n = normal(u);
  Spot at = spot(placed(pen->m, moved(p, n, pen->r)));
  if (pen->cap == ROUND_CAP && !is_away(pen, p)) {
    arc(pen, &at, p, n, u, 0, MOST_HALVINGS);
    arc(pen, &at, p, u, negative(n), 0, MOST_HALVINGS);
  } else if (pen->cap == SQUARE) {
    draw(pen, &at, moved(moved(p, n, pen->r), u, pen->r), 0);
    draw(pen, &at, moved(moved(p, n, -pen->r), u, pen->r), 0);
  }
  draw(pen, &at, moved(p, n, -pen->r), 0);
}

/* The outer side of a round corner at p, from the direction u to the direction v. */
SMALL static void round_corner(const Pen *pen, Spot *at, Point p, Point u, Point v, i32 side) {
  Point a = normal(u), b = normal(v);
  if (side) a = negative(a), b = negative(b);
  if (a.x * b.x + a.y * b.y < 0) {
    Point middle = unit(u.x - v.x, u.y - v.y);
    arc(pen, at, p, a, middle, side, MOST_HALVINGS);
    a = middle;
  }
  arc(pen, at, p, a, b, side, MOST_HALVINGS);
}

/* Both sides at a corner from the direction pen->u to u, whose line has a length. The inner side goes to where both lines'
 * sides meet, where that lies within half of either, and else through the corner itself: nothing is wound the other way. */
SMALL static void turn(Pen *pen, Point u, i64 length, i32 join) {
  Point n1 = normal(pen->u), n2 = normal(u), p = pen->at, meet = {0, 0};
  i64 cross = pen->u.x * u.y - pen->u.y * u.x, dot = pen->u.x * u.x + pen->u.y * u.y;
  i64 both = (((i64)ONE << 24) + dot) >> 24, half = (length < pen->length ? length : pen->length) / 2; /* both: 1 + cos */
  i32 outer = cross < 0, meets = both >= 1 << 14;
  if (meets) meet = (Point){pen->r * (n1.x + n2.x) / both, pen->r * (n1.y + n2.y) / both};
  i32 within = meets && pen->r * (abs64(cross) >> 24) <= half * both;
  i32 sharp = meets && (join == MITER ? (i64)pen->limit * pen->limit * both >= (i64)ONE * 8192 : join == ROUND && both >= ONE && is_flat(pen, n1, n2));
  for (i32 side = 0; side < 2; side++) {
    i64 sign = side ? -1 : 1;
    Spot *at = &pen->sides[side];
    if (side == outer ? sharp : within) {
      draw(pen, at, (Point){p.x + sign * meet.x, p.y + sign * meet.y}, side);
      continue;
    }
    draw(pen, at, moved(p, n1, sign * pen->r), side);
    if (side != outer)
      draw(pen, at, p, side);
    else if (join == ROUND && !is_away(pen, p))
      round_corner(pen, at, p, pen->u, u, side);
    draw(pen, at, moved(p, n2, sign * pen->r), side);
  }
}

static void start(Pen *pen, Point p) {
  pen->first = pen->at = p;
  pen->begun = pen->lines = 0;
}

SMALL static void line_to(Pen *pen, Point to, i32 join) {
  i64 x = to.x - pen->at.x, y = to.y - pen->at.y;
  pen->begun = 1;
  if (!x && !y) return;
  Point u = unit(x, y);
  i64 length = isqrt((u64)(x * x + y * y));
  if (pen->lines++) {
    turn(pen, u, length, join);
  } else {
    pen->u0 = u, pen->length0 = length;
    for (i32 side = 0; side < 2; side++) pen->sides[side] = spot(placed(pen->m, moved(pen->at, normal(u), side ? -pen->r : pen->r)));
  }
  pen->at = to, pen->u = u, pen->length = length;
}

static void draw_sides(Pen *pen, Point u) {
  for (i32 side = 0; side < 2; side++) draw(pen, &pen->sides[side], moved(pen->at, normal(u), side ? -pen->r : pen->r), side);
}

/* End an open contour; one that goes nowhere else leaves a dot, of the direction u. */
SMALL static void finish(Pen *pen, Point u) {
  if (pen->lines) {
    draw_sides(pen, pen->u);
    end_with_cap(pen, pen->at, pen->u);
    end_with_cap(pen, pen->first, negative(pen->u0));
  } else if (pen->begun && pen->cap != BUTT) {
    end_with_cap(pen, pen->at, u);
    end_with_cap(pen, pen->at, negative(u));
  }
  start(pen, pen->at);
}

SMALL static void close(Pen *pen) {
  line_to(pen, pen->first, pen->join);
  if (!pen->lines) return finish(pen, (Point){ONE, 0});
  turn(pen, pen->u0, pen->length0, pen->join);
  draw_sides(pen, pen->u0);
  start(pen, pen->at);
}

typedef struct {
  const i32 *lengths;
  i32 k, first, index;
  i64 begin, left; /* how much of the dash is left, at the beginning of a contour and now; 256ths of a unit */
  Point at;
} Dashes;

static inline i64 dash_length(const Dashes *d, i32 i) { return (i64)clamp32(d->lengths[i], 0, MOST_UNITS) << 8; }

/* Whether a style has dashes, and where they begin. */
SMALL static i32 has_dashes(Dashes *d, const i32 *style) {
  i64 all = 0, into = (i64)clamp32(style[4], 0, MOST_UNITS) << 8;
  d->lengths = style + 6, d->k = clamp32(style[5], 0, 16) & ~1, d->first = 0;
  for (i32 i = 0; i < d->k; i++) all += dash_length(d, i);
  if (!all) return 0;
  for (into %= all; into >= dash_length(d, d->first); d->first++) into -= dash_length(d, d->first);
  d->begin = dash_length(d, d->first) - into;
  return 1;
}

/* Go on with dashes to a point. */
SMALL static void dash_to(Dashes *d, Pen *pen, Point to, i32 join) {
  i64 x = to.x - d->at.x, y = to.y - d->at.y, length = isqrt((u64)(x * x + y * y)), done = 0;
  if (!length) return;
  while (length - done > d->left) {
    done += d->left;
    Point p = {d->at.x + x * done / length, d->at.y + y * done / length};
    if (d->index & 1) {
      start(pen, p);
    } else {
      line_to(pen, p, join);
      finish(pen, unit(x, y));
    }
    d->index = d->index + 1 < d->k ? d->index + 1 : 0;
    d->left = dash_length(d, d->index);
  }
  d->left -= length - done;
  if (!(d->index & 1)) line_to(pen, to, join);
  d->at = to;
}

/* Draw on to a point: p[0] is where the pen was. */
static void go(Pen *pen, Dashes *d, Point to, i32 join) {
  if (d)
    dash_to(d, pen, to, join);
  else
    line_to(pen, to, join);
}

static void begin(Pen *pen, Dashes *d, Point p) {
  finish(pen, (Point){ONE, 0});
  start(pen, p);
  if (d) d->index = d->first, d->left = d->begin, d->at = p;
}

/* A curve p[0..degree], 256ths of a unit; of what lies on one side of the window only the first and last lines are drawn. */
SMALL static void curve(Pen *pen, Dashes *d, const Point *p, i32 degree) {
  Point there[4];
  for (i32 i = 0; i <= degree; i++) there[i] = placed(pen->m, p[i]);
  i32 k = halvings(there, degree);
  i64 end = (i64)1 << k, skip = !d && beside(&pen->win, there, degree, pen->reach);
  for (i64 i = 1; i <= end; i = skip && i < end - 1 ? end - 1 : i + 1) go(pen, d, along(p, degree, i, k), i == 1 ? pen->join : ROUND);
}

EXPORT(path_stroke) SMALL void path_stroke(i32 *cells, i32 x0, i32 y0, i32 w, i32 rows, const u8 *verbs, i32 n, const i32 *points, i32 count, const i64 *m, const i32 *style) {
  Reader reader = {verbs, points, n, count, 0, 0};
  Pen pen = {.win = {cells, x0, y0, w, rows}, .m = m, .r = (i64)clamp32(style[0], 1, 1 << 18) << 7, .cap = style[1], .join = style[2], .limit = clamp32(style[3], 64, 2048)};
  i64 scale = max64(abs64(m[0]) + abs64(m[1]), abs64(m[3]) + abs64(m[4]));
  pen.wide = (pen.r * (scale >> 8)) >> 24;
  pen.reach = pen.wide * max32(pen.limit, 128) / 64 + 256;
  pen.turned = (m[0] >> 8) * (m[4] >> 8) - (m[1] >> 8) * (m[3] >> 8) < 0;
  Dashes dashes, *d = has_dashes(&dashes, style) ? &dashes : 0;
  Point p[4] = {{0, 0}}, first = p[0];
  begin(&pen, d, first);
  for (i32 verb; (verb = next(&reader, p)) >= 0;) {
    i32 degree = TAKES[verb];
    for (i32 i = 1; i <= degree; i++) p[i] = (Point){p[i].x * 256, p[i].y * 256};
    if (verb == MOVE)
      begin(&pen, d, first = p[1]);
    else if (verb == LINE)
      go(&pen, d, p[1], pen.join);
    else if (verb == CLOSE && d)
      go(&pen, d, first, pen.join), begin(&pen, d, first);
    else if (verb == CLOSE)
      close(&pen);
    else
      curve(&pen, d, p, degree);
    p[0] = verb == CLOSE ? first : p[degree];
  }
  finish(&pen, (Point){ONE, 0});
}
