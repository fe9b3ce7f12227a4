// The same brush event in plain JavaScript and by Canvas2D, to measure the editor's engine beside: two dabs on the middle
// one of three layers, composed with what lies below and above, put onto a canvas.
(() => {
  const SIDE = 4096;
  const place = (i) => [2048 + Math.cos(i / 20) * (300 + i), 2048 + Math.sin((i / 20) * 1.3) * (200 + i)];
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const summary = (times) => ({ p50: median([...times]), p95: [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)], max: Math.max(...times) });
  const noise = (n, alpha) => {
    const out = new Uint8ClampedArray(4 * n);
    for (let i = 0; i < n; i++) out.set([i & 255, (i >> 3) & 255, (i >> 6) & 255, alpha], 4 * i);
    return out;
  };

  /** One square of pixels around the event, in fused loops: coverage, colour over the layer, below, above. */
  function plainScript(radius, events) {
    const side = 2 * radius + 60;
    const n = side * side;
    const [below, layer, above] = [noise(n, 255), noise(n, 128), noise(n, 96)];
    const coverage = new Uint16Array(n);
    const painted = layer.slice();
    const image = new ImageData(side, side);
    const context = new OffscreenCanvas(side, side).getContext('2d');
    const profile = Uint16Array.from({ length: 4097 }, (_, q) => Math.max(0, Math.min(32767, (1 - Math.sqrt(q / 4096)) * 5 * 32767)));
    const over = (s, at, a, d, to) => {
      const down = d[to + 3] * (255 - a);
      const w = a * 255 + down;
      if (!w) return;
      for (let c = 0; c < 3; c++) d[to + c] = (s[at + c] * a * 255 + d[to + c] * down + (w >> 1)) / w;
      d[to + 3] = (w + 127) / 255;
    };
    const colour = [51, 102, 204];
    const times = [];
    for (let event = 0; event < events; event++) {
      const begun = performance.now();
      for (let dab = 0; dab < 2; dab++) {
        const [cx, cy] = [side / 2 + 8 * dab - 4, side / 2 + (event % 5)];
        for (let y = 0; y < side; y++) {
          for (let x = 0; x < side; x++) {
            const q = ((x - cx) ** 2 + (y - cy) ** 2) * (4096 / (radius * radius)) | 0;
            if (q > 4096) continue;
            const at = y * side + x;
            coverage[at] += ((32767 - coverage[at]) * profile[q]) >> 15;
          }
        }
      }
      const out = image.data;
      for (let i = 0, at = 0; i < n; i++, at += 4) {
        const a = (coverage[i] * 230) >> 15;
        painted[at] = layer[at];
        painted[at + 1] = layer[at + 1];
        painted[at + 2] = layer[at + 2];
        painted[at + 3] = layer[at + 3];
        if (a) over(colour, 0, a, painted, at);
        out[at] = below[at];
        out[at + 1] = below[at + 1];
        out[at + 2] = below[at + 2];
        out[at + 3] = below[at + 3];
        over(painted, at, painted[at + 3], out, at);
        over(above, at, above[at + 3], out, at);
      }
      context.putImageData(image, 0, 0);
      times.push(performance.now() - begun);
      coverage.fill(0);
    }
    return summary(times);
  }

  /** Gradients on one of three canvases of the whole picture, drawn together; the read at the end waits for all of it. */
  function canvas2d(radius, events) {
    const made = [1, 0.5, 0.4].map((alpha) => {
      const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d');
      context.globalAlpha = alpha;
      context.fillStyle = '#789abc';
      context.fillRect(0, 0, SIDE, SIDE);
      context.globalAlpha = 0.9;
      return context;
    });
    const screen = new OffscreenCanvas(1400, 900).getContext('2d', { willReadFrequently: false });
    const times = [];
    for (let event = 0; event < events; event++) {
      const [x, y] = place(event);
      const begun = performance.now();
      for (let dab = 0; dab < 2; dab++) {
        const gradient = made[1].createRadialGradient(x + 8 * dab, y, 0, x + 8 * dab, y, radius);
        gradient.addColorStop(0.8, '#3366cc');
        gradient.addColorStop(1, '#3366cc00');
        made[1].fillStyle = gradient;
        made[1].beginPath();
        made[1].arc(x + 8 * dab, y, radius, 0, 7);
        made[1].fill();
      }
      const box = [x - radius - 20, y - radius - 20, 2 * radius + 40, 2 * radius + 40];
      for (const { canvas } of made) screen.drawImage(canvas, ...box, box[0] - 1348, box[1] - 1598, box[2], box[3]);
      screen.getImageData(700, 450, 1, 1);
      times.push(performance.now() - begun);
    }
    return summary(times);
  }

  globalThis.rivals = { plainScript, canvas2d };
})();
