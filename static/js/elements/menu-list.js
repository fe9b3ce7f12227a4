// <menu-list popover>: arrow keys walk through the items; the menu closes after an item was chosen.

class MenuList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this);
    this.addEventListener("click", this);
    this.addEventListener("toggle", this);
  }

  handleEvent(event) {
    this[`on${event.type}`](event);
  }

  onkeydown(event) {
    const items = [...this.querySelectorAll(".menu-item:not(:disabled)")];
    const here = items.indexOf(document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here < 0 ? items.length - 1 : here - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined || items.length === 0 || (here < 0 && this.contains(document.activeElement) && document.activeElement !== this)) return;
    event.preventDefault();
    items[(next + items.length) % items.length].focus();
  }

  onclick(event) {
    if (event.target.closest(".menu-item")) this.hidePopover();
  }

  ontoggle(event) {
    const button = document.querySelector(`[popovertarget="${CSS.escape(this.id)}"]`);
    button?.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    if (!CSS.supports("position-area", "block-end")) this.placeBelow(button);
  }

  // For browsers without anchor positioning.
  placeBelow(button) {
    if (!button) return;
    const box = button.getBoundingClientRect();
    const left = this.classList.contains("menu-start") ? box.left : box.right - this.offsetWidth;
    this.style.left = `${Math.max(8, Math.min(left, innerWidth - this.offsetWidth - 8))}px`;
    this.style.top = `${Math.max(8, Math.min(box.bottom, innerHeight - this.offsetHeight - 8))}px`;
  }
}

customElements.define("menu-list", MenuList);
