// The editor's page: looks at what the browser can do, starts the worker, and brings the controls to life.
import { App } from './app.js';
import { early, missing } from './early.js';
import { Effects } from './effects.js';
import { Generating } from './generating.js';
import { Geometry } from './geometry.js';
import { Later } from './later.js';
import { Link } from './link.js';
import { useSprite } from './make.js';
import { Options } from './options.js';
import { Overlay } from './overlay.js';
import { nameOf } from './panels/history.js';
import './panels/layers.js';
import './panels/properties.js';
import { Pointer } from './pointer.js';
import { Shapes } from './shapes.js';
import { say, sayIn, toast } from './say.js';
import { allTools } from './tools/all.js';
import { View } from './view.js';
import { readWords, sentenceOf, word } from './words.js';

const AFTERWARDS = 1500; // ms after the document is open
const QUIET = 20_000; // ms without a change after which pixels are compared with the server's
const root = document.querySelector('[data-editor]');
const part = (name) => root.querySelector(`[data-part=${name}]`);
readWords(document.getElementById('editor-words'));
sayIn(document.getElementById('editor-said'));
useSprite(root.dataset.sprite);

function viewOnly() {
  root.dataset.state = 'view';
  part('wait').hidden = true;
  part('lacking').hidden = false;
  const picture = part('still');
  if (root.dataset.still) {
    picture.src = root.dataset.still;
    picture.hidden = false;
  }
}

function start() {
  const stage = part('stage');
  const view = new View();
  const overlay = new Overlay(part('overlay'), view);
  const link = new Link(early);
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  let storage = null;
  try {
    storage = localStorage;
  } catch {
    // Not allowed; the tools begin with their first values each time.
  }
  const app = new App({ link, view, options: new Options(storage, root.dataset.penPressure), tools: allTools(), overlay, mac });
  app.nameOf = nameOf;
  app.parts = {
    root, stage, ring: part('ring'), zoom: part('zoom'), place: part('place'), compare: part('compare'), layers: root.querySelector('layer-list'),
    properties: root.querySelector('tool-options'), history: root.querySelector('history-list'),
    results: part('results'), effect: part('effect'),
  };
  app.sheet = sheet;
  app.cursor = crosshair(app);
  app.pointer = new Pointer(app, stage);
  app.numbers = onDemand(app, async () => new (await import('./numbers.js')).Numbers(app, document.getElementById('editor-numbers')));
  app.palette = onDemand(app, async () => new (await import('./help/palette.js')).Palette(app, document.getElementById('editor-palette')));
  app.shortcuts = onDemand(app, async () => new (await import('./panels/shortcuts.js')).Shortcuts(app, document.getElementById('editor-shortcuts')));
  const { dataset } = root;
  const server = { token: dataset.token, addresses: { export: dataset.export, flatten: dataset.flatten, check: dataset.check, rename: dataset.rename, versions: dataset.versions } };
  app.saving = onDemand(app, async () => new (await import('./files/saving.js')).Saving(app, document.getElementById('editor-export'), server));
  app.flattening = onDemand(app, async () => new (await import('./files/flattening.js')).Flattening(app, document.getElementById('editor-flatten'), server));
  app.generating = new Generating(app, dataset);
  app.effects = new Effects(app);
  app.geometry = new Geometry(app);
  app.shapes = new Shapes(app);
  app.names = new Later(app, async () => new (await import('./files/names.js')).Names(app, document.getElementById('editor-name'), part('title'), server));
  app.parts.properties.start(app);
  app.parts.layers.start(app);
  app.parts.history.start(app);
  stage.dataset.tool = app.tool.name;
  listen(app);
  colours(app);
  const size = measure(app);
  const canvas = part('picture').transferControlToOffscreen();
  link.tell('start', { canvas, size, backdrop: getComputedStyle(stage).backgroundColor, quiet: QUIET }, [canvas]);
  link.hear();
  app.grid = dataset.pixelGrid !== 'off';
  if (!app.grid) link.tell('grid', { on: false });
  globalThis.editor = app; // for tests, and for people who look
}

/** Stands for the crosshair of the keys until one of them is pressed. */
function crosshair(app) {
  return {
    hide() {}, drop() {},
    key(event) {
      if (event.ctrlKey || event.metaKey || !/^(Arrow|Enter$)/.test(event.key) || (event.altKey && !(event.key === 'Enter' && app.tool.mark))) return false;
      app.turns.hold(import('./cursor.js').then(({ Cursor }) => {
        app.cursor = new Cursor(app);
        app.cursor.key(event);
      }, () => app.refuse("The server can't be reached. Try again when you're connected.")));
      return true;
    },
  };
}

/** A dialog whose script is loaded when it is first opened. */
function onDemand(app, load) {
  let part = null;
  return {
    async open(...values) {
      part ??= load();
      try {
        (await part).open(...values);
      } catch (error) {
        part = null;
        console.error(error);
        app.refuse("The server can't be reached. Try again when you're connected.");
      }
    },
  };
}

/** Takes the size of the canvas, in device pixels. */
function measure(app) {
  app.ratio = devicePixelRatio;
  const box = app.parts.stage.getBoundingClientRect();
  const size = [Math.max(1, Math.round(box.width * app.ratio)), Math.max(1, Math.round(box.height * app.ratio))];
  app.view.resize(...size);
  app.overlay.resize(...size, app.ratio);
  return size;
}

function listen(app) {
  const { link, view } = app;
  link.on('ready', ({ width, height }) => {
    Object.assign(view, { pictureWidth: width, pictureHeight: height });
    view.fit();
    root.dataset.state = 'ready';
    part('wait').hidden = true;
    app.look();
    theme(app);
    app.showTool();
    if (location.hash === '#layers') app.useTool('generate.layers');
    const isKept = (kind) => app.options.storage?.[`draft:${document.body.dataset.account}:${kind}:${location.pathname}`];
    if (isKept('text')) app.tools.get('text').restore(app);
    else if (isKept('hand')) import('./hand.js').then(({ restore }) => restore(app));
    if (isKept('filter')) app.effects.run('restore');
    say(word('opened', { width, height }));
    // What nobody waits for comes after the picture and the first stroke.
    setTimeout(() => {
      if (root.dataset.hints === 'on') app.help(app.tool.name);
      if (navigator.onLine) app.names.run('load');
      app.generating.begin();
      import('./files/offline.js').then(({ keepPage }) => keepPage(root.dataset.serviceWorker, root.dataset.worker), () => {});
    }, AFTERWARDS);
    new ResizeObserver(() => {
      link.tell('resize', { size: measure(app) });
      app.look();
    }).observe(app.parts.stage);
  });
  link.on('state', (state) => app.take(state));
  link.on('thumb', (thumb) => app.parts.layers.takeThumb(thumb));
  link.on('outline', ({ selected, lines, box }) => {
    app.overlay.outline(lines ?? null);
    app.generating.ready?.outlined(box ?? null);
    say(!selected ? word('selectedNone') : box ? word('selectedSize', { width: box[2] - box[0], height: box[3] - box[1] }) : word('selectedEmpty'));
  });
  link.on('resized', ({ width, height }) => {
    Object.assign(view, { pictureWidth: width, pictureHeight: height });
    view.fit();
    app.look();
  });
  link.on('saved', ({ state, why, waiting }) => saved(app, state, why, waiting));
  // A document that is full is flattened into a new one.
  link.on('refused', ({ sentence, full }) => (full ? app.flattening.open(sentence) : app.refuse(sentence)));
  link.on('rebased', ({ lost, own }) => toast(word(lost ? 'rebasedLost' : own ? 'rebased' : 'takenIn', { count: lost }), lost ? 'warning' : 'info'));
  link.on('together', () => toast(word('otherTab')));
  link.on('unkept', () => {
    part('unkept').hidden = false;
  });
  link.on('failed', ({ sentence }) => {
    app.failed = true;
    link.fail();
    part('wait').hidden = true;
    part('broken').hidden = false;
    part('brokenWhy').textContent = sentenceOf(sentence);
  });
  document.addEventListener('keydown', (event) => {
    if (!app.keys.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  document.addEventListener('keyup', (event) => app.keys.up(event));
  // What is in hand is kept when the page is left or the system takes the pen away.
  document.addEventListener('visibilitychange', () => document.hidden && app.pointer.leave());
  for (const type of ['beforeunload', 'pagehide']) addEventListener(type, () => app.pointer.leave()); // sooner: the worker ends with the page
  addEventListener('blur', () => {
    app.pointer.space = false;
    if (app.comparing) app.compare(false);
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-command]');
    if (button) app.run(button.dataset.command);
  });
  for (const button of root.querySelectorAll('[data-command]')) {
    for (const [name, value] of Object.entries(app.keysOf(button.dataset.command))) button.setAttribute(name, value);
  }
  const { compare } = app.parts;
  compare.addEventListener('pointerdown', () => app.compare(true));
  for (const type of ['pointerup', 'pointerleave', 'pointercancel']) compare.addEventListener(type, () => app.comparing && app.compare(false));
  compare.addEventListener('keydown', (event) => {
    if ([' ', 'Enter'].includes(event.key) && !event.repeat) app.compare(true);
  });
  compare.addEventListener('keyup', () => app.comparing && app.compare(false));
  compare.addEventListener('blur', () => app.comparing && app.compare(false));
  document.addEventListener('paste', (event) => {
    if (event.target.matches?.('input, textarea')) return;
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    const picture = app.copying ?? file;
    if (!picture) return;
    event.preventDefault();
    app.paste(picture);
  });
  const { stage } = app.parts;
  const pictureOf = (event) => [...(event.dataTransfer?.items ?? [])].find(({ kind, type }) => kind === 'file' && type.startsWith('image/'));
  stage.addEventListener('dragover', (event) => {
    if (!pictureOf(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  });
  stage.addEventListener('drop', (event) => {
    const file = pictureOf(event)?.getAsFile();
    if (!file) return;
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    const at = view.toPicture((event.clientX - box.left) * app.ratio, (event.clientY - box.top) * app.ratio);
    app.paste(file, at, file.name.replace(/\.\w+$/, '').slice(0, 120));
  });
  for (const type of ['pointerover', 'focusin']) document.addEventListener(type, ({ target, pointerType }) => target.closest('button, a, input, select') && app.help(pointerType === 'touch' ? '' : target));
  for (const tab of root.querySelectorAll('[data-sheet]')) tab.addEventListener('click', () => sheet(root.dataset.open === tab.dataset.sheet ? '' : tab.dataset.sheet));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => theme(app));
  addEventListener('online', () => link.tell('sync'));
}

/** Colours that the canvases draw with, from the style sheet. */
function theme(app) {
  const style = getComputedStyle(root);
  app.overlay.colours = { text: style.getPropertyValue('color'), plane: style.backgroundColor, line: getComputedStyle(part('place')).color };
  app.overlay.frame();
  app.link.tell('look', { view: app.view.values, backdrop: getComputedStyle(app.parts.stage).backgroundColor });
}

/** On a phone one panel at a time rises over the picture; a second press lays it down. */
function sheet(open) {
  root.dataset.open = open;
  for (const other of root.querySelectorAll('[data-sheet]')) other.setAttribute('aria-expanded', String(other.dataset.sheet === open));
}

function colours(app) {
  const { options } = app;
  const [front, back] = [part('front'), part('back')];
  const follow = () => {
    front.value = options.front;
    back.value = options.back;
    app.hover(app.lastHover, app.lastPointer);
  };
  front.addEventListener('input', () => options.setColours(front.value, options.back));
  back.addEventListener('input', () => options.setColours(options.front, back.value));
  options.addEventListener('change', follow);
  follow();
}

function saved(app, state, why, waiting) {
  const place = part('saved');
  const key = { saved: 'saved', saving: 'saving', local: why === 'shut' ? 'savedShut' : 'savedLocal' }[state];
  if (place.dataset.state === state && state !== 'local') return;
  const was = place.dataset.state;
  place.dataset.state = state;
  part('savedWord').textContent = word(key, { count: waiting });
  place.title = word(`${key}.help`, { count: waiting });
  if (state === 'local' && was !== 'local') say(word(key));
}

if (missing) viewOnly();
else start();
