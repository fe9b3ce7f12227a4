// <picture-picker> around the dialog with one's own pictures: opens it filled, closes it when one was chosen.

import { announce } from "./announce.js";

class PicturePicker extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    const { signal } = this.#leave;
    document.addEventListener("click", (event) => event.target.closest?.("[data-pick]") && this.#open(), { signal });
    this.addEventListener("htmx:after:swap", () => this.#count(), { signal });
    this.addEventListener("htmx:finally:request", (event) => this.#answered(event), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#leave = new AbortController();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  /** The button itself asks for the pictures, so that the list is always the newest. */
  #open() {
    this.querySelector("form").reset();
    this.#dialog.showModal();
    // Under a finger it would bring up the keyboard, over the pictures.
    if (matchMedia("(pointer: fine)").matches) this.querySelector("input[type=search]").focus();
  }

  /** Said inside the dialog: what lies behind it is not heard while it is open. */
  #count() {
    const count = this.querySelectorAll("[data-choose]").length;
    const { none, one, many } = this.dataset;
    const more = this.querySelector(".pager") ? "+" : "";
    this.querySelector("[data-said]").textContent = count === 0 ? none : count === 1 ? one : many.replace("{n}", `${count}${more}`);
  }

  /** Chosen, or gone meanwhile: either is shown in the form, and the focus goes back to the button there. */
  #answered(event) {
    const { sourceElement, response } = event.detail.ctx;
    if (!sourceElement.matches("[data-choose]")) return;
    this.#dialog.close();
    if (response?.status === 200) announce(this.dataset.chosen);
  }
}

customElements.define("picture-picker", PicturePicker);
