// The words of a card, as the script goes on with them: the same as generation/views/jobs/words.py says them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { stageWords, timeLeft } from "../../static/js/elements/job-words.js";

const WORDS = {
  queued: "Waiting",
  next: "Next in the queue",
  place: "Place {place} in the queue",
  running: "Starting",
  loading: "Loading the model",
  drawing: "Drawing",
  upscaling: "Enlarging",
  done: "Done",
  step: "step {step} of {of}",
  picture: "picture {picture} of {count}",
  unknown: "time left unknown",
  seconds: "{low}–{high} s left",
  minutes: "{low}–{high} min left",
  nearly: "almost done",
};
const event = (changes) => ({ state: "running", stage: "drawing", step: 3, of: 20, picture: 0, count: 1, place: null, eta: null, ...changes });

test("the stage is said in words", () => {
  const said = [
    [{ state: "queued", place: 1, stage: "" }, "Next in the queue"],
    [{ state: "queued", place: 1, stage: "loading" }, "Loading the model"],
    [{ state: "queued", place: 3 }, "Place 3 in the queue"],
    [{ state: "queued" }, "Waiting"],
    [{ stage: "", of: 0 }, "Starting"],
    [{ stage: "loading", of: 0 }, "Loading the model"],
    [{}, "Drawing, step 3 of 20"],
    [{ stage: "upscaling" }, "Enlarging"],
    [{ stage: "upscaling", count: 4, picture: 2 }, "Enlarging, picture 3 of 4"],
    [{ stage: "something new", of: 0 }, "Starting"],
    [{ state: "done" }, "Done"],
  ];
  for (const [changes, expected] of said) assert.equal(stageWords(event(changes), WORDS), expected);
});

test("the time left is a range or unknown", () => {
  const said = [
    [null, "time left unknown"],
    [[0, 1], "almost done"],
    [[8, 15], "8–15 s left"],
    [[100, 200], "1–4 min left"],
  ];
  for (const [eta, expected] of said) assert.equal(timeLeft(event({ eta }), WORDS), expected);
  assert.equal(timeLeft(event({ state: "done" }), WORDS), "");
});
