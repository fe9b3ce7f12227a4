// <theme-choice>: sets the theme at once; the server saves it in a cookie, so that the next page does not flash.

class ThemeChoice extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.choose(event.target, event.submitter);
    });
  }

  choose(form, button) {
    const theme = button.value;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const other of document.querySelectorAll("theme-choice button")) {
      other.setAttribute("aria-pressed", String(other.value === theme));
    }
    fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual" });
  }
}

customElements.define("theme-choice", ThemeChoice);
