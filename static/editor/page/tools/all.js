// The tools by name, in the order of the bar.
import { GENERATIVE, generative } from '../generating.js';
import { framed } from '../geometry.js';
import { brush } from './brush.js';
import { fill, gradient, hand, move, pick, zoom } from './others.js';
import { quick } from './quick.js';
import { box, lasso, polygon, wand } from './select.js';

export function allTools() {
  const tools = [
    move(), framed('crop'), framed('transform'), box('rectangle'), box('ellipse'), lasso('lasso'), polygon(), quick(), wand('wand'), wand('colour'), brush('brush'), brush('eraser'), lasso('heal'),
    fill(), gradient(), pick(), ...GENERATIVE.map(generative), hand(), zoom(),
  ];
  return new Map(tools.map((tool) => [tool.name, tool]));
}
