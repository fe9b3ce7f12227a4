/* Four pixels at once over what lies below, in normal mode. */
#pragma once
#ifdef __wasm_simd128__
/* Four pixels, normal mode, opaque backdrop; alphas as 16-bit lanes [a0 a1 a2 a3 ....]. */
static inline v128_t over4(v128_t d, v128_t s, v128_t a) {
  v128_t a0 = wasm_i16x8_shuffle(a, a, 0, 0, 0, 0, 1, 1, 1, 1);
  v128_t a1 = wasm_i16x8_shuffle(a, a, 2, 2, 2, 2, 3, 3, 3, 3);
  v128_t low = mixv(wasm_u16x8_extend_low_u8x16(s), wasm_u16x8_extend_low_u8x16(d), a0);
  v128_t high = mixv(wasm_u16x8_extend_high_u8x16(s), wasm_u16x8_extend_high_u8x16(d), a1);
  return wasm_v128_or(wasm_u8x16_narrow_i16x8(low, high), wasm_i32x4_splat((i32)0xff000000));
}

/* Four pixels, normal mode, any backdrop: what blend_pixel does, for four alphas in 32-bit lanes. Every number here is whole and
 * below 2^24, so that floats hold it exactly; and a quotient n / w with n <= 255.5 w, w <= 65025 never comes so close below a
 * whole number that it would be rounded up to it (1 / w > 2^-16, the distance of floats below 256). So cutting it off
 * is the division of whole numbers, on every processor; tests/editor/test_kernels.py tries all of them. */
static inline v128_t over4_any(v128_t d, v128_t s, v128_t a) {
  v128_t byte = wasm_i32x4_splat(255), ab = wasm_u32x4_shr(d, 24);
  v128_t wa = wasm_i32x4_mul(a, byte), wb = wasm_i32x4_mul(ab, wasm_i32x4_sub(byte, a)), w = wasm_i32x4_add(wa, wb);
  v128_t fa = wasm_f32x4_convert_i32x4(wa), fb = wasm_f32x4_convert_i32x4(wb), fw = wasm_f32x4_convert_i32x4(w);
  v128_t half = wasm_f32x4_convert_i32x4(wasm_u32x4_shr(w, 1));
  v128_t v = wasm_i32x4_add(w, wasm_i32x4_splat(128));
  v128_t out = wasm_i32x4_shl(wasm_u32x4_shr(wasm_i32x4_add(v, wasm_u32x4_shr(v, 8)), 8), 24);
  for (i32 k = 0; k < 3; k++) {
    v128_t sc = wasm_f32x4_convert_i32x4(wasm_v128_and(wasm_u32x4_shr(s, 8 * k), byte));
    v128_t dc = wasm_f32x4_convert_i32x4(wasm_v128_and(wasm_u32x4_shr(d, 8 * k), byte));
    v128_t n = wasm_f32x4_add(wasm_f32x4_add(wasm_f32x4_mul(sc, fa), wasm_f32x4_mul(dc, fb)), half);
    out = wasm_v128_or(out, wasm_i32x4_shl(wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_div(n, fw)), 8 * k));
  }
  return wasm_v128_bitselect(d, out, wasm_i32x4_eq(a, wasm_i32x4_splat(0)));
}

/* Whether four pixels are opaque. */
static inline i32 opaque4(v128_t d) {
  return wasm_i32x4_all_true(wasm_u32x4_ge(d, wasm_i32x4_splat((i32)0xff000000)));
}
#endif
