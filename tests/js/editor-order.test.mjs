// In which order a person's acts are done, and what of them is kept: the parts of the editor's page and worker that need no page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keeping } from '../../static/editor/page/effects/keeping.js';
import { Keys } from '../../static/editor/page/keys.js';
import { Kept } from '../../static/editor/page/kept.js';
import { Link } from '../../static/editor/page/link.js';
import { Pointer } from '../../static/editor/page/pointer.js';
import { Area } from '../../static/editor/page/text/area.js';
import { onDocument, onPlane } from '../../static/editor/page/text/values.js';
import { Turns } from '../../static/editor/page/turns.js';
import { History } from '../../static/editor/worker/history.js';

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
const sent = [];
const linked = () => new Link({ worker: { postMessage: (message) => sent.push(message) }, held: [], broken: false });

/** A pointer over a stage, with a tool that writes down what it hears. */
function pointed(is = {}) {
  const heard = [];
  const tool = (name, more) => ({
    name, ...more, down: () => { heard.push(`${name} down`); }, move: (_app, points) => { heard.push(`${name} ${points.map(({ px }) => px)}`); },
    up: () => { heard.push(`${name} up`); }, drop: () => { heard.push(`${name} drop`); },
  });
  const link = linked();
  const app = {
    link, turns: new Turns(link), ratio: 1, view: { toPicture: (x, y) => ({ x, y }) }, tool: tool('pen', is), tools: new Map([['hand', tool('hand', { screen: true })]]),
    mayUse: () => true, cursor: { hide() {} }, hover() {},
  };
  const stage = { addEventListener() {}, getBoundingClientRect: () => ({ left: 0, top: 0 }), focus() {}, setPointerCapture() {} };
  const pointer = new Pointer(app, stage);
  const act = (type, x, more = {}) => pointer[type]({ pointerId: 1, pointerType: 'mouse', button: 0, timeStamp: 0, clientX: x, clientY: 0, preventDefault() {}, ...more });
  return { app, link, pointer, heard, act };
}

test('what waits has its turn once the worker has failed, and a late answer changes nothing', async () => {
  const link = linked();
  const turns = new Turns(link);
  const done = [];
  const asked = link.ask('do');
  turns.take(() => done.push('view'));
  assert.deepEqual(done, []);
  link.fail();
  await soon();
  assert.deepEqual(done, ['view']);
  link.take({ answer: link.count, value: 7 });
  assert.equal(await asked, 7);
  assert.equal(turns.busy, false);
  link.ask('undo'); // which nobody answers any more
  assert.equal(turns.busy, false);
});

test('the view is moved while an operation is under way, and a stroke waits for it', async () => {
  const { link, heard, act } = pointed();
  const asked = link.ask('do');
  for (const type of ['pointerdown', 'pointermove', 'pointerup']) act(type, 3, { button: 1 });
  assert.deepEqual(heard, ['hand down', 'hand 3', 'hand up']);
  for (const type of ['pointerdown', 'pointermove', 'pointerup']) act(type, 4);
  assert.equal(heard.length, 3);
  link.take({ answer: link.count });
  await asked;
  await soon();
  assert.deepEqual(heard.slice(3), ['pen down', 'pen 4', 'pen up']);
});

test('a tool of the view waits for what was pressed before, which may be another tool', async () => {
  const { app, link, heard, act } = pointed({ screen: true });
  link.ask('do');
  app.turns.take(() => { app.tool = app.tools.get('hand'); });
  act('pointerdown', 3);
  assert.deepEqual(heard, []);
  link.take({ answer: link.count });
  await soon();
  assert.deepEqual(heard, ['hand down']);
});

test('a gesture that is given up before its turn takes nothing back', async () => {
  const { link, pointer, heard, act } = pointed();
  link.ask('do');
  act('pointerdown', 3);
  act('pointermove', 4);
  pointer.drop();
  link.take({ answer: link.count });
  await soon();
  assert.deepEqual(heard, []);
});

test('a gesture ends with all its points where the page is left, though something is under way', () => {
  const { link, pointer, heard, act } = pointed();
  act('pointerdown', 3);
  link.ask('do');
  act('pointermove', 4);
  act('pointermove', 5);
  pointer.leave();
  assert.deepEqual(heard, ['pen down', 'pen 4', 'pen 5', 'pen up']);
});

test('keys of a curve are its own, also while something is under way', () => {
  const stage = {};
  const keys = new Keys({ parts: { stage }, tool: {}, turns: { busy: true } });
  const target = { matches: (selector) => selector === '.effect-curve' };
  const press = (key, more = {}) => ({ key, target, ctrlKey: false, metaKey: false, altKey: false, ...more });
  assert.equal(keys.expects(press('Delete'), { command: 'clear' }), false);
  assert.equal(keys.expects(press('Escape'), null), true);
  assert.equal(keys.expects(press('z', { ctrlKey: true }), { command: 'undo' }), true);
});

/** Keys of a page on which something is under way and the text tool is chosen; `type` takes a letter where a text is there. */
function written(type) {
  const turned = [];
  const [stage, body] = [{ dataset: {} }, {}];
  globalThis.document = { body, querySelector: () => null };
  const app = {
    parts: { stage }, tool: { name: 'text', type }, turns: { busy: true, take: (work) => turned.push(work) }, pointer: { space: false }, generating: {}, cursor: { key: () => false },
    comparing: false, compare: (on) => { app.comparing = on; },
  };
  const press = (key, target = stage) => ({ key, target, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false });
  return { app, keys: new Keys(app), turned, press, stage, body };
}

test('a key that lasts while it is held is a letter of a text that opens, or comes too late', () => {
  const typed = [];
  let takes = true;
  const { app, keys, turned, press } = written(({ key }) => takes && typed.push(key) > 0);
  for (const takesNow of [true, false]) {
    for (const key of [' ', String.fromCharCode(92)]) assert.equal(keys.key(press(key)), true);
    for (const key of [' ', String.fromCharCode(92)]) keys.up(press(key));
    takes = takesNow;
    for (const work of turned.splice(0)) work();
    assert.deepEqual([app.pointer.space, app.comparing], [false, false]);
  }
  assert.deepEqual(typed, [' ', String.fromCharCode(92)]);
});

test('a press on a control is no letter of a text, though the text tool is chosen', () => {
  const { keys, turned, press, body } = written(() => false);
  const control = { matches: () => false };
  const curve = { matches: (selector) => selector === '.effect-curve' };
  assert.equal(keys.key(press('x', body)), true);
  assert.equal(turned.length, 1);
  for (const [key, target] of [['5', curve], ['Delete', curve], ['Enter', control]]) assert.equal(keys.key(press(key, target)), false);
  assert.equal(turned.length, 1);
  assert.equal(keys.key(press(' ', control)), false);
  assert.equal(turned.length, 1);
});

test('a text that is full takes no letter more, but in place of others', () => {
  const area = {
    value: 'a'.repeat(5000), selectionStart: 5000, selectionEnd: 5000,
    setRangeText(letters, from, to) { this.value = this.value.slice(0, from) + letters + this.value.slice(to); },
  };
  globalThis.document = { activeElement: area };
  const typed = (key) => {
    assert.equal(Area.prototype.type.call({ area, typed() {} }, { key }), true);
    return [area.value.length, area.value.at(-1)];
  };
  assert.deepEqual(typed('b'), [5000, 'a']);
  assert.deepEqual(typed('Enter'), [5000, 'a']);
  area.selectionStart = 4999;
  assert.deepEqual(typed('c'), [5000, 'c']);
  area.selectionStart = 5000;
  assert.deepEqual(typed('Backspace'), [4999, 'a']);
  area.selectionStart = area.selectionEnd = 4999;
  assert.deepEqual(typed('d'), [5000, 'd']);
});

test('an undo leads back over a step of several operations, and nowhere else whatever a log says', () => {
  let at = [];
  const document = { snapshot: () => at, restore: (state) => { at = state; }, apply: ({ id }) => { at = [...at, id]; } };
  const history = (...operations) => {
    at = [];
    const made = new History(document);
    for (const [id, parent, back] of operations) made.know({ id, parent, body: back ? { back } : {} });
    return made;
  };
  const steps = [['a', null], ['b', 'a'], ['c', 'b', 'a'], ['d', 'c'], ['e', 'd', 'c'], ['x', 'a']];
  const made = history(...steps);
  made.goTo('e');
  made.undo();
  assert.equal(made.head, 'c');
  assert.deepEqual(at, ['a', 'b', 'c']);
  made.undo();
  assert.equal(made.head, 'a');
  const branched = history(['a', null], ['b', 'a'], ['c', 'a', 'b']); // strokes drawn again, larger, in place of b
  branched.goTo('c');
  branched.undo();
  assert.deepEqual([branched.head, at], ['b', ['a', 'b']]);
  for (const back of ['f', 'g', 'nowhere']) {
    const hostile = history(...steps, ['f', 'e', back], ['g', 'f']);
    hostile.goTo('f');
    hostile.undo();
    assert.equal(hostile.head, 'e', back);
  }
  // After a reload a redo does what it did before: step by step.
  const opened = history(...steps.slice(0, 5), ['f', 'e', 'a']); // which somebody sent: a step back over two
  opened.goTo('b');
  opened.lookAhead();
  assert.deepEqual(opened.redo, ['f', 'e', 'c']);
});

test('a draft that finds no room leaves no older one in its place', () => {
  const items = new Map([['draft:nobody:hand:/', 'older']]);
  Object.assign(globalThis, {
    document: { body: { dataset: {} } }, location: { pathname: '/' },
    localStorage: { setItem: () => { throw new Error('QuotaExceededError'); }, removeItem: (key) => items.delete(key) },
  });
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true });
  new Kept('hand').put({ tool: 'pen' });
  assert.equal(items.size, 0);
});

test('a filter that is begun while the one before is on its way to the disk is kept', async () => {
  const items = new Map();
  const held = new Set();
  const request = async (name, _options, hold) => {
    if (held.has(name)) return hold(null);
    held.add(name);
    await hold({});
    return held.delete(name);
  };
  Object.assign(globalThis, {
    document: { body: { dataset: {} } }, location: { pathname: '/' },
    localStorage: { setItem: (key, value) => items.set(key, value), removeItem: (key) => items.delete(key) },
  });
  Object.defineProperty(globalThis, 'navigator', { value: { locks: { request } }, configurable: true, writable: true });
  let write = null;
  const keeping = new Keeping({ state: { width: 1, height: 1, history: { head: 'a' } }, link: { ask: () => new Promise((resolve) => { write = resolve; }) } });
  keeping.hold({ layer: 'base', values: { kind: 'noise' } });
  await soon();
  const over = keeping.drop(true);
  keeping.hold({ layer: 'base', values: { kind: 'pixelate' } });
  write();
  await over;
  await soon();
  assert.equal(JSON.parse(items.get('draft:nobody:filter:/')).values.values.kind, 'pixelate');
  const last = keeping.drop(true);
  write();
  await last;
  await soon();
  assert.deepEqual([items.size, held.size], [0, 0]);
});

test('a point goes from the document to the plane of a text and back', () => {
  for (const place of [null, [1, 0, 30, 0, 1, 20, 0, 0, 1], [4, -2, 100, 2, 4, -60, 0, 0, 8], [1000, 20, 3000, -40, 900, 500, 0.4, -0.1, 1000]]) {
    const on = onPlane(place, 70, 41);
    const back = onDocument(place, on.x, on.y);
    assert.ok(Math.hypot(back.x - 70, back.y - 41) < 1e-9);
  }
});
