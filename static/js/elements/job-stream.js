// One stream of job events a browser. The tab that holds the lock listens to the server and tells the others:
// six tabs with a stream each would use up every connection that a browser opens to a site over HTTP/1.1.

const RETRY_MS = 10_000;
const FAILURES_BEFORE_POLLING = 3;
const LIVE = new Set(["queued", "running"]);

const streams = new Map();

/**
 * Watch every job of this person: `heard(event)` for each change, `failing(true)` when the stream does not work
 * and the caller should ask by itself, `failing(false)` when it works again. Returns the function that stops it.
 */
export function watch(url, person, { heard, failing }) {
  const name = `image2-jobs-${person}`;
  if (!streams.has(name)) streams.set(name, new JobStream(url, name));
  return streams.get(name).add({ heard, failing });
}

export class JobStream {
  #url;
  #name;
  #watchers = new Set();
  #latest = new Map();
  #channel = null;
  #source = null;
  #letGo = null;
  #waiting = null;
  #retry = 0;
  #failures = 0;
  #isFailing = false;

  constructor(url, name) {
    this.#url = url;
    this.#name = name;
    // A page that sleeps in the back/forward cache must not keep the others from listening.
    addEventListener("pagehide", () => this.#stop());
    addEventListener("pageshow", (event) => {
      if (event.persisted && this.#watchers.size) this.#start();
    });
  }

  add(watcher) {
    for (const event of this.#latest.values()) watcher.heard(event);
    if (this.#isFailing) watcher.failing(true);
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#start();
    return () => {
      this.#watchers.delete(watcher);
      if (!this.#watchers.size) this.#stop();
    };
  }

  #start() {
    if (this.#channel) return;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#fromTab(data);
    if (navigator.locks) this.#queueUp();
    else this.#open(); // an old browser: a stream for each tab
    this.#channel.postMessage({ kind: "hello" });
  }

  #stop() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#waiting?.abort();
    this.#letGo?.();
    this.#channel?.close();
    this.#channel = this.#source = this.#waiting = this.#letGo = null;
    this.#latest.clear();
    this.#isFailing = false;
    this.#failures = 0;
  }

  #queueUp() {
    this.#waiting = new AbortController();
    const held = () =>
      new Promise((release) => {
        this.#letGo = release;
        this.#open();
      });
    navigator.locks.request(this.#name, { signal: this.#waiting.signal }, held).catch(() => {});
  }

  #open() {
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#tell({ kind: "failing", is: false });
    };
    source.addEventListener("job", ({ data }) => this.#tell({ kind: "job", event: JSON.parse(data) }));
    source.onerror = () => {
      this.#failures += 1;
      const isClosed = source.readyState === EventSource.CLOSED;
      if (isClosed || this.#failures >= FAILURES_BEFORE_POLLING) this.#tell({ kind: "failing", is: true });
      // The browser connects again by itself, except after an answer that was no stream.
      if (isClosed) this.#retry = setTimeout(() => this.#source === source && this.#open(), RETRY_MS);
    };
  }

  #tell(message) {
    this.#channel?.postMessage(message);
    this.#take(message);
  }

  #fromTab(message) {
    if (message.kind !== "hello") return this.#take(message);
    if (!this.#source) return;
    // A tab that was just opened has missed what came before.
    for (const event of this.#latest.values()) this.#channel.postMessage({ kind: "job", event });
    if (this.#isFailing) this.#channel.postMessage({ kind: "failing", is: true });
  }

  #take(message) {
    if (message.kind === "failing") {
      if (message.is === this.#isFailing) return;
      this.#isFailing = message.is;
      for (const watcher of this.#watchers) watcher.failing(message.is);
      return;
    }
    const { event } = message;
    const known = this.#latest.get(event.id);
    // A queued job is sent again with the same revision when only its place has changed.
    if (known && known.revision > event.revision) return;
    if (LIVE.has(event.state)) this.#latest.set(event.id, event);
    else this.#latest.delete(event.id);
    for (const watcher of this.#watchers) watcher.heard(event);
  }
}
