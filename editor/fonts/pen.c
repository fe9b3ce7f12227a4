/* A pen for HarfBuzz: its drawing callbacks, which write a glyph's outline into memory as whole numbers.
 * Compiled to pen.wasm, which shares HarfBuzz's memory; page and server put the exports into HarfBuzz's table of functions.
 * Callbacks in the languages around it would be slow, and each would have to round in the same way.
 * draw_data is an array of 32-bit numbers: how many were written, how many fit, then the commands:
 * 0 x y: begin there · 1 x y: line · 2 cx cy x y: quadratic · 3 cx cy dx dy x y: cubic · 4: close. Sixteenths of font units.
 * What no longer fits is counted and not written. No stack and no data of its own: the memory is HarfBuzz's. */

#define EXPORT(name) __attribute__((export_name(#name)))
typedef int i32;

static inline i32 whole(float value) { return __builtin_wasm_trunc_saturate_s_i32_f32(__builtin_floorf(value * 16.0f + 0.5f)); }

static inline void put(i32 *data, i32 value) {
  if (data[0] < data[1]) data[2 + data[0]] = value;
  data[0]++;
}

static inline void point(i32 *data, float x, float y) {
  put(data, whole(x));
  put(data, whole(y));
}

#define HEAD void *funcs, i32 *data, void *state
#define UNUSED (void)funcs, (void)state, (void)user

EXPORT(move_to) void move_to(HEAD, float x, float y, void *user) {
  UNUSED;
  put(data, 0);
  point(data, x, y);
}

EXPORT(line_to) void line_to(HEAD, float x, float y, void *user) {
  UNUSED;
  put(data, 1);
  point(data, x, y);
}

EXPORT(quadratic_to) void quadratic_to(HEAD, float cx, float cy, float x, float y, void *user) {
  UNUSED;
  put(data, 2);
  point(data, cx, cy);
  point(data, x, y);
}

EXPORT(cubic_to) void cubic_to(HEAD, float cx, float cy, float dx, float dy, float x, float y, void *user) {
  UNUSED;
  put(data, 3);
  point(data, cx, cy);
  point(data, dx, dy);
  point(data, x, y);
}

EXPORT(close_path) void close_path(HEAD, void *user) {
  UNUSED;
  put(data, 4);
}
