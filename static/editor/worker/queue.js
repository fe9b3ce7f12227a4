// What the worker does one after the other, so that an operation that waits for a picture is done before those that came
// after it. Samples of a stroke overtake nothing and wait for nothing, unless something is under way.
let queue = null;

export function serially(work) {
  const done = (queue ?? Promise.resolve()).then(work);
  const mine = done.catch(() => {}).then(() => {
    if (queue === mine) queue = null;
  });
  queue = mine;
  return done;
}

/** Whether something is under way. */
export const busy = () => queue !== null;
