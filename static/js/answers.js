// What a response to htmx may do to the page: one rule for every fragment, by its status.
//   2xx, 422   a fragment, swapped in (204 and 304 hold none: htmx leaves them alone)
//   the rest   nothing is swapped; a toast says what to do
// A whole page is never put into a part of one, and no answer sends the person away from what they are typing.

const RELOAD_HELPS = new Set([400, 403, 404, 409, 410]);
const WHOLE_PAGE = /^\s*<(!doctype|html)\b/i;

export const maySwap = (status, text = "") => ((status >= 200 && status < 300) || status === 422) && !WHOLE_PAGE.test(text);

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { status } = ctx.response;
  delete ctx.hx.redirect;
  delete ctx.hx.refresh;
  delete ctx.hx.location;
  if (maySwap(status, ctx.text) || status === 304) return;
  event.preventDefault();
  // The server's own message is more precise; htmx dispatches it.
  if (!ctx.hx.trigger?.includes('"toast"')) say(status, ctx.sourceElement);
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  // Errors of htmx itself (a wrong attribute, say) have no request, or one that was answered.
  if (ctx && !ctx.response) say(0, ctx.sourceElement);
});

/** A card that asks again by itself needs no words for what the next answer corrects. */
function say(status, source) {
  if (source?.matches("[data-asks-again]") && status !== 401) return;
  const { dataset } = document.querySelector("toast-region");
  const toast = { level: "error", message: sentence(status, dataset) };
  if (status === 401) {
    const here = encodeURIComponent(location.pathname + location.search);
    toast.link = { href: `${dataset.logIn}?next=${here}`, label: dataset.logInLabel };
  } else if (RELOAD_HELPS.has(status) || (status >= 200 && status < 300)) {
    toast.action = { label: dataset.reloadLabel, run: () => location.reload() };
  }
  document.dispatchEvent(new CustomEvent("toast", { detail: toast }));
}

function sentence(status, dataset) {
  if (status === 0) return navigator.onLine ? dataset.unreachable : dataset.offline;
  if (status >= 500) return dataset.broken;
  return document.querySelector("toast-region").getAttribute(`data-status-${status}`) ?? dataset.refused;
}
