// <toast-region>: short messages. From Django's messages at first, later from anywhere:
//   document.dispatchEvent(new CustomEvent("toast", { detail: { level: "success", message: "Saved" } }))
//   or an answer to htmx with the header  HX-Trigger: {"toast": {"level": "success", "message": "Saved"}}
// Errors stay until they are closed; the others disappear after a while, but not while the pointer or focus is on them.
// With `undo`, an address, it has a button that undoes what was done; so does Ctrl/Cmd+Z. The same message again
// joins the one that is shown, and its button undoes one after the other, the last one first. With `link`
// ({href, label}) it leads somewhere, with `action` ({label, run}, from a script only) it does something; with `each`, what
// is joined is done one after the other too.

const STAYS_MS = 6000;
const ACT_STAYS_MS = 12000;
const LEAVES_MS = 200;
const ICONS = { success: "circle-check", error: "circle-alert", warning: "circle-alert", info: "info" };

class ToastRegion extends HTMLElement {
  connectedCallback() {
    this.querySelectorAll(".toast").forEach((toast) => this.watch(toast));
    this.onToast = (event) => this.show(event.detail);
    document.addEventListener("toast", this.onToast);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("toast", this.onToast);
    document.removeEventListener("keydown", this.onKey);
  }

  show({ level = "info", message, undo, link, action }) {
    const same = [...this.querySelectorAll(".toast:not([data-leaving])")].find((toast) => toast.querySelector(".toast-text").textContent === message);
    if (same?.runs && action?.each) {
      same.runs.push(action.run);
      same.wait();
      return;
    }
    if (same && !undo) return;
    if (same?.undos) {
      same.undos.push(undo);
      same.wait();
      return;
    }
    const toast = document.createElement("div");
    toast.className = `toast toast-${level}`;
    const text = document.createElement("span");
    text.className = "toast-text";
    text.textContent = message;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button button-quiet button-icon button-small";
    close.dataset.close = "";
    close.setAttribute("aria-label", this.dataset.closeLabel);
    close.append(this.icon("x", "icon icon-small"));
    toast.append(this.icon(ICONS[level] ?? "info", "icon"), text);
    if (undo) toast.append(this.undoButton(toast, undo));
    if (link) toast.append(this.link(link));
    if (action) toast.append(this.actionButton(toast, action));
    toast.append(close);
    this.append(toast);
    this.watch(toast);
  }

  link({ href, label }) {
    const link = document.createElement("a");
    link.className = "button button-small toast-act";
    link.href = href;
    link.textContent = label;
    return link;
  }

  actionButton(toast, { label, run }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small toast-act";
    button.textContent = label;
    toast.runs = [run];
    button.addEventListener("click", () => {
      toast.runs.pop()();
      if (toast.runs.length) toast.wait();
      else this.leave(toast);
    });
    return button;
  }

  undoButton(toast, undo) {
    toast.undos = [undo];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small toast-act";
    button.dataset.undo = "";
    button.textContent = this.dataset.undoLabel;
    button.addEventListener("click", () => this.undo(toast, button));
    return button;
  }

  async undo(toast, button) {
    if (button.disabled) return;
    const address = toast.undos.pop();
    button.disabled = true;
    toast.hold();
    await htmx.ajax("POST", address, { source: toast, target: toast, swap: "none" });
    button.disabled = false;
    if (toast.undos.length) toast.wait();
    else this.leave(toast);
  }

  /** Ctrl/Cmd+Z, except where it undoes typing. */
  key(event) {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
    const button = [...this.querySelectorAll(".toast:not([data-leaving]) [data-undo]")].at(-1);
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  icon(name, className) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", className);
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${this.dataset.sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  watch(toast) {
    toast.querySelector("[data-close]")?.addEventListener("click", () => this.leave(toast));
    if (toast.classList.contains("toast-error")) return;
    const stays = toast.querySelector(".toast-act") ? ACT_STAYS_MS : STAYS_MS;
    let timer = 0;
    toast.hold = () => clearTimeout(timer);
    toast.wait = () => {
      toast.hold();
      timer = setTimeout(() => this.leave(toast), stays);
    };
    toast.addEventListener("pointerenter", toast.hold);
    toast.addEventListener("focusin", toast.hold);
    toast.addEventListener("pointerleave", toast.wait);
    toast.addEventListener("focusout", toast.wait);
    toast.wait();
  }

  leave(toast) {
    toast.dataset.leaving = "";
    setTimeout(() => toast.remove(), LEAVES_MS);
  }
}

customElements.define("toast-region", ToastRegion);
