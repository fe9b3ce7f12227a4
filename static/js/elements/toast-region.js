// <toast-region>: short messages. From Django's messages at first, later from anywhere:
//   document.dispatchEvent(new CustomEvent("toast", { detail: { level: "success", message: "Saved" } }))
//   or an answer to htmx with the header  HX-Trigger: {"toast": {"level": "success", "message": "Saved"}}
// Errors stay until they are closed; the others leave after a while, and wait while they are looked at.

const STAYS_MS = 6000;
const LEAVES_MS = 200;
const ICONS = { success: "circle-check", error: "circle-alert", warning: "circle-alert", info: "info" };

class ToastRegion extends HTMLElement {
  connectedCallback() {
    this.querySelectorAll(".toast").forEach((toast) => this.watch(toast));
    this.onToast = (event) => this.show(event.detail);
    document.addEventListener("toast", this.onToast);
    this.onFailure = (event) => this.failed(event);
    document.addEventListener("htmx:response:error", this.onFailure);
    document.addEventListener("htmx:error", this.onFailure);
  }

  disconnectedCallback() {
    document.removeEventListener("toast", this.onToast);
    document.removeEventListener("htmx:response:error", this.onFailure);
    document.removeEventListener("htmx:error", this.onFailure);
  }

  // A page must never stay silent when the server did not do what was asked.
  failed(event) {
    const status = event.detail?.ctx?.response?.status;
    if (status !== undefined && status < 500) return;
    this.show({ level: "error", message: status === undefined ? this.dataset.unreachable : this.dataset.broken });
  }

  show({ level = "info", message }) {
    if ([...this.querySelectorAll(".toast-text")].some((text) => text.textContent === message)) return;
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
    toast.append(this.icon(ICONS[level] ?? "info", "icon"), text, close);
    this.append(toast);
    this.watch(toast);
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
    let timer = setTimeout(() => this.leave(toast), STAYS_MS);
    const hold = () => clearTimeout(timer);
    const release = () => {
      hold();
      timer = setTimeout(() => this.leave(toast), STAYS_MS);
    };
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", release);
    toast.addEventListener("focusout", release);
  }

  leave(toast) {
    toast.dataset.leaving = "";
    setTimeout(() => toast.remove(), LEAVES_MS);
  }
}

customElements.define("toast-region", ToastRegion);
