// Says what happened to people who don't see it. One region, politely; the same sentence twice is said twice.

let region = null;

export function sayIn(element) {
  region = element;
}

export function say(sentence) {
  if (!region) return;
  region.textContent = '';
  setTimeout(() => {
    region.textContent = sentence;
  }, 40);
}

/** A sentence that everybody sees. */
export function toast(message, level = 'info') {
  document.dispatchEvent(new CustomEvent('toast', { detail: { level, message } }));
}
