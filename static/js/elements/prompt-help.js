// The buttons of the prompt's help: an offer or a suggested word goes into the box, and Ctrl+Z takes it back.
// Without this script each of them sends the form, and the server does the same.

const box = (button) => button.form?.elements.prompt;

/** As if it were typed: drafts, the price and the notes follow, and the browser's own undo knows it. */
function write(prompt, text) {
  prompt.focus();
  prompt.select();
  if (document.execCommand("insertText", false, text)) return;
  prompt.value = text;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Every occurrence, as words: what was typed since the suggestion came stays. */
export function replaced(text, word, instead) {
  const whole = new RegExp(`(?<![\\p{L}\\p{N}\\p{M}_])${word}(?![\\p{L}\\p{N}\\p{M}_])`, "giu");
  return text.replace(whole, () => instead);
}

globalThis.document?.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-use], button[data-word]");
  const prompt = button && box(button);
  if (!prompt) return;
  event.preventDefault();
  const { use, word, instead } = button.dataset;
  write(prompt, use ?? replaced(prompt.value, word, instead));
});

// Offers are for what was typed when they were asked for: those that come late are dropped, those there go.
const asked = new WeakMap();
const typed = () => document.getElementById("id_prompt").value;
const isOffers = (ctx) => ctx?.target?.id === "prompt-offers";

globalThis.document?.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (isOffers(ctx)) asked.set(ctx, typed());
});

globalThis.document?.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!isOffers(ctx)) return;
  if (asked.get(ctx) !== typed()) event.preventDefault();
  else holdFocus(ctx.target);
});

/** What comes takes the place of a button that has the focus: without another such button the answer has it. */
function holdFocus(region) {
  if (!region.contains(document.activeElement)) return;
  region.addEventListener("htmx:after:settle", () => document.activeElement === document.body && region.focus(), { once: true });
}

globalThis.document?.addEventListener("input", (event) => {
  if (event.target.id === "id_prompt") document.getElementById("prompt-offers")?.replaceChildren();
});
