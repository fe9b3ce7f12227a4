// Move, hand and zoom.

export function move() {
  let from = null;
  let layer = null;
  let by = [0, 0];
  let copy = false;
  return {
    name: 'move',
    down(app, point, { alt = false } = {}) {
      from = point;
      ({ layer } = app);
      copy = alt;
      by = [0, 0];
    },
    move(app, points) {
      if (!from || app.layer !== layer) return;
      const to = points.at(-1);
      by = [Math.round(to.x - from.x), Math.round(to.y - from.y)];
      app.link.tell('shift', { layer: app.layer, dx: by[0], dy: by[1], selected: app.movesSelection(), copy });
      app.status(`${by[0]}, ${by[1]}`);
    },
    up(app) {
      const mine = from && app.layer === layer;
      from = null;
      if (mine) app.moveBy(...by, copy);
      else app.link.tell('shift.drop');
    },
    drop(app) {
      from = null;
      app.link.tell('shift.drop');
    },
    /** A double click writes a text again. */
    finish(app, point) {
      app.tools.get('text').again(app, point);
    },
  };
}

export function hand() {
  let from = null;
  return {
    name: 'hand',
    screen: true,
    down(_app, point) {
      from = point;
    },
    move(app, points) {
      const to = points.at(-1);
      if (!from) return;
      app.view.pan(to.px - from.px, to.py - from.py);
      from = to;
      app.look();
    },
    up() {
      from = null;
    },
    drop() {
      from = null;
    },
  };
}

export function zoom() {
  return {
    name: 'zoom',
    screen: true,
    down(app, point, { alt = false } = {}) {
      app.view.step(alt ? -1 : 1, point.px, point.py);
      app.look();
    },
    move() {},
    up() {},
    drop() {},
  };
}
