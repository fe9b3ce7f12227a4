// One stream a browser: the tab that holds the lock listens and tells the others; when it goes, the next one does.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

let sources, tabs, lock;

class FakeSource {
  static CLOSED = 2;
  constructor(url) {
    this.url = url;
    this.readyState = 1;
    this.listeners = {};
    sources.push(this);
  }
  addEventListener(name, heard) {
    this.listeners[name] = heard;
  }
  send(event) {
    this.listeners.job({ data: JSON.stringify(event) });
  }
  fail(readyState) {
    this.readyState = readyState;
    this.onerror();
  }
  close() {
    this.readyState = 2;
  }
}

class FakeChannel {
  constructor(name) {
    this.name = name;
    tabs.push(this);
  }
  postMessage(data) {
    for (const other of [...tabs]) if (other !== this && other.name === this.name) other.onmessage?.({ data: structuredClone(data) });
  }
  close() {
    tabs = tabs.filter((tab) => tab !== this);
  }
}

const fakeLocks = {
  request(name, { signal }, held) {
    return new Promise((resolve, reject) => {
      const take = () => {
        lock.holder = held();
        lock.holder.then(() => {
          lock.holder = null;
          lock.queue.shift()?.();
          resolve();
        });
      };
      signal.addEventListener("abort", () => {
        lock.queue = lock.queue.filter((waiting) => waiting !== take);
        reject(new Error("aborted"));
      });
      if (lock.holder) lock.queue.push(take);
      else take();
    });
  },
};

beforeEach(() => {
  sources = [];
  tabs = [];
  lock = { holder: null, queue: [] };
  globalThis.EventSource = FakeSource;
  globalThis.BroadcastChannel = FakeChannel;
  globalThis.addEventListener = () => {};
  Object.defineProperty(globalThis, "navigator", { value: { locks: fakeLocks }, configurable: true });
});

afterEach(() => {
  delete globalThis.EventSource;
});

const { JobStream } = await import("../../static/js/elements/job-stream.js");

const job = (revision, changes = {}) => ({ id: "a", revision, state: "running", ...changes });

function tab() {
  const stream = new JobStream("/jobs/stream/", "image2-jobs-alice");
  const heard = [];
  const failing = [];
  const stop = stream.add({ heard: (event) => heard.push(event), failing: (is) => failing.push(is) });
  return { heard, failing, stop };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 0));

test("two tabs share one stream and hear the same", async () => {
  const first = tab();
  const second = tab();
  await soon();
  assert.equal(sources.length, 1);
  sources[0].send(job(1));
  assert.deepEqual(first.heard, [job(1)]);
  assert.deepEqual(second.heard, [job(1)]);
  first.stop();
  second.stop();
});

test("a tab that is opened later hears what was said before", async () => {
  const first = tab();
  await soon();
  sources[0].send(job(3));
  sources[0].send(job(4, { id: "b", state: "done" }));
  const second = tab();
  assert.deepEqual(second.heard, [job(3)]); // what has ended is not said again
  first.stop();
  second.stop();
});

test("when the tab that listened goes, the next one takes over", async () => {
  const first = tab();
  const second = tab();
  await soon();
  first.stop();
  await soon();
  assert.equal(sources.length, 2);
  assert.equal(sources[0].readyState, 2);
  sources[1].send(job(5));
  assert.deepEqual(second.heard, [job(5)]);
  second.stop();
});

test("an older revision is not heard after a newer one, an equal one is", async () => {
  const only = tab();
  await soon();
  sources[0].send(job(5));
  sources[0].send(job(4));
  sources[0].send(job(5, { place: 2 }));
  assert.deepEqual(only.heard, [job(5), job(5, { place: 2 })]);
  only.stop();
});

test("every tab is told when the stream fails and when it works again", async () => {
  const first = tab();
  const second = tab();
  await soon();
  for (const _time of [1, 2, 3]) sources[0].fail(0);
  assert.deepEqual([first.failing, second.failing], [[true], [true]]);
  sources[0].onopen();
  assert.deepEqual([first.failing, second.failing], [[true, false], [true, false]]);
  first.stop();
  second.stop();
});

test("an answer that is no stream makes the cards ask by themselves at once", async () => {
  const only = tab();
  await soon();
  sources[0].fail(2);
  assert.deepEqual(only.failing, [true]);
  only.stop();
});
