// <password-field data-show="…" data-hide="…">: a button beside the password shows or hides what was typed.

class PasswordField extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    if (!input || this.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet button-small";
    button.textContent = this.dataset.show;
    button.setAttribute("aria-controls", input.id);
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.textContent = shown ? this.dataset.show : this.dataset.hide;
    });
    input.form?.addEventListener("submit", () => {
      input.type = "password";
    });
    this.append(button);
  }
}

customElements.define("password-field", PasswordField);
