// What helps people to find their way: tooltips, arrow keys along bars, and a sentence for each tool the first time it is chosen.
// Loaded with the first control that is pointed at or focused.
import { Bars } from './bars.js';
import { Hints } from './hints.js';
import { Tooltips } from './tooltips.js';

let parts = null;

/** what: an element that is pointed at or focused, or the name of the tool that was chosen. */
export function help(app, what) {
  parts ??= { bars: new Bars(), hints: new Hints(app), tooltips: new Tooltips(app.parts.root) };
  // Of several tools in quick succession, the last one counts: what was asked for first needn't arrive first.
  if (what === app.tool.name) parts.hints.chosen(what);
  else if (typeof what !== 'string') parts.tooltips.reached(what);
  return parts;
}
