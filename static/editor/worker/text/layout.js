// Where each glyph of a text stands, in whole numbers. The twin of editor/replay/text/layout.py, which says what they mean.

const ONE = 1n << 32n;
const SIXTEENTH = 1n << 28n;
const PIECES = 32; // lines that a curve of a path becomes

/** a / b rounded down; b is above 0. */
const over = (a, b) => a / b - (a % b < 0n ? 1n : 0n);

/** The glyphs of a text as { font, glyph, units, matrix }; primary: the font that says how high lines are. */
export function placed(harfbuzz, text, primary) {
  const measures = harfbuzz.measures(primary);
  const size = BigInt(text.size) * SIXTEENTH;
  const [ascent, descent] = [measures.ascent, measures.descent].map((value) => over(size * BigInt(value), BigInt(measures.em)));
  const height = over(size * BigInt(text.leading), 100n);
  const first = over(height - (ascent - descent), 2n) + ascent;
  const letters = Array.from(text.content, (letter) => letter.codePointAt(0));
  const way = text.path ? new Way(text.path) : null;
  return text.lines.flatMap((line, index) => {
    const clusters = line.flatMap((run) => clustersOf(harfbuzz, text, letters, run));
    const length = clusters.reduce((sum, { advance }) => sum + advance, 0n);
    const below = BigInt(index) * height;
    if (way) return way.along(clusters, before(text, way.length, length), below);
    const x = BigInt(text.x) * SIXTEENTH + before(text, BigInt(text.width ?? 0) * SIXTEENTH, length);
    return along(clusters, x, BigInt(text.y) * SIXTEENTH + first + below);
  });
}

/** How far a line begins into its room. */
function before({ align }, room, length) {
  if (align === 'left') return 0n;
  return align === 'right' ? room - length : over(room - length, 2n);
}

function clustersOf(harfbuzz, text, letters, [start, end, font, script, direction]) {
  const units = BigInt(harfbuzz.measures(font).em);
  const size = BigInt(text.size) * SIXTEENTH;
  const glyphs = harfbuzz.shape(font, letters, start, end, script, { rtl: direction === 1, spaced: text.tracking !== 0 });
  const space = over(size * BigInt(text.tracking), 1000n);
  const scale = size / (16n * units);
  const out = [];
  for (let i = 0; i < glyphs.length;) {
    const own = [];
    const { cluster } = glyphs[i];
    while (i < glyphs.length && glyphs[i].cluster === cluster) own.push(glyphs[i++]);
    const lead = own.reduce((sum, { advance }) => sum + advance, 0);
    out.push({ font, units: Number(units), scale, glyphs: own, advance: over(size * BigInt(lead), units) + space });
  }
  return out;
}

function along(clusters, x, y) {
  return clusters.flatMap((cluster) => {
    const out = glyphsOf(cluster, x, y, ONE, 0n);
    x += cluster.advance;
    return out;
  });
}

/** The glyphs of a cluster from a point of its baseline on, which leads in the direction (right, down) / ONE. */
function glyphsOf({ font, units, scale, glyphs }, x, y, right, down) {
  const across = over(scale * right, ONE);
  const fall = over(scale * down, ONE);
  let lead = 0;
  return glyphs.map((glyph) => {
    const dx = 16n * BigInt(lead + glyph.dx);
    const dy = 16n * BigInt(glyph.dy);
    lead += glyph.advance;
    return { font, glyph: glyph.id, units, matrix: [across, fall, x + across * dx + fall * dy, fall, -across, y + fall * dx - across * dy] };
  });
}

/** A path that a line of text follows: as lines, whose ends are in 256ths of a pixel. */
class Way {
  constructor([[x, y], ...curves]) {
    const points = [[16 * x, 16 * y]];
    for (const curve of curves) {
      const ends = [points.at(-1), ...[0, 2, 4].map((at) => [16 * curve[at], 16 * curve[at + 1]])];
      for (let piece = 1; piece <= PIECES; piece++) points.push(at(ends, piece));
    }
    this.lines = [];
    this.begins = [];
    this.total = 0;
    for (let i = 1; i < points.length; i++) {
      const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
      const length = Math.floor(Math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2));
      if (!length) continue;
      this.lines.push([x0, y0, x1 - x0, y1 - y0, length].map(BigInt));
      this.begins.push(this.total);
      this.total += length;
    }
    this.closed = points[0].join() === points.at(-1).join();
    if (!this.lines.length) {
      this.lines = [[...points[0], 256, 0, 256].map(BigInt)];
      this.begins = [0];
    }
  }

  /** In 2^-32 of a pixel. */
  get length() {
    return BigInt(this.total) << 24n;
  }

  /** Each cluster stands upright on the path below its middle, so far below the first line. */
  along(clusters, at, below) {
    return clusters.flatMap((cluster) => {
      const half = over(cluster.advance, 2n);
      let [x, y, right, down] = this.point(at + half);
      x += over(-half * right - below * down, ONE);
      y += over(-half * down + below * right, ONE);
      at += cluster.advance;
      return glyphsOf(cluster, x, y, right, down);
    });
  }

  /** A point so far along, and the direction there. An open path goes straight on at both ends. */
  point(at) {
    if (this.closed && this.total) at -= over(at, this.length) * this.length;
    let index = 0;
    while (index + 1 < this.begins.length && BigInt(this.begins[index + 1]) <= at >> 24n) index++;
    const [x, y, dx, dy, length] = this.lines[index];
    const [right, down] = [over(dx * ONE, length), over(dy * ONE, length)];
    const rest = at - (BigInt(this.begins[index]) << 24n);
    return [(x << 24n) + over(rest * right, ONE), (y << 24n) + over(rest * down, ONE), right, down];
  }
}

/** The point at so many 32nds of a cubic curve. */
function at(ends, piece) {
  const back = PIECES - piece;
  const parts = [back ** 3, 3 * back * back * piece, 3 * back * piece * piece, piece ** 3];
  return [0, 1].map((axis) => Math.floor((parts.reduce((sum, part, i) => sum + part * ends[i][axis], 0) + PIECES ** 3 / 2) / PIECES ** 3));
}
