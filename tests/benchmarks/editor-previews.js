// The same previews as pages make them without kernels, to measure the editor's beside: by Canvas2D where it has the like, else by a plain loop
// over the pixels that the window shows. Each is one layer, where the editor composes three.
globalThis.plainPreviews = ([width, height, frames]) => {
  const SIDE = 4096;
  const picture = new OffscreenCanvas(SIDE, SIDE);
  const paper = picture.getContext('2d');
  const noise = new ImageData(SIDE, 512);
  for (let i = 0; i < noise.data.length; i += 4) noise.data.set([i & 255, (i >> 5) & 255, (i >> 11) & 255, 255], i);
  for (let y = 0; y < SIDE; y += 512) paper.putImageData(noise, 0, y);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  const small = new OffscreenCanvas(width, height).getContext('2d', { alpha: false, willReadFrequently: true });
  const image = context.createImageData(width, height);
  const to = new Uint32Array(image.data.buffer);
  const seen = (scale) => {
    small.setTransform(scale, 0, 0, scale, 0, 0);
    small.drawImage(picture, 0, 0);
    return new Uint32Array(small.getImageData(0, 0, width, height).data.buffer);
  };
  const put = () => context.putImageData(image, 0, 0);

  function perspective(frame, from) {
    const by = frame / (40 * width);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const w = 1 + x * by;
        to[at] = from[((y / w) | 0) * width + ((x / w) | 0)];
      }
    }
    put();
  }

  function mesh(frame, scale) {
    const parts = 16; // of a side: a smooth mesh in triangles
    const side = SIDE / parts;
    const at = (i, j) => [scale * (side * i + (i % 4 ? 0 : frame * (1 + (j % 3)))), scale * (side * j + (j % 4 ? 0 : frame))];
    for (let j = 0; j < parts; j++) {
      for (let i = 0; i < parts; i++) {
        for (const [a, b, c, u, v] of [[at(i, j), at(i + 1, j), at(i, j + 1), 1, 1], [at(i + 1, j + 1), at(i, j + 1), at(i + 1, j), -1, -1]]) {
          context.save();
          context.beginPath();
          for (const point of [a, b, c]) context.lineTo(...point);
          context.clip();
          const [ux, uy, vx, vy] = [(u * (b[0] - a[0])) / side, (u * (b[1] - a[1])) / side, (v * (c[0] - a[0])) / side, (v * (c[1] - a[1])) / side];
          const [sx, sy] = [side * (i + (u < 0 ? 1 : 0)), side * (j + (v < 0 ? 1 : 0))];
          context.setTransform(ux, uy, vx, vy, a[0] - ux * sx - vx * sy, a[1] - uy * sx - vy * sy);
          context.drawImage(picture, side * i, side * j, side, side, side * i, side * j, side, side);
          context.restore();
        }
      }
    }
  }

  function sharpened(radius, amount, scale) {
    context.filter = `blur(${radius}px)`;
    context.drawImage(small.canvas, 0, 0);
    context.filter = 'none';
    const soft = context.getImageData(0, 0, width, height).data;
    const sharp = small.getImageData(0, 0, width, height).data;
    for (let i = 0; i < soft.length; i++) image.data[i] = sharp[i] + ((sharp[i] - soft[i]) * amount) / 100;
    put();
  }

  function liquify(frame, from) {
    for (let y = 0, at = 0; y < 300; y++) {
      for (let x = 0; x < 300; x++, at++) {
        const t = Math.max(0, 1 - ((x - 150) ** 2 + (y - 150) ** 2) / 22500);
        to[y * width + x] = from[(y + 10) * width + Math.min(width - 1, (x + frame + t * t * 16) | 0)];
      }
    }
    context.putImageData(image, 0, 0, 0, 0, 300, 300);
  }

  const made = {
    mesh: (frame, scale) => mesh(frame, scale),
    'free transform': (frame, scale) => {
      context.setTransform(scale * (1 - frame / 400), (-scale * frame) / 400, (scale * frame) / 400, scale * (1 - frame / 400), 0, 0);
      context.drawImage(picture, 0, 0);
      context.resetTransform();
    },
    perspective: (frame, scale, from) => perspective(frame, from),
    'sharpening, its amount': (frame, scale) => sharpened(3 * scale, 10 + 10 * frame, scale),
    'sharpening, its radius': (frame, scale) => sharpened((1 + (frame % 9)) * scale, 100, scale),
    'Gaussian blur': (frame, scale) => {
      context.filter = `blur(${(10 + (frame % 15)) * scale}px)`;
      context.drawImage(small.canvas, 0, 0);
      context.filter = 'none';
    },
    liquify: (frame, scale, from) => liquify(frame, from),
  };
  const out = {};
  for (const [where, scale] of Object.entries({ 'whole picture seen': Math.min(width, height) / SIDE, 'at 100 %': 1 })) {
    const from = seen(scale);
    for (const [name, draw] of Object.entries(made)) {
      const times = [];
      for (let frame = 1; frame <= frames; frame++) {
        const begun = performance.now();
        draw(frame, scale, from);
        context.getImageData(0, 0, 1, 1); // drawing that was put off is done now
        times.push(performance.now() - begun);
      }
      out[`${name}, ${where}`] = times.slice(1);
    }
  }
  return out;
};
