/* The editor's pixel engine, version 1: integer kernels without state, for browser and server alike.
 *
 * This file is what a document needs before the first stroke. What later tools need lies in parts, each a file of its own
 * that shares this one's memory and is loaded with the first of them: k1-areas.c. editor/kernels/build.py lists them, and
 * gives each a place in memory for its tables and its stack. One translation unit a file, so that the build is one command.
 * Everything is built twice: k1….wasm with SIMD and k1s….wasm without, for processors whose browsers refuse SIMD. Both
 * give the same bytes.
 *
 * What all kernels share:
 * - Pixels are RGBA, 8 bits a channel, straight (not premultiplied) alpha, sRGB values as they are. A pixel with alpha
 *   0 is written as 0,0,0,0, so that equal pictures have equal bytes.
 * - Masks are 8 bits, 0 = outside, 255 = inside. Brush coverage is 15 bits, 0 to 32767.
 * - Tiles are 256 x 256. Lengths of pens and shapes are integers in sixteenths of a pixel.
 * - The caller owns all memory; pointers never overlap unless a comment says so. Nothing is allocated.
 * - Integers only: every division is by a value shown to be non-zero, no signed overflow, no float.
 *
 * A kernel is frozen once saved documents can use it: a fault is mended in a new function under a new name, since
 * old documents must be drawn as they were. editor/kernels/reference.py says in numpy what each one computes.
 */
#include "k1/base.h"
#include "k1/blend.c"
#include "k1/brush.c"
#include "k1/span.c"
#include "k1/mask.c"
#include "k1/shape.c"
#include "k1/tile.c"
#include "k1/codec.c"
#include "k1/blur.c"
#include "k1/tables.c"
#include "k1/adjust.c"
