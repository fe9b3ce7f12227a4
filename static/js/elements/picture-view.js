// <picture-view>: the keys of a picture's page. Each key presses what carries it in data-key, so nothing is hidden.

class PictureView extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.#leave.signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#leave = new AbortController();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [popover], dialog")) return;
    if (document.querySelector(":popover-open")) return;
    const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!pressed) return;
    event.preventDefault();
    pressed.click();
  }
}

customElements.define("picture-view", PictureView);
