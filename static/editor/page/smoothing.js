// Steadies a hand: each sample is drawn towards the pen. It looks only back, so what is drawn never changes afterwards.

export class Smoother {
  /** amount: 0 follows the pen, 100 lags far behind it. */
  constructor(amount) {
    this.share = 1 - 0.92 * Math.sqrt(Math.min(100, Math.max(0, amount)) / 100);
    this.at = null;
    this.pen = null;
  }

  add(sample) {
    this.pen = sample;
    if (!this.at || this.share === 1) this.at = sample;
    else {
      const mixed = (name) => this.at[name] + (sample[name] - this.at[name]) * this.share;
      this.at = { x: mixed('x'), y: mixed('y'), pressure: mixed('pressure') };
    }
    return this.at;
  }

  /** What is missing when the pen is lifted: the way to where it stands. */
  rest() {
    return this.pen && this.at !== this.pen ? [this.pen] : [];
  }
}
