// <job-card>: an unfinished job. Follows the stream of events; fetches itself again when the job ends.

import { announce } from "./announce.js";
import { watch } from "./job-stream.js";
import { stageWords, timeLeft } from "./job-words.js";

const POLL_MS = 3_000;
// A stream that a proxy keeps back looks like one on which nothing happens: ask once in a while.
const QUIET_MS = 20_000;
const REFUSED = new Set([401, 403, 404, 409, 410]);

class JobCard extends HTMLElement {
  #unwatch = null;
  #timer = 0;
  #revision = -1;
  #isFailing = false;
  #isLeaving = false;
  #isRefused = false;

  connectedCallback() {
    if (!this.#isLive) return;
    this.addEventListener("htmx:finally:request", this);
    this.#unwatch = watch(this.dataset.stream, this.dataset.person, {
      heard: (event) => this.#hear(event),
      failing: (is) => {
        this.#isFailing = is;
        this.#wait();
      },
    });
    this.#wait();
  }

  disconnectedCallback() {
    this.removeEventListener("htmx:finally:request", this);
    this.#unwatch?.();
    this.#unwatch = null;
    clearTimeout(this.#timer);
  }

  /** Logged out, or gone: asking again would only be refused again. */
  handleEvent({ detail: { ctx } }) {
    if (ctx.sourceElement === this) this.#isRefused = REFUSED.has(ctx.response?.status);
  }

  get #isLive() {
    return this.dataset.state === "queued" || this.dataset.state === "running";
  }

  #wait() {
    clearTimeout(this.#timer);
    if (this.#isRefused) return;
    this.#timer = setTimeout(() => this.#refresh(), this.#isFailing ? POLL_MS : QUIET_MS);
  }

  #hear(event) {
    if (event.id !== this.dataset.job || event.revision < this.#revision || this.#isLeaving) return;
    this.#revision = event.revision;
    this.#wait();
    const words = vocabulary();
    if (event.state !== this.dataset.state) {
      announce(words[`said_${event.state}`]);
      if (event.state !== "running" && event.state !== "queued") {
        this.#isLeaving = true;
        this.#refresh();
        return;
      }
      this.dataset.state = event.state;
    }
    this.#say("[data-stage]", stageWords(event, words));
    this.#say("[data-left]", timeLeft(event, words));
    this.#measure(event);
    this.querySelectorAll("[data-frame]").forEach((frame, index) => {
      frame.dataset.state = event.state;
      if (event.previews?.[index]) this.#show(frame, event.previews[index]);
    });
  }

  #say(selector, sentence) {
    const place = this.querySelector(selector);
    if (place && place.textContent !== sentence) place.textContent = sentence;
  }

  #measure(event) {
    const bar = this.querySelector("progress");
    if (!bar) return;
    if (event.state === "running" && event.of) {
      bar.max = event.of;
      bar.value = event.step;
    } else {
      bar.removeAttribute("value");
    }
    bar.hidden = event.state === "queued";
  }

  /** The next preview takes over when it is there, so that nothing flashes. */
  #show(frame, url) {
    if (frame.dataset.preview === url) return;
    frame.dataset.preview = url;
    const next = new Image();
    next.className = "job-preview";
    next.alt = "";
    next.decoding = "async";
    next.onload = () => {
      if (frame.dataset.preview !== url) return;
      const last = frame.querySelector(".job-preview");
      if (last) last.replaceWith(next);
      else frame.prepend(next);
    };
    next.src = url;
  }

  async #refresh() {
    try {
      await htmx.ajax("GET", this.dataset.href, { target: this, source: this, swap: "outerHTML" });
    } finally {
      // Still here: the server was away, or the job goes on.
      if (this.isConnected) {
        this.#isLeaving = false;
        this.#wait();
      }
    }
  }
}

let said = null;

function vocabulary() {
  said ??= JSON.parse(document.getElementById("job-words")?.textContent ?? "{}");
  return said;
}

customElements.define("job-card", JobCard);
