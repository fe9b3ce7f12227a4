// Every key of the editor, in one table: it is what keys do, and what tooltips, aria-keyshortcuts and the list of shortcuts say.
// ctrl stands for Ctrl or Cmd. A letter is the one that the keyboard's layout has there; see `letterOf`.

const row = (command, key, more = {}) => ({ command, key, ...more });
const ctrl = true;
const shift = true;
const alt = true;

export const KEYS = [
  { group: 'tools', keys: [
    row('tool.move', 'v'), row('tool.rectangle', 'm'), row('tool.ellipse', 'm', { shift }), row('tool.lasso', 'l'), row('tool.polygon', 'l', { shift }),
    row('tool.quick', 'a'), row('tool.object', 'a', { alt }), row('tool.wand', 'w'), row('tool.colour', 'w', { shift }), row('tool.brush', 'b'), row('tool.eraser', 'e'), row('tool.heal', 'j', { alt }),
    row('tool.clone', 's'), row('tool.healing', 'j'), row('tool.spot', 'j', { shift }), row('tool.redeye', 'y'), row('tool.dodge', 'o'), row('tool.burn', 'o', { shift }), row('tool.smudge', 'r'), row('tool.liquify', 'y', { shift }),
    row('tool.text', 't'), row('tool.shape', 'u'), row('tool.pen', 'p'), row('tool.crop', 'c'), row('tool.transform', 't', { alt }), row('tool.mesh', 'w', { alt }),
    row('tool.fill', 'k'), row('tool.gradient', 'g'), row('tool.pick', 'i'), row('tool.hand', 'h'), row('tool.zoom', 'z'),
  ] },
  { group: 'generate', keys: [
    row('tool.generate.fill', 'f', { shift }), row('tool.generate.replace', 'r', { shift }), row('tool.generate.erase', 'e', { shift }),
    row('tool.generate.extend', 'x', { shift }), row('tool.generate.upscale', 'u', { shift }), row('tool.generate.remove_background', 'b', { shift }),
    row('tool.generate.layers', 'd', { shift }),
    row('tool.generate.variations', 'v', { shift }), row('tool.generate.instruct', 'i', { shift }), row('tool.generate.reference', 'p', { shift }),
    row('results', 's', { shift }),
    row('box.move', 'ArrowLeft', { alt, shown: '← → ↑ ↓' }), row('box.size', 'ArrowRight', { alt, shift, shown: '← → ↑ ↓' }),
    row('box.other', 'o', { alt }),
    ...['ArrowRight', 'ArrowUp', 'ArrowDown'].map((key) => row('box.move', key, { alt, hidden: true })),
    ...['ArrowLeft', 'ArrowUp', 'ArrowDown'].map((key) => row('box.size', key, { alt, shift, hidden: true })),
  ] },
  { group: 'view', keys: [
    row('zoom.in', '+', { ctrl }), row('zoom.in', '=', { ctrl, hidden: true }), row('zoom.out', '-', { ctrl }), row('zoom.fit', '0', { ctrl }), row('zoom.full', '1', { ctrl }),
    row('pan.hold', ' '), row('compare.hold', '\\'), row('grid', "'", { ctrl }), row('rulers', 'r', { ctrl, shift }), row('panels', 'F8'),
    row('shortcuts', '?', { anyShift: true }), row('palette', 'k', { ctrl }),
  ] },
  { group: 'paint', keys: [
    row('size.down', '['), row('size.up', ']'), row('hardness.down', '{', { anyShift: true }), row('hardness.up', '}', { anyShift: true }),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((digit) => row('opacity.digit', String(digit), { hidden: digit !== 1 })),
    row('colours.swap', 'x'), row('colours.reset', 'd'), row('mask.toggle', 'q'),
  ] },
  { group: 'effects', keys: [
    row('adjust.add', 'a', { shift }), row('adjust.levels', 'l', { ctrl }), row('adjust.curves', 'm', { ctrl }), row('adjust.hue', 'u', { ctrl }),
    row('adjust.balance', 'b', { ctrl }), row('adjust.invert', 'i', { ctrl }), row('filter.add', 'f', { ctrl, shift }),
  ] },
  { group: 'sizes', keys: [
    row('image.size', 'i', { ctrl, alt }), row('canvas.size', 'c', { ctrl, alt }), row('orient.90', '.', { ctrl, alt }), row('orient.270', ',', { ctrl, alt }),
  ] },
  { group: 'edit', keys: [
    row('undo', 'z', { ctrl }), row('redo', 'z', { ctrl, shift }), row('redo', 'y', { ctrl, hidden: true }),
    row('cut', 'x', { ctrl }), row('copy', 'c', { ctrl }), row('copy.merged', 'c', { ctrl, shift }), row('paste', 'v', { ctrl, passive: true }),
    row('clear', 'Delete'), row('clear', 'Backspace', { hidden: true }), row('fill', 'Backspace', { alt }), row('heal', 'Delete', { shift }),
    row('numbers', 'n'),
  ] },
  { group: 'select', keys: [
    row('select.all', 'a', { ctrl }), row('select.none', 'd', { ctrl }), row('select.invert', 'i', { ctrl, shift }),
    row('select.grow', '.', { alt }), row('select.shrink', ',', { alt }), row('select.feather', 'f', { alt }),
  ] },
  { group: 'layers', keys: [
    row('layer.add', 'n', { shift }), row('layer.duplicate', 'j', { ctrl }), row('layer.group', 'g', { ctrl }), row('layer.merge', 'e', { ctrl }),
    row('layer.flatten', 'e', { ctrl, shift }), row('layer.delete', 'Delete', { ctrl }), row('layer.mask', 'm', { alt }), row('layer.clip', 'g', { ctrl, alt }),
    row('layer.lock', '/'), row('layer.up', ']', { ctrl }), row('layer.down', '[', { ctrl }), row('layer.above', ']', { alt }), row('layer.below', '[', { alt }),
  ] },
];

const ROWS = KEYS.flatMap(({ keys }) => keys);
const CODES = { BracketLeft: '[', BracketRight: ']', Backslash: '\\', Slash: '/', Equal: '=', Minus: '-', Quote: "'", Period: '.', Comma: ',' };
const PLAIN = /^[\x20-\x7e]$/;

/** What a key means on any layout: what it types where that is a Latin letter or sign, else what it types on the layout of
 * the United States. So Ctrl+Z is where Swiss, Dvorak and Cyrillic keyboards have it. */
export function letterOf({ key, code }) {
  if (key.length > 1) return key;
  if (PLAIN.test(key)) return key.toLowerCase();
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  if (/^Digit\d$/.test(code)) return code.slice(5);
  return CODES[code] ?? key;
}

/** The row of the table that a key press asks for, or null. */
export function rowOf(event) {
  const letter = letterOf(event);
  // AltGr is how some layouts type [ ] { } \ |; it arrives as Ctrl+Alt.
  const typed = event.getModifierState?.('AltGraph') ?? false;
  const pressed = { ctrl: !typed && (event.ctrlKey || event.metaKey), alt: !typed && event.altKey, shift: event.shiftKey };
  // With Alt held a Mac types another letter.
  const letters = pressed.alt ? [letter, letterOf({ key: 'ß', code: event.code })] : [letter];
  const fits = (entry) =>
    letters.includes(entry.key) && pressed.ctrl === Boolean(entry.ctrl) && pressed.alt === Boolean(entry.alt) &&
    (entry.anyShift || typed || pressed.shift === Boolean(entry.shift));
  return ROWS.find(fits) ?? null;
}

const NAMES = { ' ': 'Space', Delete: 'Del', Backspace: 'Backspace', Tab: 'Tab' };

/** A row's keys as people write them: Ctrl+Shift+Z, or ⇧⌘Z on a Mac. */
export function textOf(entry, mac = false) {
  const key = entry.shown ?? NAMES[entry.key] ?? entry.key.toUpperCase();
  if (mac) return `${entry.alt ? '⌥' : ''}${entry.shift ? '⇧' : ''}${entry.ctrl ? '⌘' : ''}${key}`;
  return [entry.ctrl && 'Ctrl', entry.alt && 'Alt', entry.shift && 'Shift', key].filter(Boolean).join('+');
}

/** A row as aria-keyshortcuts wants it. */
export function ariaOf(entry, mac = false) {
  const key = entry.key === ' ' ? 'Space' : entry.key === '+' ? 'Plus' : entry.key.length === 1 ? entry.key.toUpperCase() : entry.key;
  return [entry.ctrl && (mac ? 'Meta' : 'Control'), entry.alt && 'Alt', entry.shift && 'Shift', key].filter(Boolean).join('+');
}

/** The first row of a command. */
export const shortcutOf = (command) => ROWS.find((entry) => entry.command === command) ?? null;
