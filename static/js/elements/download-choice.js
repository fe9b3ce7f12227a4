// <download-choice>: the switch decides for these downloads; until it is touched, the person's setting does.

class DownloadChoice extends HTMLElement {
  connectedCallback() {
    const choice = this.querySelector("input[type=checkbox]");
    if (!choice) return;
    // Without script the links do what the person's settings say, and a switch would promise too much.
    choice.hidden = false;
    choice.addEventListener("change", () => {
      for (const link of this.querySelectorAll("a")) {
        const address = new URL(link.href);
        address.searchParams.set("recipe", choice.checked ? "1" : "0");
        link.href = address;
      }
    });
  }
}

customElements.define("download-choice", DownloadChoice);
