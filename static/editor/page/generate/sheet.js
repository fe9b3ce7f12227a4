// On a phone the settings of a generative tool rise over the picture as soon as they are of use, and what is worked on moves up
// from under them; once something is ordered they go down again.
import { toast } from '../say.js';

export class Sheet {
  constructor(generation) {
    this.generation = generation;
    this.app = generation.app;
    this.wasFitted = false; // the whole picture was seen before
  }

  /** A tool was chosen; `lacking` says what has to be done on the picture first, if anything. */
  rise(lacking) {
    if (!lacking) {
      this.open();
      return;
    }
    this.app.sheet('');
    if (matchMedia('(width < 60rem)').matches) toast(lacking);
  }

  open() {
    const { view, parts, ratio, state, sheet } = this.app;
    sheet('properties');
    const [stage, panels] = [parts.stage, parts.root.querySelector('.editor-panels')].map((part) => part.getBoundingClientRect());
    if (panels.width < stage.width || panels.top >= stage.bottom) return;
    this.wasFitted ||= view.fitted;
    const [, top, , bottom] = this.generation.frame.box ?? this.generation.selectedBox ?? [0, 0, state.width, state.height];
    view.pan(0, ((panels.top - stage.top) / 2) * ratio - view.toScreen(0, (top + bottom) / 2).y);
    this.app.look();
  }

  close() {
    this.app.sheet('');
    if (!this.wasFitted) return;
    this.wasFitted = false;
    this.app.view.fit();
    this.app.look();
  }
}
