/* Adjustments, first half: the tables of 256 levels that each makes of its parameters, so that what an adjustment does to
 * a picture comes from one place in browser and server. Powers are computed in whole numbers too. */

enum adjustment { BRIGHTNESS, EXPOSURE, LEVELS, CURVES, HUES, TEMPERATURE, BALANCE, MONO, INVERT, THRESHOLD, POSTERISE, VIGNETTE };

/* What `adjust` does after the tables (or, for PAINT, before them), with all channels of a pixel or with where it lies. */
enum step { PLAIN, PAINT, KEEP_LIGHT, GREY, TWO, SHADE };

typedef struct {
  i32 step;
  i32 p[15];
  u8 table[3][256];
  u16 weight[1032]; /* of a vignette, over the squared distance from the middle: 0..32768 */
} Program; /* 2896 bytes */

#define ONE 65536 /* 1 in sixteen binary places */
#define LOG 16777216 /* 1 of a logarithm */
#define MOST_CURVE 16

/* n / d, rounded down; d > 0. */
SMALL static i64 down(i64 n, i64 d) {
  i64 q = n / d;
  return q - (n % d < 0);
}

/* log2(v / ONE); v >= 1. */
SMALL static i32 log2_of(u32 v) {
  i32 whole = 31 - __builtin_clz(v), out = (whole - 16) * LOG;
  u64 m = (u64)v << (31 - whole);
  for (i32 bit = 23; bit >= 0; bit--) {
    m = (m * m) >> 31;
    if (m >> 32) {
      m >>= 1;
      out += 1 << bit;
    }
  }
  return out;
}

/* 2^y in 65536ths, at most 2^30. */
SMALL static u32 power_of_two(i64 y) {
  /* 2^(1/2), 2^(1/4), ... in 31 binary places */
  static const u32 ROOT[24] = {3037000499u, 2553802833u, 2341847523u, 2242560871u, 2194507416u, 2170868211u, 2159144271u, 2153306066u,
                               2150392886u, 2148937775u, 2148210588u, 2147847087u, 2147665360u, 2147574502u, 2147529074u, 2147506361u,
                               2147495004u, 2147489326u, 2147486487u, 2147485067u, 2147484357u, 2147484002u, 2147483825u, 2147483736u};
  i64 whole = y >> 24;
  u64 m = (u64)1 << 31;
  if (whole >= 14) return 1u << 30;
  if (whole < -17) return 0;
  for (i32 k = 0; k < 24; k++)
    if (y >> (23 - k) & 1) m = (m * ROOT[k]) >> 31;
  i32 shift = 15 - (i32)whole;
  return (u32)((m + ((u64)1 << (shift - 1))) >> shift);
}

/* (v / ONE)^(e / ONE) in 65536ths; e >= 0. */
SMALL static u32 power(u32 v, u32 e) { return v ? power_of_two((i64)log2_of(v) * e >> 16) : 0; }

SMALL static u8 level_of(i64 v) { return (u8)(v <= 0 ? 0 : v >= ONE ? 255 : (v * 255 + 32768) >> 16); }

/* How bright each of the 256 values of sRGB is in light, in 65536ths. */
SMALL static void linear(u32 *light) {
  for (u32 v = 0; v < 256; v++)
    light[v] = v <= 10 ? (v * 655360 + 16473) / 32946 : power((u32)(((u64)(1000 * v + 14025) << 16) / 269025), 157286);
}

/* The value of sRGB nearest to an amount of light. */
SMALL static u8 nearest(const u32 *light, i64 y) {
  u32 low = 0, high = 255;
  if (y >= (i64)light[255]) return 255;
  while (low < high) {
    u32 middle = (low + high) / 2;
    if ((i64)light[middle] >= y)
      high = middle;
    else
      low = middle + 1;
  }
  return (u8)(low && y - (i64)light[low - 1] <= (i64)light[low] - y ? low - 1 : low);
}

SMALL static void brightness(u8 *t, i32 bright, i32 contrast) {
  u32 bend = power_of_two(down((i64)-bright * LOG, 100)), steep = power_of_two(down((i64)contrast * LOG, 50));
  for (u32 v = 0; v < 256; v++) {
    i64 x = power((v * ONE + 127) / 255, bend);
    if (contrast < 0)
      x = 32768 + down((x - 32768) * (100 + contrast), 100);
    else if (x < 32768)
      x = power((u32)(2 * x), steep) / 2;
    else
      x = ONE - (i64)power((u32)(2 * (ONE - x)), steep) / 2;
    t[v] = level_of(x);
  }
}

SMALL static void exposure(u8 *t, i32 stops, i32 offset, i32 gamma) {
  u32 light[256];
  i64 gain = power_of_two(down((i64)stops * LOG, 100)), lift = down((i64)offset * ONE, 1000);
  linear(light);
  for (i32 v = 0; v < 256; v++) {
    i64 y = ((light[v] * gain + 32768) >> 16) + lift;
    if (y < 0) y = 0;
    if (gamma != 100) y = power((u32)y, (u32)(100 * ONE / max32(1, gamma)));
    t[v] = nearest(light, y);
  }
}

SMALL static void temperature(Program *to, i32 warm, i32 tint) {
  u32 light[256];
  i64 gain[3] = {power_of_two(down((i64)warm * LOG, 200)), power_of_two(down((i64)-tint * LOG, 200)), power_of_two(down((i64)-warm * LOG, 200))};
  i64 all = (54 * gain[0] + 183 * gain[1] + 19 * gain[2]) >> 8; /* so that it stays as bright as it was */
  linear(light);
  for (i32 c = 0; c < 3; c++)
    for (i32 v = 0; v < 256; v++) to->table[c][v] = nearest(light, (light[v] * gain[c] + all / 2) / all);
}

/* values: black, gamma, white, black and white of the result. */
SMALL static void levels(u8 *t, const i32 *values) {
  i64 width = max32(1, values[2] - values[0]);
  for (i32 v = 0; v < 256; v++) {
    i64 x = ((i64)clamp32(v - values[0], 0, (i32)width) * ONE + width / 2) / width;
    if (values[1] != 100) x = power((u32)x, (u32)(100 * ONE / max32(1, values[1])));
    if (x > ONE) x = ONE;
    t[v] = (u8)clamp32((i32)(((x * (values[4] - values[3]) + 32768) >> 16) + values[3]), 0, 255);
  }
}

/* A curve through n points {x, y} of growing x that doesn't swing over them: cubic pieces whose slope at a point is the harmonic
 * mean of those beside it (Fritsch and Butland, 1984), 0 where they differ in sign. */
SMALL static void curve(u8 *t, const i32 *points, i32 n) {
  i64 slope[MOST_CURVE], way[MOST_CURVE];
  for (i32 v = 0; v < 256; v++) t[v] = (u8)v;
  if (n < 2) return;
  for (i32 k = 0; k < n - 1; k++) way[k] = down((i64)(points[2 * k + 3] - points[2 * k + 1]) * ONE, max32(1, points[2 * k + 2] - points[2 * k]));
  slope[0] = way[0];
  slope[n - 1] = way[n - 2];
  for (i32 k = 1; k < n - 1; k++) {
    i64 a = way[k - 1] < 0 ? -way[k - 1] : way[k - 1], b = way[k] < 0 ? -way[k] : way[k], mean = a + b ? 2 * a * b / (a + b) : 0;
    slope[k] = way[k - 1] > 0 && way[k] > 0 ? mean : way[k - 1] < 0 && way[k] < 0 ? -mean : 0;
  }
  for (i32 v = 0, k = 0; v < 256; v++) {
    while (k < n - 2 && v >= points[2 * k + 2]) k++;
    const i32 *a = points + 2 * k, *b = a + 2;
    i64 h = max32(1, b[0] - a[0]), s = (i64)clamp32(v - a[0], 0, (i32)h) * ONE / h, s2 = s * s >> 16, s3 = s2 * s >> 16;
    i64 y = a[1] * (2 * s3 - 3 * s2 + ONE) + b[1] * (3 * s2 - 2 * s3);
    y += (h * slope[k] * (s3 - 2 * s2 + s) >> 16) + (h * slope[k + 1] * (s3 - s2) >> 16);
    t[v] = (u8)clamp32((i32)((y + 32768) >> 16), 0, 255);
  }
}

/* The channels' own tables, then the one for all. */
SMALL static void joined(Program *to, u8 (*four)[256]) {
  for (i32 c = 0; c < 3; c++)
    for (i32 v = 0; v < 256; v++) to->table[c][v] = four[0][four[c + 1][v]];
}

/* shift: shadows, midtones and highlights of a channel, -100..100. */
SMALL static void balance(u8 *t, const i32 *shift) {
  for (i32 v = 0; v < 256; v++) {
    i32 rest = 255 - v, sum = shift[0] * rest * rest + 3 * shift[3] * v * rest + shift[6] * v * v;
    t[v] = (u8)clamp32(v + (i32)down((i64)sum * 64 + 3251250, 6502500), 0, 255);
  }
}

SMALL static void vignette(u16 *weight, i32 amount, i32 middle, i32 feather) {
  i64 inner = max32(0, 2 * middle - feather) * ONE / 200, outer = (i64)(2 * middle + feather) * ONE / 200;
  for (i32 i = 0; i <= 1024; i++) {
    i64 far = isqrt((u64)i << 22), t = outer > inner ? (far - inner) * ONE / (outer - inner) : far >= inner ? ONE : 0;
    t = t < 0 ? 0 : t > ONE ? ONE : t;
    t = (t * t >> 16) * (3 * ONE - 2 * t) >> 16;
    weight[i] = (u16)((t * amount / 2 + 50) / 100);
  }
}

/* to (2896 bytes) <- what `adjust` does for an adjustment with these values; editor/replay/effects/adjustments.py names them. */
EXPORT(adjust_program) SMALL void adjust_program(Program *to, u32 kind, const i32 *values) {
  u8 four[4][256];
  memset(to, 0, sizeof *to);
  for (i32 c = 0; c < 3; c++)
    for (i32 v = 0; v < 256; v++) to->table[c][v] = (u8)v;
  for (i32 k = 0; k < 10 && kind != LEVELS && kind != CURVES; k++) to->p[k] = values[k];
  switch (kind) {
    case BRIGHTNESS: brightness(four[0], values[0], values[1]); break;
    case EXPOSURE: exposure(four[0], values[0], values[1], values[2]); break;
    case LEVELS:
      for (i32 c = 0; c < 4; c++) levels(four[c], values + 5 * c);
      joined(to, four);
      return;
    case CURVES:
      for (i32 c = 0; c < 4; c++) {
        i32 n = clamp32(*values, 0, MOST_CURVE);
        curve(four[c], values + 1, n);
        values += 1 + 2 * n;
      }
      joined(to, four);
      return;
    case HUES:
      to->step = PAINT;
      for (i32 v = 0; v < 256; v++) {
        i32 l = values[2];
        four[0][v] = (u8)(l < 0 ? (v * (100 + l) + 50) / 100 : v + ((255 - v) * l + 50) / 100);
      }
      break;
    case TEMPERATURE: temperature(to, values[0], values[1]); return;
    case BALANCE:
      to->step = values[9] ? KEEP_LIGHT : PLAIN;
      for (i32 c = 0; c < 3; c++) balance(to->table[c], values + c);
      return;
    case MONO: to->step = GREY; return;
    case INVERT:
      for (i32 v = 0; v < 256; v++) four[0][v] = (u8)(255 - v);
      break;
    case THRESHOLD: to->step = TWO; return;
    case POSTERISE: {
      i32 n = max32(2, values[0]);
      for (i32 v = 0; v < 256; v++) four[0][v] = (u8)((v * n / 256 * 255 + (n - 1) / 2) / (n - 1));
      break;
    }
    case VIGNETTE:
      to->step = SHADE;
      vignette(to->weight, max32(values[0], -values[0]), values[1], values[3]);
      return;
    default: return;
  }
  for (i32 c = 0; c < 3; c++)
    for (i32 v = 0; v < 256; v++) to->table[c][v] = four[0][v];
}
