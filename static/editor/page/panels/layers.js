// <layer-list>: the layers, top first. Arrows choose, Alt+arrows move, dragging moves; everything is a button too.
import { icon, make } from '../make.js';
import { MODES } from '../options.js';
import { dropped, placeOf, rows } from '../tree.js';
import { word } from '../words.js';
import { slider } from './properties.js';

class LayerList extends HTMLElement {
  start(app) {
    this.app = app;
    this.shown = '';
    this.thumbs = new Map();
    this.list = make('ul', { class: 'layers', 'aria-label': word('layers') });
    this.opacity = slider({
      id: 'layer-opacity', name: 'opacity', label: word('option.opacity'), min: 0, max: 100, unit: '%',
      preview: (value) => app.preview({ opacity: Math.round(value * 2.55) }), change: (value) => app.setLayer({ opacity: Math.round(value * 2.55) }),
    });
    this.mode = make('select', { class: 'input', id: 'layer-mode', on: { change: () => app.setLayer({ mode: this.mode.value }) } },
      MODES.map((value) => make('option', { value, text: word(`mode.${value}`) })));
    this.toggles = ['locked', 'lock_alpha', 'clip', 'through'].map((name) => this.toggle(name));
    const commands = ['layer.add', 'adjust.add', 'layer.group', 'layer.duplicate', 'layer.mask', 'layer.up', 'layer.down', 'layer.delete'];
    const more = ['filter.add', 'layer.again', 'layer.merge', 'layer.flatten', 'mask.selection', 'mask.apply', 'mask.remove', 'select.alpha'];
    this.replaceChildren(
      make('h2', { class: 'panel-title', text: word('layers') }),
      make('div', { class: 'option option-mode' }, [make('label', { for: 'layer-mode', text: word('option.mode') }), this.mode]),
      this.opacity,
      make('div', { class: 'layer-toggles', role: 'group', 'aria-label': word('locks') }, this.toggles),
      this.list,
      make('div', { class: 'layer-bar', role: 'toolbar', 'aria-label': word('layerActions') }, commands.map((command) => app.iconButton(command))),
      make('details', { class: 'layer-more' }, [make('summary', { text: word('more') }), make('div', { class: 'panel-actions' }, more.map((command) => app.button(command)))]),
    );
    this.list.addEventListener('keydown', (event) => this.key(event));
  }

  choose(id, target) {
    this.app.turns.take(() => this.app.choose(id, target));
  }

  toggle(name) {
    const symbol = { locked: 'lock', lock_alpha: 'grid-2x2', clip: 'corner-left-down', through: 'blend' }[name];
    const label = word(`layer.${name}`);
    const button = make('button', { type: 'button', class: 'button button-quiet button-icon button-small', title: label, 'aria-label': label, 'aria-pressed': 'false', data: { name } }, [icon(symbol)]);
    button.addEventListener('click', () => this.app.setLayer({ [name]: button.getAttribute('aria-pressed') !== 'true' }));
    return button;
  }

  show() {
    const { app } = this;
    const print = JSON.stringify([app.state.layers, app.layer, app.target]);
    if (print === this.shown) return;
    this.shown = print;
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.part : null;
    this.list.replaceChildren(...rows(app.state.layers).map(({ layer, depth }) => this.row(layer, depth)));
    if (focused) this.list.querySelector(`[aria-current] [data-part=${focused}], [data-part=name][aria-current]`)?.focus();
    this.follow();
  }

  follow() {
    const layer = placeOf(this.app.state.layers, this.app.layer)?.layer;
    this.mode.disabled = !layer;
    if (!layer) return;
    this.mode.value = layer.mode;
    this.opacity.take(Math.round(layer.opacity / 2.55));
    this.querySelector('[data-command="layer.again"]').hidden = !layer.words;
    for (const button of this.toggles) {
      button.setAttribute('aria-pressed', String(layer[button.dataset.name]));
      button.hidden = button.dataset.name === 'through' && !layer.group;
    }
  }

  row(layer, depth) {
    const { app } = this;
    const current = layer.id === app.layer;
    const seen = word(layer.visible ? 'layer.hide' : 'layer.show', { name: layer.name });
    const eye = make('button', { type: 'button', class: 'layer-eye', title: seen, 'aria-label': seen, data: { part: 'eye' }, on: { click: () => app.setLayer({ visible: !layer.visible }, layer.id) } },
      [icon(layer.visible ? 'eye' : 'eye-off', 'small')]);
    const name = make('button', {
      type: 'button', class: 'layer-name', 'aria-current': current && app.target === 'pixels' ? 'true' : undefined, tabindex: current ? 0 : -1, data: { part: 'name' },
      on: { click: () => this.choose(layer.id, 'pixels'), dblclick: () => this.rename(layer) },
    }, [
      layer.group ? icon('folder') : layer.adjust ? icon('sliders-horizontal') : this.thumb(layer, 'pixels'),
      make('span', { class: 'layer-words' }, [make('span', { class: 'layer-label', text: layer.name }), make('span', { class: 'layer-note', text: this.note(layer) })]),
      ...(layer.locked ? [icon('lock', 'small')] : []),
    ]);
    const mask = layer.mask && make('button', {
      type: 'button', class: 'layer-mask', title: word('layer.maskOf', { name: layer.name }), 'aria-label': word('layer.maskOf', { name: layer.name }),
      'aria-current': current && app.target === 'mask' ? 'true' : undefined, data: { part: 'mask' }, on: { click: () => this.choose(layer.id, 'mask') },
    }, [this.thumb(layer, 'mask')]);
    const row = make('li', {
      class: ['layer', current && 'layer-current', !layer.visible && 'layer-hidden', layer.clip && 'layer-clipped', `layer-depth-${Math.min(6, depth)}`].filter(Boolean).join(' '),
      draggable: 'true', data: { layer: layer.id },
    }, [eye, name, ...(mask ? [mask] : [])]);
    this.drags(row, layer);
    return row;
  }

  note(layer) {
    return [layer.mode !== 'normal' && word(`mode.${layer.mode}`), layer.opacity < 255 && `${Math.round(layer.opacity / 2.55)} %`, layer.clip && word('layer.clipped')].filter(Boolean).join(' · ');
  }

  thumb(layer, part) {
    const key = `${layer.id} ${part}`;
    if (!this.thumbs.has(key)) this.thumbs.set(key, make('canvas', { class: 'layer-thumb', width: 1, height: 1 }));
    return this.thumbs.get(key);
  }

  takeThumb({ layer, part, width, height, data }) {
    const canvas = this.thumb({ id: layer }, part);
    Object.assign(canvas, { width, height });
    canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, 0);
  }

  async rename(layer) {
    const part = await import('./renaming.js').catch(() => this.app.refuse("The server can't be reached. Try again when you're connected."));
    part?.rename(this, layer);
  }

  /** Chooses the layer beside the chosen one, as they are by then. */
  step(by) {
    const { app } = this;
    const order = rows(app.state.layers).map(({ layer }) => layer.id);
    app.choose(order[Math.min(order.length - 1, Math.max(0, order.indexOf(app.layer) + by))]);
  }

  key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step && event.altKey) this.app.run(step < 0 ? 'layer.up' : 'layer.down');
    else if (step) this.app.turns.take(() => this.step(step));
    else if (event.key === 'F2') this.rename(placeOf(this.app.state.layers, this.app.layer).layer);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  drags(row, layer) {
    const whereOf = (event) => {
      const box = row.getBoundingClientRect();
      const part = (event.clientY - box.top) / box.height;
      if (layer.group && part > 0.3 && part < 0.7) return 'into';
      return part < 0.5 ? 'above' : 'below';
    };
    row.addEventListener('dragstart', (event) => {
      this.dragged = layer.id;
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', layer.name);
    });
    row.addEventListener('dragover', (event) => {
      if (!this.dragged || !dropped(this.app.state.layers, this.dragged, layer.id, whereOf(event))) return;
      event.preventDefault();
      row.dataset.drop = whereOf(event);
    });
    row.addEventListener('dragleave', () => delete row.dataset.drop);
    row.addEventListener('dragend', () => {
      this.dragged = null;
    });
    row.addEventListener('drop', (event) => {
      event.preventDefault();
      delete row.dataset.drop;
      const place = this.dragged && dropped(this.app.state.layers, this.dragged, layer.id, whereOf(event));
      if (place) this.app.do('layer.move', { layer: this.dragged, ...place });
      this.dragged = null;
    });
  }
}

customElements.define('layer-list', LayerList);
