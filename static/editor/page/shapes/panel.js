// The panel of the shape tool and the pen: how new shapes look, the numbers of one, and those of the shape that is chosen.
import { toHex } from '../colour.js';
import { check, choiceOf, fieldsOf } from '../geometry/controls.js';
import { icon, make } from '../make.js';
import { word } from '../words.js';
import { DRAWN, KINDS, UNIT, between, isOpen, nodesAsText, nodesFromText, toOperation, toShown } from './values.js';

const CAPS = ['butt', 'round', 'square'];
const JOINS = ['miter', 'round', 'bevel'];

export function panelOf(room, place) {
  const panel = new Panel(room, place);
  panel.follow();
  return panel;
}

class Panel {
  constructor(room, place) {
    this.room = room;
    this.place = place;
    this.own = {}; // the numbers of the next shape
    this.seen = null;
  }

  get kind() {
    return this.room.chosen?.shape.kind ?? (this.room.app.tool.name === 'pen' ? 'path' : this.room.kind);
  }

  /** Shows the shape that is chosen, or the next one, where that has changed. */
  follow() {
    const { room } = this;
    if (!room.tool || !this.place.isConnected) return;
    const seen = JSON.stringify([room.app.tool.name, room.chosen?.id, room.chosen?.shape, room.kind, room.look, room.fresh]);
    if (seen === this.seen) return;
    this.seen = seen;
    const focused = this.place.contains(document.activeElement) ? document.activeElement.id : null;
    this.draw();
    if (focused) document.getElementById(focused)?.focus();
  }

  draw() {
    const { room, kind } = this;
    const { app, chosen } = room;
    if (chosen) this.takeLook(chosen.shape);
    this.begin();
    this.title.textContent = chosen ? chosen.name : word(`tool.${app.tool.name}`);
    this.fieldsPlace.replaceChildren(
      ...(kind === 'path' ? this.pathFields() : [this.numbers()]),
      ...this.lookFields(),
      make('div', { class: 'panel-actions' }, chosen ? [
        make('button', { type: 'button', class: 'button button-small', id: 'shape-pixels', text: word('shape.pixels'), on: { click: () => room.rasterize() } }),
        make('button', { type: 'button', class: 'button button-small', id: 'shape-another', text: word('shape.another'), on: { click: () => this.add() } }),
      ] : [
        make('button', { type: 'button', class: 'button button-primary button-small', id: 'shape-add', on: { click: () => this.add() } }, [icon('plus', 'small'), word('shape.add')]),
      ]),
      make('p', { class: 'panel-help', text: word(`help.${app.tool.name}`) }),
    );
  }

  /** The title and the choice of a kind, which stays while the rest is made anew: somebody may be typing a kind's name. */
  begin() {
    const { app, chosen, kind } = this.room;
    const what = `${app.tool.name} ${Boolean(chosen)}`;
    if (this.begun === what && this.place.contains(this.title)) return;
    this.begun = what;
    this.title = make('h2', { class: 'panel-title' });
    this.fieldsPlace = make('div');
    const kinds = DRAWN.map((each) => [each, word(`shape.${each}`)]);
    const choice = choiceOf('shape-kind', word(chosen ? 'shape.next' : 'shape.kind'), kinds, kind, (value) => {
      this.room.kind = value;
      this.follow();
    });
    this.place.replaceChildren(make('div', { class: 'geometry shapes' }, [this.title, ...(app.tool.name === 'pen' ? [] : [choice]), this.fieldsPlace]));
  }

  /** The next shape begins with how the chosen one looks. */
  takeLook({ fill, stroke, kind }) {
    const { look, chosen: { id } } = this.room;
    if (id !== this.room.seen) this.room.fresh = null;
    this.room.seen = id;
    const hex = (rgba) => toHex([0, 8, 16].map((by) => (rgba >>> by) & 255));
    if (!isOpen(kind)) look.fill = fill !== undefined;
    if (fill !== undefined) look.fillColour = hex(fill);
    look.stroke = Boolean(stroke);
    if (stroke) {
      const [dash, gap] = (stroke.dashes ?? [0, 0]).map((value) => value / UNIT);
      Object.assign(look, { colour: hex(stroke.rgba), width: stroke.width / UNIT, cap: stroke.cap, join: stroke.join, dash: dash ?? 0, gap: gap ?? 0 });
    }
  }

  // --- fields -------------------------------------------------------------------------------------------------------

  /** What the fields show: the chosen shape, or one in the middle of the picture. */
  get shape() {
    const { room: { chosen, app: { state } }, kind } = this;
    if (chosen) return chosen.shape;
    const [w, h] = [state.width * UNIT, state.height * UNIT];
    return { ...between(kind, [Math.round(w / 4), Math.round(h / 4)], [Math.round(w * 3 / 4), Math.round(h * 3 / 4)]), ...this.own };
  }

  numbers() {
    const { kind, shape } = this;
    return this.fields(Object.keys(KINDS[kind]), (name) => toShown(kind, name, shape[name]), (name, value) => {
      const held = toOperation(kind, name, value);
      if (this.room.chosen) this.room.change({ ...this.room.chosen.shape, [name]: held });
      else this.own[name] = held;
    });
  }

  fields(names, get, set) {
    const { elements, follow } = fieldsOf('shape', names, { get: () => Object.fromEntries(names.map((name) => [name, get(name)])), set });
    follow();
    return elements[0];
  }

  pathFields() {
    const { chosen } = this.room;
    const text = make('textarea', { class: 'input', id: 'shape-nodes', rows: 5, spellcheck: 'false', on: { change: () => this.typedNodes(text.value) } });
    text.value = chosen ? nodesAsText(chosen.shape.nodes) : this.own.text ?? '';
    const closed = check(word('shape.closed'), chosen?.shape.closed ?? this.own.closed ?? false, (on) => {
      if (chosen) this.room.change({ ...chosen.shape, closed: on });
      else this.own.closed = on;
    });
    return [make('label', { class: 'field' }, [make('span', { class: 'field-label', text: word('shape.nodes') }), text]), closed];
  }

  typedNodes(text) {
    const nodes = nodesFromText(text);
    const { chosen, app } = this.room;
    if (!nodes) app.refuse('Write two or six numbers a line, and at least two lines.');
    else if (chosen) this.room.change({ ...chosen.shape, nodes });
    else this.own.text = text;
  }

  lookFields() {
    const { room, kind } = this;
    const look = room.chosen ? room.look : room.next(kind);
    const colour = (id, label, name) => make('label', { class: 'option' }, [
      make('span', { text: label }), make('input', { id, type: 'color', value: look[name], on: { change: ({ target }) => this.looked(name, target.value) } }),
    ]);
    const numbers = () => this.fields(['width', 'dash', 'gap'], (name) => look[name], (name, value) => this.looked(name, Math.max(0, Math.min(1024, value))));
    const list = (name, all) => choiceOf(`shape-${name}`, word(`shape.${name}`), all.map((each) => [each, word(`shape.${name}.${each}`)]), look[name], (value) => this.looked(name, value));
    const fills = isOpen(kind) ? [] : [check(word('shape.fill'), look.fill, (on) => this.looked('fill', on)), ...(look.fill ? [colour('shape-fill-colour', word('shape.fillColour'), 'fillColour')] : [])];
    const stroked = look.stroke || isOpen(kind);
    return [
      ...fills,
      ...(isOpen(kind) ? [] : [check(word('shape.stroke'), look.stroke, (on) => this.looked('stroke', on))]),
      ...(stroked ? [
        colour('shape-colour', word('shape.colour'), 'colour'),
        numbers(),
        list('cap', CAPS), list('join', JOINS),
      ] : []),
    ];
  }

  looked(name, value) {
    const { room } = this;
    const { chosen } = room;
    if (!chosen) room.takeFresh(this.kind);
    else if (name === 'colour' || name === 'fillColour') room.fresh = null; // that was chosen before
    room.look[name] = value;
    if (!chosen) {
      this.follow();
      return;
    }
    const { fill, stroke, ...rest } = chosen.shape;
    const looks = room.looks(rest.kind);
    // What the panel has no field for stays as it is: opacity, the limit of a miter, more dashes.
    if (looks.fill !== undefined && fill !== undefined) looks.fill = ((looks.fill & 0xffffff) | (fill & 0xff000000)) >>> 0;
    if (looks.stroke && stroke) {
      looks.stroke.rgba = ((looks.stroke.rgba & 0xffffff) | (stroke.rgba & 0xff000000)) >>> 0;
      if (stroke.limit) looks.stroke.limit = stroke.limit;
    }
    room.change({ ...rest, ...looks });
  }

  async add() {
    const { kind, room } = this;
    if (kind !== 'path') {
      await room.add(Object.fromEntries(['kind', ...Object.keys(KINDS[kind])].map((name) => [name, this.shape[name]])));
      return;
    }
    const nodes = room.chosen?.shape.nodes ?? nodesFromText(this.own.text ?? '');
    if (!nodes) room.app.refuse('Write two or six numbers a line, and at least two lines.');
    else await room.add({ kind, nodes, closed: room.chosen?.shape.closed ?? this.own.closed ?? false, even_odd: false });
  }
}
