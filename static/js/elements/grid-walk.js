// Which box an arrow key leads to, in rows of boxes of any width. No DOM, so that it can be tested alone.

/** `boxes` have left, right, top, bottom. Returns the index of the next box, or null at the edge. */
export function nearest(boxes, here, key) {
  if (key === "ArrowLeft") return here > 0 ? here - 1 : null;
  if (key === "ArrowRight") return here < boxes.length - 1 ? here + 1 : null;
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const from = boxes[here];
  const isBeyond = key === "ArrowDown" ? (box) => box.top >= from.bottom - 1 : (box) => box.bottom <= from.top + 1;
  const middle = (from.left + from.right) / 2;
  let best = null;
  for (const [index, box] of boxes.entries()) {
    if (!isBeyond(box)) continue;
    const rows = key === "ArrowDown" ? box.top - from.bottom : from.top - box.bottom;
    const aside = Math.max(box.left - middle, middle - box.right, 0);
    // The nearest row first; in it the box above or below the middle of this one.
    if (!best || rows < best.rows - 1 || (Math.abs(rows - best.rows) <= 1 && aside < best.aside)) {
      best = { index, rows, aside };
    }
  }
  return best?.index ?? null;
}
