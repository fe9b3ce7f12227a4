// Arrow keys in rows of pictures of any width.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest } from "../../static/js/elements/grid-walk.js";

const box = (left, top, width, height) => ({ left, top, right: left + width, bottom: top + height });
//  0: 0–100   1: 104–300          row at 0, 100 high
//  2: 0–150   3: 154–200  4: 204–300   row at 104
//  5: 0–80                          row at 208
const BOXES = [
  box(0, 0, 100, 100),
  box(104, 0, 196, 100),
  box(0, 104, 150, 100),
  box(154, 104, 46, 100),
  box(204, 104, 96, 100),
  box(0, 208, 80, 100),
];

test("left and right walk in the order of reading, over the ends of rows", () => {
  assert.equal(nearest(BOXES, 1, "ArrowRight"), 2);
  assert.equal(nearest(BOXES, 2, "ArrowLeft"), 1);
});

test("down and up lead to what lies below and above the middle", () => {
  assert.equal(nearest(BOXES, 0, "ArrowDown"), 2);
  assert.equal(nearest(BOXES, 1, "ArrowDown"), 3);
  assert.equal(nearest(BOXES, 4, "ArrowUp"), 1);
  assert.equal(nearest(BOXES, 3, "ArrowDown"), 5);
});

test("at the edge there is nowhere to go", () => {
  assert.equal(nearest(BOXES, 0, "ArrowLeft"), null);
  assert.equal(nearest(BOXES, 0, "ArrowUp"), null);
  assert.equal(nearest(BOXES, 5, "ArrowDown"), null);
  assert.equal(nearest(BOXES, 5, "ArrowRight"), null);
  assert.equal(nearest(BOXES, 2, "Enter"), null);
});
