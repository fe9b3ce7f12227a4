/* Paths: outlines of lines and curves to masks with exact areas, filled or as a pen of some width draws them.
 *
 * For whoever draws with them (shapes, text):
 *
 *   path_clear(cells, w, rows)                        begin a window of w x rows pixels
 *   path_fill(cells, x0, y0, w, rows, verbs, n, points, count, m)             add the inside of a path, as often as wanted
 *   path_stroke(cells, x0, y0, w, rows, verbs, n, points, count, m, style)    add what a pen along it covers
 *   path_cover(out, cells, w, rows, rule)             out[w * rows] <- 0..255, how much of each pixel is covered
 *
 * - A window is any part of a document, (x0, y0) its first pixel; a tile is one. A pixel's cover is the same in every window
 *   that holds it. `cells` are 2 * (w + 2) * rows 32-bit numbers of the caller's.
 * - A path: n `verbs`, a byte each, and the `count` points that they take, {x, y} as 32-bit numbers in a unit of the
 *   caller's, at most 2^22 from 0 (what lies further out is moved there). 0 moves (1 point), 1 is a line (1), 2 a quadratic
 *   Bezier curve (2), 3 a cubic one (3), 4 closes (0). Reading ends at an unknown verb, or where points are missing.
 *   Filling closes every contour by itself.
 * - `m`: six 64-bit numbers, the place on the document in 2^-32 of a pixel: x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5;
 *   |m0|, |m1|, |m3|, |m4| <= 2^38 (64 pixels a unit), |m2|, |m5| <= 2^53. A glyph of a font with 1000 units an em at 16
 *   pixels: m0 = 16 * 2^32 / 1000, m4 = -m0. What lies further than 32768 pixels from 0 is moved there.
 * - `style`: 32-bit numbers {width, cap, join, limit, offset, k, k lengths}. Width in the path's unit, 1..2^18: the pen is
 *   round in the path's own plane, and `m` makes an ellipse of it. cap: 0 butt, 1 round, 2 square. join: 0 miter,
 *   1 round, 2 bevel. limit: up to which length of a miter by width, in 64ths, 64..2048; bevel beyond.
 *   Dashes: k lengths, on and off in turn, 0 <= k <= 16 and even, each 0..2^22, beginning `offset` into them, 0..2^22;
 *   where they add up to 0 the line is solid.
 * - rule: 0 non-zero, 1 even-odd. Areas are added with their sign and cut off at one pixel, as FreeType does: exact where no
 *   edges of the path cross within a pixel. A stroke is never wound the other way round, so use non-zero for it.
 * - Curves become lines that are nowhere farther than about 1/256 pixel from them (1024 at most).
 */
#include "k1/base.h"
#include "k1/path.c"
#include "k1/pen.c"
