// What the page hears of the document: its layers and history, small pictures of them, the edge of the selection.
import { planePrint } from './compositor.js';
import { walk } from './layers.js';
import { thumbOf } from './thumbs.js';

const HISTORY_SHOWN = 60;
const THUMB = 64;
const THUMBS_AFTER = 250;

export const tell = (message, transfer) => self.postMessage(message, transfer);

export class Reports {
  constructor(session) {
    this.session = session;
    this.thumbs = new Map();
    this.thumbTimer = 0;
  }

  announce() {
    const { document, history } = this.session;
    const brief = (layer) => ({
      id: layer.id, name: layer.name, group: layer.group, visible: layer.visible, opacity: layer.opacity, mode: layer.mode, clip: layer.clip,
      lock_alpha: layer.lock_alpha, locked: layer.locked, through: layer.through, mask: layer.mask !== null, mask_on: layer.mask_on,
      adjust: layer.adjust, shape: layer.shape, text: layer.text, place: layer.place?.map(Number), words: layer.words, job: layer.job,
      children: layer.children.map(brief),
    });
    tell({
      type: 'state', width: document.width, height: document.height, layers: document.layers.map(brief), selected: document.selection !== null,
      canUndo: history.canUndo, canRedo: history.canRedo, history: history.summary(HISTORY_SHOWN),
    });
    clearTimeout(this.thumbTimer);
    this.thumbTimer = setTimeout(() => this.sendThumbs(), THUMBS_AFTER);
  }

  sendThumbs() {
    const { document, kernels } = this.session;
    for (const layer of walk(document.layers)) {
      for (const [part, plane] of [['pixels', layer.group || layer.adjust ? null : layer.pixels], ['mask', layer.mask]]) {
        if (!plane) continue;
        const key = `${layer.id} ${part}`;
        const print = planePrint(plane, document.size);
        if (this.thumbs.get(key) === print) continue;
        this.thumbs.set(key, print);
        const thumb = thumbOf(kernels, plane, document.size, THUMB);
        tell({ type: 'thumb', layer: layer.id, part, ...thumb });
      }
    }
  }

  async outline() {
    if (!this.session.document.selection) {
      tell({ type: 'outline', selected: false });
      return;
    }
    const { edgesOf } = await import('./edges.js');
    const { selection, size } = this.session.document; // as it is by now
    if (selection) tell({ type: 'outline', selected: true, ...edgesOf(selection, size) });
  }
}
