// The tools by name, in the order of the bar.
import { GENERATIVE, generative } from '../generating.js';
import { framed } from '../geometry.js';
import { brush } from './brush.js';
import { later } from './later.js';
import { hand, move, zoom } from './others.js';

const colours = (name) => later(name, async () => (await import('./colours.js'))[name]());
const selects = (name, kind, is) => later(name, async () => (await import('./select.js'))[kind](name), is);

/** Tools that change pixels by other pixels. */
const retouches = (name) => later(
  name, async () => (await import('../retouch/tools.js')).TOOLS[name](), { paints: true, retouches: true }, ['clone', 'healing'].includes(name) ? ['mark', 'ask'] : [],
);

export function allTools() {
  const tools = [
    move(), framed('crop'), framed('transform'), framed('mesh'), selects('rectangle', 'box'), selects('ellipse', 'box'), selects('lasso', 'lasso'), selects('polygon', 'polygon'),
    later('quick', async () => (await import('./quick.js')).quick(), { paints: true }), later('object', async () => (await import('./object.js')).object()), selects('wand', 'wand'), selects('colour', 'wand'), brush('brush'), brush('eraser'),
    selects('heal', 'lasso'), ...['clone', 'healing', 'spot', 'redeye', 'dodge', 'burn', 'smudge', 'liquify'].map(retouches), colours('fill'), colours('gradient'), colours('pick'), framed('shape', 'shapes'), framed('pen', 'shapes'), later('text', async () => (await import('../text/writing.js')).writing(), {}, ['again', 'finish', 'restore']),
    ...GENERATIVE.map(generative), hand(), zoom(),
  ];
  return new Map(tools.map((tool) => [tool.name, tool]));
}
