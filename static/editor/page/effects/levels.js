// Levels: how often each value is there, and what becomes black, white and the middle of it, for all channels or one.
import { CHANNELS, NEUTRAL_LEVELS } from '../../worker/kinds.js';
import { make } from '../make.js';
import { slider } from '../panels/properties.js';
import { word } from '../words.js';
import { choiceOf } from './fields.js';
import { counts, drawHistogram } from './histogram.js';

const NAMES = ['black', 'gamma', 'white', 'lowest', 'highest'];
const BOUNDS = [[0, 253], [10, 999], [2, 255], [0, 255], [0, 255]];
const CLIPPED = 0.002; // of the pixels that «Auto» lets become wholly black or white

export class Levels {
  constructor(panel) {
    this.panel = panel;
    this.channel = 'all';
    this.adjust = {};
    this.canvas = make('canvas', { class: 'effect-histogram', width: 256, height: 80, role: 'img', 'aria-label': word('effect.histogram') });
    this.rows = NAMES.map((name, i) => slider({
      id: `effect-${name}`, name, label: word(`effect.${name}`), min: BOUNDS[i][0], max: BOUNDS[i][1], neutral: NEUTRAL_LEVELS[i], unit: '', ...(name === 'gamma' ? { scale: 100, curve: true } : {}),
      preview: (value) => panel.preview(this.changed(i, value)), change: (value) => panel.set(this.changed(i, value)),
    }));
    const choice = choiceOf('effect-channel', word('effect.channel'), CHANNELS.map((each) => [each, word(`channel.${each}`)]), 'all', (value) => {
      this.channel = value;
      this.take(this.adjust);
      this.draw();
    });
    this.elements = [choice, this.canvas, ...this.rows];
    this.actions = [make('button', { type: 'button', class: 'button button-small', text: word('effect.auto'), on: { click: () => this.auto() } })];
    this.neutral = Object.fromEntries(CHANNELS.map((each) => [each, NEUTRAL_LEVELS]));
    this.load();
  }

  async load() {
    this.counts = await counts(this.panel.app, this.panel.layer);
    this.draw();
  }

  draw() {
    if (this.counts) drawHistogram(this.canvas, this.counts, this.channel);
  }

  take(adjust) {
    this.adjust = adjust;
    this.now.forEach((value, i) => this.rows[i].take(value));
  }

  get now() {
    return this.adjust[this.channel] ?? NEUTRAL_LEVELS;
  }

  /** The channel's values with one of them changed; black stays below white. */
  changed(index, value) {
    const values = [...(this.panel.values[this.channel] ?? NEUTRAL_LEVELS)];
    values[index] = value;
    if (index === 0) values[2] = Math.max(values[2], value + 2);
    if (index === 2) values[0] = Math.min(values[0], value - 2);
    return { [this.channel]: values };
  }

  /** Stretches each channel over all values, but for the few pixels at its ends. */
  auto() {
    if (!this.counts) return;
    const values = {};
    CHANNELS.slice(1).forEach((channel, i) => {
      const list = this.counts[i];
      const most = list.reduce((sum, count) => sum + count, 0) * CLIPPED;
      const end = (order) => {
        let sum = 0;
        return order.find((v) => (sum += list[v]) > most) ?? order[0];
      };
      const order = Array.from({ length: 256 }, (_, v) => v);
      const black = Math.min(253, end(order));
      values[channel] = [black, 100, Math.max(black + 2, end(order.reverse())), 0, 255];
    });
    this.panel.set({ all: NEUTRAL_LEVELS, ...values });
  }
}
