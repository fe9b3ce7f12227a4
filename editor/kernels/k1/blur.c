/* A box blur of RGBA; three of them are close to a Gaussian. Colours are weighted by alpha. */

/* One line of n pixels, `step` pixels apart: d <- the mean of 2 * r + 1 neighbours, the outermost pixel going on beyond
 * the edge. 1 <= r <= 4096 (so that no sum leaves 32 bits). */
static void box_line(u8 *d, const u8 *s, i32 n, i32 step, i32 r) {
  u32 width = 2 * (u32)r + 1, sum[4] = {0, 0, 0, 0};
  for (i32 k = -r; k <= r; k++) {
    const u8 *p = s + 4 * step * clamp32(k, 0, n - 1);
    for (i32 c = 0; c < 3; c++) sum[c] += (u32)p[c] * p[3];
    sum[3] += p[3];
  }
  for (i32 i = 0; i < n; i++) {
    u8 *q = d + 4 * step * i;
    u32 alpha = (sum[3] + width / 2) / width;
    for (i32 c = 0; c < 3; c++) q[c] = (u8)(alpha ? (sum[c] + sum[3] / 2) / sum[3] : 0);
    q[3] = (u8)alpha;
    const u8 *in = s + 4 * step * min32(i + r + 1, n - 1), *out = s + 4 * step * max32(i - r, 0);
    for (i32 c = 0; c < 3; c++) sum[c] += (u32)in[c] * in[3] - (u32)out[c] * out[3];
    sum[3] += (u32)in[3] - out[3];
  }
}

/* px[w * h] <- blurred once along both directions; spare[w * h]. */
EXPORT(blur_box) void blur_box(u8 *px, u8 *spare, i32 w, i32 h, i32 r) {
  if (r < 1 || w < 1 || h < 1) return;
  for (i32 y = 0; y < h; y++) box_line(spare + 4 * y * w, px + 4 * y * w, w, 1, r);
  for (i32 x = 0; x < w; x++) box_line(px + 4 * x, spare + 4 * x, h, w, r);
}
