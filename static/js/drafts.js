// Drafts: what is typed into a form with data-draft="name" is kept in this browser until it is sent, so that it
// survives logging in again, a refusal, a reload and the Back button.
//
// It is kept under the account that the page was made for and shown to nobody else; without an account it is kept for
// this tab alone, until somebody logs in. Passwords, codes and files are never kept. A form that was sent by htmx
// loses its draft with the answer; for the others the server ends the address of its redirect with #sent=name
// (image2/lib/http/drafts.py). A hidden field is kept only with data-draft-keep. "draft-restored" tells the form's element.

const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const MOST_DRAFTS = 20;
const MOST_CHARACTERS = 30_000;
const WAIT_MS = 250;
const PREFIX = "draft:";
const SENDING = "draft-sending";
const TYPES = new Set(["text", "email", "url", "tel", "search", "number", "textarea", "select-one", "checkbox", "radio"]);

const account = document.body.dataset.account ?? "";
const waiting = new Map(); // forms with something to keep, and their timers

// --- where drafts are stored ------------------------------------------------------------------------------------------------

/** A browser may refuse its storage, or have none left: then there are no drafts, and nothing else breaks. */
function stored(work, otherwise = null) {
  try {
    return work(account ? localStorage : sessionStorage);
  } catch {
    return otherwise;
  }
}

// Not form.action: a button of that name hides it.
const keyOf = (form) => `${PREFIX}${account || "nobody"}:${form.dataset.draft}:${new URL(form.getAttribute("action"), location).pathname}${location.search}`;

function read(key) {
  return stored((storage) => {
    const draft = JSON.parse(storage.getItem(key) ?? "null");
    return draft && Date.now() - draft.at < KEPT_MS ? draft.values : null;
  });
}

function write(key, values) {
  const text = JSON.stringify({ at: Date.now(), values });
  if (text.length > MOST_CHARACTERS) return;
  stored((storage) => {
    storage.setItem(key, text);
    prune(storage);
  });
}

function drop(key) {
  stored((storage) => storage.removeItem(key));
  // The page may be of nobody while the draft was an account's, and the other way round.
  stored(() => localStorage.removeItem(key));
}

/** Remove old drafts of any account; of this one keep only the newest few. */
function prune(storage) {
  const mine = [];
  for (const key of Object.keys(storage).filter((name) => name.startsWith(PREFIX))) {
    const at = JSON.parse(storage.getItem(key)).at ?? 0;
    if (Date.now() - at >= KEPT_MS) storage.removeItem(key);
    else if (key.startsWith(`${PREFIX}${account || "nobody"}:`)) mine.push({ key, at });
  }
  mine.sort((a, b) => b.at - a.at);
  for (const { key } of mine.slice(MOST_DRAFTS)) storage.removeItem(key);
}

// --- forms -----------------------------------------------------------------------------------------------------------

const forms = () => document.querySelectorAll("form[data-draft]");

const fields = (form) =>
  [...form.elements].filter(
    (field) =>
      field.name &&
      (TYPES.has(field.type) || field.hasAttribute("data-draft-keep")) &&
      field.autocomplete !== "one-time-code" &&
      !(field.type === "checkbox" && field.required) && // consent must be given again
      field.getAttribute("tabindex") !== "-1", // honeypot fields
  );

const isBox = (field) => field.type === "checkbox" || field.type === "radio";

/** The value that the server rendered. */
function isAsServed(field) {
  if (isBox(field)) return field.checked === field.defaultChecked;
  if (field.type === "select-one") {
    const served = [...field.options].findLastIndex((option) => option.defaultSelected);
    return field.selectedIndex === Math.max(served, 0);
  }
  return field.value === field.defaultValue;
}

function valuesOf(form) {
  const values = {};
  for (const field of fields(form)) {
    values[field.name] ??= [];
    if (!isBox(field) || field.checked) values[field.name].push(field.value);
  }
  return values;
}

const servedHidden = new WeakMap();
const hiddenOf = (form) => fields(form).filter((field) => field.type === "hidden").map((field) => `${field.name}=${field.value}`).join("&");
const isAllAsServed = (form) => hiddenOf(form) === (servedHidden.get(form) ?? "") && fields(form).every(isAsServed);

function keep(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  if (!form.isConnected) return;
  if (isAllAsServed(form)) drop(keyOf(form));
  else write(keyOf(form), valuesOf(form));
}

function keepSoon(form) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => keep(form), WAIT_MS));
}

const keepWaiting = () => [...waiting.keys()].forEach(keep);

/** A choice may be gone since: a model that was turned off, a style of another model. What is chosen then stays. */
function isOffered(field, wanted) {
  if (field.type === "select-one") return [...field.options].some(({ value }) => value === wanted);
  return field.type !== "radio" || [...field.form.elements].some(({ type, name, value }) => type === "radio" && name === field.name && value === wanted);
}

/** Put the values in; return the fields that changed. */
function fill(form, values) {
  return fields(form).filter((field) => {
    const wanted = values[field.name];
    if (!wanted || field.type === "hidden" || !isOffered(field, wanted[0])) return false;
    if (isBox(field)) {
      const is = wanted.includes(field.value);
      if (field.checked === is) return false;
      field.checked = is;
      return true;
    }
    if (wanted[0] === undefined || field.value === wanted[0]) return false;
    field.value = wanted[0];
    return true;
  });
}

/** Fires the events of typing, so that prices, sliders and limits follow. */
function tell(form, changed, values) {
  for (const field of changed) {
    field.closest("details")?.setAttribute("open", "");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.dispatchEvent(new CustomEvent("draft-restored", { bubbles: true, detail: { values } }));
}

function restore(form) {
  servedHidden.set(form, hiddenOf(form));
  const values = read(keyOf(form));
  if (!values) return;
  const changed = fill(form, values);
  const isOther = fields(form).every((field) => field.type !== "hidden") && Object.keys(values).some((name) => !form.elements[name] && values[name].length);
  if (!changed.length && !isOther) return;
  const { dataset } = document.querySelector("toast-region");
  const discard = () => {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    drop(keyOf(form));
    location.replace(location.pathname + location.search);
  };
  const action = { label: dataset.discardLabel, run: discard };
  tell(form, changed, values);
  document.dispatchEvent(new CustomEvent("toast", { detail: { level: "info", message: dataset.restored, action } }));
}

// --- when ------------------------------------------------------------------------------------------------------------

document.addEventListener("input", ({ target }) => target.form?.dataset.draft && keepSoon(target.form));
document.addEventListener("change", ({ target }) => target.form?.dataset.draft && keepSoon(target.form));
addEventListener("pagehide", keepWaiting);
document.addEventListener("visibilitychange", keepWaiting);

/** A plain form on its way: the server says in the next address whether it was taken. */
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.dataset.draft || target.matches("[hx-post]")) return;
  keep(target);
  if (!read(keyOf(target))) return;
  formData.set("draft", target.dataset.draft);
  stored(() => sessionStorage.setItem(SENDING, keyOf(target)));
});

/** A fragment came: of a form that was taken, or with a hidden field that is to be kept with the rest. */
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const source = ctx.sourceElement;
  if (source.matches?.("form[data-draft]") && ctx.response.status < 300) {
    clearTimeout(waiting.get(source));
    waiting.delete(source);
    servedHidden.set(source, hiddenOf(source));
    drop(keyOf(source));
  } else {
    const form = ctx.target?.closest?.("form[data-draft]") ?? document.querySelector(`form[data-draft]:has(#${CSS.escape(ctx.target?.id || "none")})`);
    if (form) keepSoon(form);
  }
});

function forgetSent() {
  const sent = /[#&]sent=([a-z-]+)$/.exec(location.hash)?.[1];
  if (!sent) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  const key = stored(() => sessionStorage.getItem(SENDING));
  if (key?.split(":")[2] === sent) drop(key);
  stored(() => sessionStorage.removeItem(SENDING));
}

/** What nobody in particular typed in this tab is not for who logs in next, or out. */
function changeOfAccount() {
  stored(() => {
    if ((sessionStorage.getItem("account") ?? "") !== account) {
      for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX))) sessionStorage.removeItem(key);
    }
    for (const storage of [sessionStorage, localStorage]) {
      if (account) storage.setItem("account", account);
      else storage.removeItem("account");
    }
  });
}

// A page that the browser kept whole is not for the next person either.
addEventListener("pageshow", (event) => {
  if (event.persisted && stored(() => localStorage.getItem("account") ?? "", account) !== account) location.reload();
});

changeOfAccount();
forgetSent();
stored(prune);
// After htmx and the page's own elements, which need the event.
document.addEventListener("DOMContentLoaded", () => setTimeout(() => forms().forEach(restore)));
