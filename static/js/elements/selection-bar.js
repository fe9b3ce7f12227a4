// <selection-bar>: says how many pictures are selected; Escape clears the selection, Ctrl/Cmd+A selects all that are shown.

class SelectionBar extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    const { signal } = this.#leave;
    document.addEventListener("selection", () => this.#count(), { signal });
    document.addEventListener("change", (event) => event.target.matches(".picture-select") && this.#count(), { signal });
    document.addEventListener("htmx:after:swap", () => this.#count(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.querySelector("[data-clear]")?.addEventListener("click", () => this.#all(false), { signal });
    for (const button of document.querySelectorAll("[data-select-pictures]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.#start(button), { signal });
    }
    this.#count();
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#leave = new AbortController();
  }

  get #boxes() {
    return [...document.querySelectorAll(".picture-select")];
  }

  #key(event) {
    if (event.target.closest("input:not(.picture-select), textarea, select, dialog")) return;
    const isSelecting = this.#boxes.some((box) => box.checked);
    if (event.key === "Escape" && isSelecting) this.#all(false);
    if (event.key === "a" && (event.ctrlKey || event.metaKey) && isSelecting) {
      event.preventDefault();
      this.#all(true);
    }
  }

  /** On touch screens the boxes are hidden until the person presses "Select". */
  #start(button) {
    const isOn = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isOn));
    for (const grid of document.querySelectorAll("picture-grid")) grid.toggleAttribute("data-selecting", isOn);
    if (!isOn) this.#all(false);
  }

  #all(checked) {
    for (const box of this.#boxes) box.checked = checked;
    this.#count();
  }

  #count() {
    const chosen = this.#boxes.filter((box) => box.checked).length;
    const place = this.querySelector("[data-count]");
    const sentence = chosen === 1 ? this.dataset.one : this.dataset.many.replace("{n}", chosen);
    if (place && place.textContent !== sentence) place.textContent = sentence;
  }
}

customElements.define("selection-bar", SelectionBar);
