// <range-field>: the slider and the number field follow each other; only the number is sent.

class RangeField extends HTMLElement {
  connectedCallback() {
    this.slider = this.querySelector("input[type=range]");
    this.number = this.querySelector("input[type=number]");
    if (!this.slider || !this.number) return;
    this.slider.addEventListener("input", () => {
      this.number.value = this.slider.value;
      this.paint();
      this.number.dispatchEvent(new Event("input", { bubbles: true }));
    });
    this.slider.addEventListener("change", () => this.number.dispatchEvent(new Event("change", { bubbles: true })));
    this.number.addEventListener("input", (event) => {
      if (event.isTrusted === false && this.slider.value === this.number.value) return;
      if (this.number.value !== "") this.slider.value = this.number.value;
      this.paint();
    });
    this.number.form?.addEventListener("reset", () => setTimeout(() => this.follow()));
    this.follow();
  }

  // Call after setting the number's value from a script.
  follow() {
    this.slider.value = this.number.value;
    this.paint();
  }

  paint() {
    const { min, max, value } = this.slider;
    this.slider.style.setProperty("--fill", `${((value - min) / (max - min)) * 100}%`);
  }
}

customElements.define("range-field", RangeField);
