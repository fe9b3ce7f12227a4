// Pictures that come from the clipboard, or are dropped onto the page.
import { say } from './say.js';
import { placeOf } from './tree.js';
import { word } from './words.js';

/** Adds a picture as a layer around a point, or in the middle of what is seen. */
export async function paste(app, blob, at = null, name = '') {
  const place = placeOf(app.state.layers, app.layer);
  const { x, y } = at ?? app.view.toPicture(app.view.width / 2, app.view.height / 2);
  app.status(word('working'));
  try {
    app.wanted = await app.link.ask('paste', { blob: await blob, above: place?.layer.id ?? null, group: place?.parent ?? null, name: name || word('pasted'), x: Math.round(x), y: Math.round(y) });
    app.layer = app.wanted;
    app.parts.layers.show();
    say(word('pastedSaid'));
  } catch (error) {
    app.refuse(error.message);
  }
  app.status('');
}
