// <picture-grid>: arrows move between pictures, space views, x selects, f marks as favourite, Delete moves to the trash.
// With data-choosing, space chooses the picture.

import { nearest } from "./grid-walk.js";

class PictureGrid extends HTMLElement {
  #last = null;
  #gone = new Map(); // deleted pictures by their element's id: where they were

  connectedCallback() {
    this.addEventListener("keydown", this);
    this.addEventListener("click", this);
    document.addEventListener("toast", this);
  }

  disconnectedCallback() {
    document.removeEventListener("toast", this);
  }

  handleEvent(event) {
    if (event.type === "keydown") this.#key(event);
    else if (event.type === "toast") this.#bringBack(event.detail.restored);
    else this.#click(event);
  }

  get #links() {
    return [...this.querySelectorAll(".picture-tile > a")];
  }

  #key(event) {
    const tile = event.target.closest(".picture-tile");
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOnPicture = event.target === tile.querySelector(":scope > a");
    if (event.key.startsWith("Arrow")) return this.#walk(event, tile);
    if (!isOnPicture) return;
    const act = {
      " ": () => (this.hasAttribute("data-choosing") ? event.target.click() : this.#look(tile)),
      x: () => tile.querySelector(".picture-select")?.click(),
      f: () => tile.querySelector("[data-favourite]")?.click(),
      Delete: () => this.#throwAway(tile),
      Home: () => this.#links[0].focus(),
      End: () => this.#links.at(-1).focus(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #walk(event, tile) {
    const links = this.#links;
    const here = links.indexOf(tile.querySelector(":scope > a"));
    const boxes = links.map((link) => link.getBoundingClientRect());
    const next = nearest(boxes, here, event.key);
    if (next === null) return;
    event.preventDefault();
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  }

  /** The focus goes on to the neighbour, so that keyboard users keep their place. */
  #throwAway(tile) {
    const button = tile.querySelector("[data-delete]");
    if (!button) return;
    const links = this.#links;
    const here = links.indexOf(tile.querySelector(":scope > a"));
    (links[here + 1] ?? links[here - 1])?.focus();
    button.click();
  }

  /** Undone: the picture is where it was, with the focus. */
  #bringBack(picture) {
    const id = `picture-${picture}`;
    const found = this.#gone.get(id);
    if (!found || document.getElementById(id)) return;
    let next = found.next;
    while (next && !document.getElementById(next)) next = this.#gone.get(next)?.next;
    // A copy: htmx considers the old one initialised, but has removed its listeners.
    const tile = found.tile.cloneNode(true);
    this.insertBefore(tile, next ? document.getElementById(next) : this.querySelector(":scope > .pager"));
    htmx.process(tile);
    tile.querySelector(":scope > a").focus();
    tile.scrollIntoView({ block: "nearest" });
  }

  #click(event) {
    const thrown = event.target.closest("[data-delete]")?.closest(".picture-tile");
    if (thrown) {
      this.#gone.set(thrown.id, { tile: thrown, next: thrown.nextElementSibling?.id });
      return;
    }
    const box = event.target.closest(".picture-select");
    if (box) return this.#select(box, event.shiftKey);
    const link = event.target.closest(".picture-tile > a");
    // While some are selected, a click on a picture selects; with shift, up to there.
    if (!link || event.ctrlKey || event.metaKey || !this.#isSelecting) return;
    const own = link.parentElement.querySelector(".picture-select");
    if (!own) return;
    event.preventDefault();
    own.checked = !own.checked;
    this.#select(own, event.shiftKey);
  }

  get #isSelecting() {
    return this.hasAttribute("data-selecting") || this.querySelector(".picture-select:checked") !== null;
  }

  #select(box, isRange) {
    const boxes = [...this.querySelectorAll(".picture-select")];
    if (isRange && this.#last?.isConnected) {
      const [from, to] = [boxes.indexOf(this.#last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
    }
    this.#last = box;
    this.dispatchEvent(new CustomEvent("selection", { bubbles: true }));
  }

  // --- viewing: the picture alone on the screen, without leaving the page --------------------------------------

  #look(tile) {
    const dialog = document.getElementById("look");
    if (!dialog || dialog.open) return;
    this.#show(dialog, tile);
    dialog.onkeydown = (event) => this.#whileLooking(event, dialog);
    dialog.onclose = () => this.querySelector(`[data-picture="${dialog.dataset.shown}"] > a`)?.focus();
    dialog.showModal();
    dialog.focus(); // not its first link: space closes
  }

  #whileLooking(event, dialog) {
    if (event.key === " " && !event.target.closest("button")) {
      event.preventDefault();
      dialog.close();
      return;
    }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const tiles = [...this.querySelectorAll(".picture-tile")];
    const next = tiles[tiles.findIndex((tile) => tile.dataset.picture === dialog.dataset.shown) + step];
    if (!next) return;
    this.#show(dialog, next);
    // Also asks for the next page when the last pictures come near.
    next.scrollIntoView({ block: "nearest" });
  }

  #show(dialog, tile) {
    const link = tile.querySelector(":scope > a");
    const picture = dialog.querySelector("[data-look-picture]");
    dialog.dataset.shown = tile.dataset.picture;
    picture.width = link.dataset.width;
    picture.height = link.dataset.height;
    picture.src = link.dataset.look;
    picture.alt = link.querySelector("img")?.alt ?? "";
    dialog.querySelector("[data-look-prompt]").textContent = picture.alt;
    dialog.querySelector("[data-look-open]").href = link.href;
  }
}

customElements.define("picture-grid", PictureGrid);
