// What the command palette offers: every tool, command, adjustment, filter and look, each with its name, group and keys.
import { LOOKS, SAMPLES } from '../effects/samples.js';
import { KEYS, shortcutOf, textOf } from '../keymap.js';
import { placeOf } from '../tree.js';
import { FILTERS } from '../../worker/kinds.js';
import { word } from '../words.js';

// What is done while a key is held, and what has a key for each of ten values, is no command to be chosen from a list.
const HELD = new Set(['pan.hold', 'compare.hold', 'opacity.digit', 'box.move', 'box.size', 'box.other', 'palette']);
const GROUPS = { select: 'select', mask: 'layers', layer: 'layers', orient: 'sizes', retouch: 'tools', text: 'edit', flatten: 'file', export: 'file', rename: 'file', version: 'file' };
const GROUP_OF = new Map(KEYS.flatMap(({ group, keys }) => keys.map(({ command }) => [command, group])));

const layerOf = (app) => placeOf(app.state.layers, app.layer)?.layer;
const painted = (name) => (app) => app.tool.paints && app.options.has(app.tool.name, name);
/** Commands that do nothing where this isn't so. */
const ONLY = {
  'retouch.source': (app) => app.tool.ask, 'text.edit': (app) => layerOf(app)?.text, 'text.pixels': (app) => layerOf(app)?.text ?? layerOf(app)?.shape, 'layer.again': (app) => layerOf(app)?.words,
  'size.down': painted('size'), 'size.up': painted('size'), 'hardness.down': painted('hardness'), 'hardness.up': painted('hardness'),
};

export function groupOf(command) {
  return GROUP_OF.get(command) ?? GROUPS[command.split('.')[0]] ?? 'edit';
}

/** Names of commands in the order of the palette, without adjustments, which come with their own. */
export function namesOf(app) {
  const known = [...GROUP_OF.keys(), ...Object.keys(app.commands)].filter((command) => !HELD.has(command) && (command === 'adjust.add' || !command.startsWith('adjust.')));
  return [...new Set(known)];
}

export function entriesOf(app) {
  const { root } = app.parts;
  const keysOf = (command) => (shortcutOf(command) ? textOf(shortcutOf(command), app.mac) : '');
  const entry = (command, run, group = groupOf(command)) => ({ command, name: word(command), group: word(`keys.${group}`), keys: keysOf(command), run });
  const isThere = (command) => (command.startsWith('tool.') ? root.querySelector(`[data-command="${command}"]`) : (ONLY[command]?.(app) ?? !(command in ONLY)));
  const filter = (kind) => () => app.mayUse(app.tools.get('fill')) && app.effects.run('begin', kind);
  return [
    ...namesOf(app).filter(isThere).map((command) => entry(command, () => (command === 'paste' ? paste(app) : app.run(command)))),
    ...Object.keys(SAMPLES).map((kind) => entry(`adjust.${kind}`, () => app.effects.run('add', kind), 'effects')),
    ...Object.entries(LOOKS).map(([name, parts]) => entry(`look.${name}`, () => app.effects.run('addLook', word(`look.${name}`), parts), 'effects')),
    ...Object.keys(FILTERS).map((kind) => entry(`filter.${kind}`, filter(kind), 'effects')),
    entry('compare', () => app.compare(!app.comparing), 'view'),
    entry('hints', async () => (await import('./help.js')).help(app, root).hints.turn(root.dataset.hints !== 'on'), 'view'),
  ];
}

/** Pastes without the key, which needs the browser's leave. */
async function paste(app) {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((each) => each.startsWith('image/'));
      if (!type) continue;
      await app.paste(await item.getType(type));
      return;
    }
    app.refuse('There is no picture in the clipboard.');
  } catch {
    app.refuse("The clipboard can't be read. Allow this page to use it, or press Ctrl+V.");
  }
}
