// What a person has typed and chosen for each generative tool. Kept in this browser as a draft, under the account's key, so that
// neither a reload nor a refusal loses it; see static/js/drafts.js, which also removes what is old.

export const LOCAL = 'local'; // the model that is none: pixels from around, on this device
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const KEPT = ['words', 'model', 'variants', 'strength', 'scale'];

const fresh = () => ({ words: '', model: null, variants: 2, strength: null, scale: null, box: null, seen: null, sides: null, whole: false });

export class Asked {
  constructor() {
    this.tools = new Map();
  }

  keyOf(tool) {
    return `draft:${document.body.dataset.account ?? 'nobody'}:generate-${tool}:${location.pathname}`;
  }

  of(tool) {
    if (!this.tools.has(tool)) this.tools.set(tool, { ...fresh(), ...(tool === 'layers' ? { variants: 4 } : {}), ...this.read(tool) });
    return this.tools.get(tool);
  }

  read(tool) {
    try {
      const kept = JSON.parse(localStorage.getItem(this.keyOf(tool)) ?? 'null');
      if (!kept || Date.now() - kept.at > KEPT_MS) return {};
      return Object.fromEntries(KEPT.filter((name) => name in kept.values).map((name) => [name, kept.values[name][0]]));
    } catch {
      return {}; // no storage, or something else wrote there
    }
  }

  /** What was ordered is a draft no more; the order holds its words. */
  sent(tool) {
    try {
      localStorage.removeItem(this.keyOf(tool));
    } catch {
      // There is no storage, so there is no draft.
    }
  }

  keep(tool) {
    const mine = this.of(tool);
    const values = Object.fromEntries(KEPT.map((name) => [name, [mine[name]]]));
    try {
      localStorage.setItem(this.keyOf(tool), JSON.stringify({ at: Date.now(), values }));
    } catch {
      // No room, or not allowed: it holds until the page is left.
    }
  }
}
