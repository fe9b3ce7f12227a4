// What each command does, by its name: keys, buttons and the list of shortcuts name the same ones; see `keymap.js`.
import { newId } from '../worker/ids.js';
import { opaque, percent } from './colour.js';
import { newSeed, steppedSize } from './options.js';
import { say, toast } from './say.js';
import { placeOf, rows, stepped } from './tree.js';
import { sentenceOf, word } from './words.js';

export function fillBody({ options, layer }) {
  return { layer, rgba: opaque(options.front), opacity: percent(options.get('fill', 'opacity')), mode: options.get('fill', 'mode') };
}

export function commandsOf(app) {
  const size = (direction) => app.change('size', (value) => steppedSize(value, direction));
  const hardness = (by) => app.change('hardness', (value) => value + by);
  const selection = (body) => app.do('select', body);
  const layer = () => placeOf(app.state.layers, app.layer);
  const withLayer = (work) => () => (layer() ? work(layer()) : toast(word('chooseLayer'), 'warning'));
  const add = (body) => {
    const place = layer();
    app.wanted = newId();
    return app.do('layer.add', { layer: app.wanted, group: place?.parent ?? null, above: place?.layer.id ?? null, ...body });
  };
  const moveBy = (direction) => withLayer(({ layer: { id } }) => {
    const place = stepped(app.state.layers, id, direction);
    if (place) app.do('layer.move', { layer: id, ...place }).then((done) => done && say(word(direction > 0 ? 'movedUp' : 'movedDown')));
  });
  const chooseBy = (direction) => () => {
    const order = rows(app.state.layers);
    const at = order.findIndex((row) => row.layer.id === app.layer) - direction;
    if (order[at]) app.choose(order[at].layer.id);
  };
  const look = (change) => () => {
    change();
    app.look();
  };
  return {
    undo: () => app.walk('undo'),
    redo: () => app.walk('redo'),
    'zoom.in': look(() => app.view.step(1)),
    'zoom.out': look(() => app.view.step(-1)),
    'zoom.fit': look(() => app.view.fit()),
    'zoom.full': look(() => app.view.zoomTo(1)),
    grid: () => {
      app.grid = !(app.grid ?? true);
      app.link.tell('grid', { on: app.grid });
      say(word(app.grid ? 'gridOn' : 'gridOff'));
    },
    rulers: async () => {
      app.overlay.rulers = app.overlay.rulers ? null : (await import('./rulers.js')).drawRulers;
      app.overlay.frame();
      say(word(app.overlay.rulers ? 'rulersOn' : 'rulersOff'));
    },
    panels: () => app.parts.root.toggleAttribute('data-bare'),
    shortcuts: () => app.shortcuts.open(),
    palette: () => {
      document.getElementById('editor-palette').showModal(); // at once: what is typed next belongs in it
      app.palette.open();
    },
    numbers: () => app.numbers.open(),
    results: () => app.generating.focus(),
    export: () => app.saving.open(),
    'flatten.new': () => app.flattening.open(),
    rename: () => app.names.run('rename'),
    version: () => app.names.run('keepVersion'),
    'size.down': () => size(-1),
    'size.up': () => size(1),
    'hardness.down': () => hardness(-10),
    'hardness.up': () => hardness(10),
    'colours.swap': () => app.options.setColours(app.options.back, app.options.front),
    'colours.reset': () => app.options.setColours('#000000', '#ffffff'),
    'mask.toggle': withLayer(({ layer: { id, mask } }) => {
      if (!mask) app.commands['layer.mask']();
      else app.choose(id, app.target === 'mask' ? 'pixels' : 'mask');
    }),
    'select.all': () => selection({ shape: 'all' }),
    'select.none': () => selection({ shape: 'none' }),
    'select.invert': () => selection({ shape: 'invert' }),
    'select.grow': () => app.numbers.open('select.grow', (radius) => selection({ shape: 'grow', radius })),
    'select.shrink': () => app.numbers.open('select.shrink', (radius) => selection({ shape: 'grow', radius: -radius })),
    'select.feather': () => app.numbers.open('select.feather', (radius) => selection({ shape: 'feather', radius })),
    'select.alpha': withLayer(({ layer: { id } }) => selection({ shape: 'alpha', layer: id, how: 'replace' })),
    fill: withLayer(() => {
      if (app.mayUse(app.tools.get('fill'))) app.do('fill', fillBody(app));
    }),
    clear: withLayer(({ layer: { id } }) => {
      if (app.state.selected) app.do('clear', { layer: id });
      else toast(sentenceOf('Nothing is selected.'), 'warning');
    }),
    heal: withLayer(({ layer: { id } }) => app.do('erase', { layer: id, seed: newSeed() })),
    copy: () => app.copy(app.layer),
    'copy.merged': () => app.copy(null),
    cut: async () => {
      if (await app.copy(app.layer)) app.commands.clear();
    },
    'layer.add': () => add({ name: word('newLayer', { number: app.nextNumber() }) }),
    'layer.group': async () => {
      const place = layer();
      const group = newId();
      if (!place) return;
      await app.doAll([
        ['layer.add', { layer: group, name: word('newGroup'), group: place.parent, above: place.layer.id, group_layer: true }],
        ['layer.move', { layer: place.layer.id, group, above: null }],
      ]);
    },
    'layer.duplicate': withLayer(({ layer: found }) => {
      const ids = rows([found]).map(() => newId());
      [app.wanted] = ids;
      app.do('layer.duplicate', { layer: found.id, ids, name: word('copyOf', { name: found.name }).slice(0, 120) });
    }),
    'layer.delete': withLayer(({ layer: found, siblings, index }) => {
      app.wanted = (siblings[index - 1] ?? siblings[index + 1])?.id ?? null;
      app.do('layer.remove', { layer: found.id }).then((done) => done && say(word('deleted', { name: found.name })));
    }),
    'retouch.source': () => app.tool.ask?.(app),
    'text.edit': () => app.tools.get('text').again?.(app),
    'text.pixels': withLayer(({ layer: found }) => app.do('layer.rasterize', { layer: found.id })),
    'adjust.add': () => app.effects.run('chooseAdjustment'),
    'filter.add': () => app.effects.run('chooseFilter'),
    ...Object.fromEntries(['levels', 'curves', 'hue', 'balance', 'invert'].map((kind) => [`adjust.${kind}`, () => app.effects.run('add', kind)])),
    'image.size': () => app.geometry.run('imageSize'),
    'canvas.size': () => app.geometry.run('canvasSize'),
    ...Object.fromEntries(['90', '180', '270', 'flip_x', 'flip_y'].map((how) => [`orient.${how}`, () => app.do('orient', { how })])),
    'layer.merge': withLayer(({ layer: { id } }) => {
      app.wanted = newId();
      app.do('layer.merge', { layer: id, into: app.wanted });
    }),
    'layer.flatten': () => {
      app.wanted = newId();
      app.do('flatten', { layer: app.wanted, name: word('flattened') });
    },
    'layer.mask': withLayer(({ layer: found }) => {
      if (found.mask) {
        app.choose(found.id, app.target === 'mask' ? 'pixels' : 'mask');
        return;
      }
      app.do('layer.mask', { layer: found.id, from: app.state.selected ? 'selection' : 'white' }).then((done) => done && app.choose(found.id, 'mask'));
    }),
    'mask.selection': withLayer(({ layer: { id, mask } }) => (mask ? selection({ shape: 'mask', layer: id, how: 'replace' }) : app.refuse('This layer has no mask.'))),
    'mask.apply': withLayer(({ layer: { id } }) => app.do('layer.mask', { layer: id, from: 'apply' })),
    'mask.remove': withLayer(({ layer: { id, mask } }) => (mask ? app.do('layer.mask', { layer: id, from: 'none' }) : app.refuse('This layer has no mask.'))),
    'layer.clip': withLayer(({ layer: found }) => app.setLayer({ clip: !found.clip })),
    'layer.lock': withLayer(({ layer: found }) => app.setLayer({ locked: !found.locked })),
    // Selects what a generative tool drew, and brings back the words that it was asked for.
    'layer.again': withLayer(async ({ layer: found }) => (await app.generating.load())?.again(found)),
    'layer.up': moveBy(1),
    'layer.down': moveBy(-1),
    'layer.above': chooseBy(1),
    'layer.below': chooseBy(-1),
  };
}
