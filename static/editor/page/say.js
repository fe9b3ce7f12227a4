// Says what happened to people who don't see it. One region, politely; the same sentence twice is said twice.

let region = null;
let waiting = '';
let timer = 0;

export function sayIn(element) {
  region = element;
}

/** beside: with what is said at the same moment, and not in its place. */
export function say(sentence, beside = false) {
  if (!region) return;
  waiting = beside && waiting ? `${waiting} ${sentence}` : sentence;
  region.textContent = '';
  clearTimeout(timer);
  timer = setTimeout(() => {
    region.textContent = waiting;
    waiting = '';
  }, 40);
}

/** A sentence that everybody sees. */
export function toast(message, level = 'info') {
  document.dispatchEvent(new CustomEvent('toast', { detail: { level, message } }));
}
