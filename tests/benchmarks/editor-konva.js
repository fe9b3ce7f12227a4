// What the editor does, done with Konva as its own guides of free drawing do it: with lines that stay objects, and with pictures
// that are painted on. Konva's canvases have the size of the window; its layers hold pictures of 4096 × 4096.
(() => {
  const SIDE = 4096;
  const VIEW = { width: 1400, height: 900, x: -1348, y: -1598 };
  const place = (i) => [2048 + Math.cos(i / 20) * (300 + i), 2048 + Math.sin((i / 20) * 1.3) * (200 + i)];
  const summary = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    return { p50: sorted[sorted.length >> 1], p95: sorted[Math.floor(sorted.length * 0.95)], max: sorted.at(-1) };
  };

  function picture(alpha, number) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: SIDE, height: SIDE });
    const part = new ImageData(256, 256);
    for (let i = 0; i < 65536; i++) part.data.set([i & 255, (i >> 3) & 255, (i * 7 + number) & 255, alpha], 4 * i);
    const context = canvas.getContext('2d');
    for (let y = 0; y < SIDE; y += 256) for (let x = 0; x < SIDE; x += 256) context.putImageData(part, x, y);
    return canvas;
  }

  function stageOf(alphas) {
    Object.assign(Konva, { pixelRatio: 1, autoDrawEnabled: false });
    const stage = new Konva.Stage({ container: document.createElement('div'), ...VIEW, listening: false });
    const layers = alphas.map((alpha, number) => {
      const layer = new Konva.Layer({ listening: false });
      const image = new Konva.Image({ image: picture(alpha, number), perfectDrawEnabled: false });
      stage.add(layer.add(image));
      return { layer, image };
    });
    stage.draw();
    return { stage, layers };
  }

  /** Draws a layer now; the read at the end waits for all of it. */
  function drawn(layer) {
    layer.draw();
    layer.getNativeCanvasElement().getContext('2d').getImageData(700, 450, 1, 1);
  }

  function timed(work) {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  }

  const lineOf = (radius, points) => new Konva.Line({
    points, stroke: '#3366cc', strokeWidth: 2 * radius, lineCap: 'round', lineJoin: 'round', opacity: 0.9, perfectDrawEnabled: false,
  });

  /** A stroke is a line that grows, and stays an object: undo takes it away. before: strokes that are there already. */
  function lines(radius, events, before = 0) {
    const { stage, layers } = stageOf([255, 128, 96]);
    const { layer } = layers[1];
    for (let i = 0; i < before; i++) layer.add(lineOf(80, [...Array(20).keys()].flatMap((k) => [1400 + ((i * 37) % 1200) + 5 * k, 1650 + ((i * 53) % 800)])));
    const line = lineOf(radius, []);
    layer.add(line);
    const times = [];
    for (let event = 0; event < events; event++) {
      times.push(timed(() => {
        line.points([...line.points(), ...place(event)]);
        drawn(layer);
      }));
    }
    const walks = [];
    for (let i = 0; i < 10; i++) {
      for (const change of [() => line.remove(), () => layer.add(line)]) {
        walks.push(timed(() => {
          change();
          drawn(layer);
        }));
      }
    }
    stage.destroy();
    return { times: summary(times), walks: summary(walks), begin: 0 };
  }

  /** A stroke is painted into the layer's picture: what an undo brings back has to be kept as a whole picture. */
  function painted(radius, events) {
    const { stage, layers } = stageOf([255, 128, 96]);
    const { layer, image } = layers[1];
    const context = image.image().getContext('2d');
    const kept = document.createElement('canvas');
    const begin = timed(() => {
      Object.assign(kept, { width: SIDE, height: SIDE });
      kept.getContext('2d').drawImage(image.image(), 0, 0);
      kept.getContext('2d').getImageData(0, 0, 1, 1);
    });
    Object.assign(context, { strokeStyle: '#3366cc', lineWidth: 2 * radius, lineCap: 'round', lineJoin: 'round' });
    const times = [];
    let last = place(0);
    for (let event = 1; event <= events; event++) {
      times.push(timed(() => {
        context.beginPath();
        context.moveTo(...last);
        context.lineTo(...(last = place(event)));
        context.stroke();
        drawn(layer);
      }));
    }
    const walks = [];
    for (let i = 0; i < 10; i++) {
      walks.push(timed(() => {
        context.clearRect(0, 0, SIDE, SIDE);
        context.drawImage(kept, 0, 0);
        drawn(layer);
      }));
    }
    stage.destroy();
    return { times: summary(times), walks: summary(walks), begin };
  }

  /** So many full layers, all of them opaque, that stay. */
  function full(count) {
    globalThis.kept = stageOf(Array(count).fill(255));
    kept.layers[3].layer.add(lineOf(150, [...Array(60).keys()].flatMap(place)));
    drawn(kept.layers[3].layer);
  }

  globalThis.konvas = { lines, painted, full };
})();
