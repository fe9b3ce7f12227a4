// Announces a sentence to screen readers, politely, without moving the focus.

let region = null;

export function announce(sentence) {
  if (!region?.isConnected) {
    region = document.createElement("div");
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    region.setAttribute("aria-live", "polite");
    document.body.append(region);
  }
  // Emptied first, so that the same sentence twice is said twice; a moment later, so that a new region is known.
  region.textContent = "";
  setTimeout(() => {
    region.textContent = sentence;
  }, 60);
}
