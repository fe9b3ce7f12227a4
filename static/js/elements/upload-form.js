// <upload-form>: with script a chosen file is sent at once; without, the button sends it. One press sends one file.

class UploadForm extends HTMLElement {
  connectedCallback() {
    const form = this.closest("form");
    const field = this.querySelector('input[type="file"]');
    const button = this.querySelector("button");
    field.hidden = true;
    button.type = "button";
    button.addEventListener("click", () => field.click());
    field.addEventListener("change", () => {
      if (!field.files.length) return;
      button.setAttribute("aria-busy", "true");
      form.requestSubmit();
    });
  }
}

customElements.define("upload-form", UploadForm);
