// <time-zone-choice>: offers the names that the browser knows, and its own zone with one click. Nothing is chosen, and
// nothing sent, before the person does it.

class TimeZoneChoice extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    const button = this.querySelector("button");
    const names = this.querySelector("datalist");
    for (const name of Intl.supportedValuesOf?.("timeZone") ?? []) names.append(new Option(name));
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!own) return;
    const follow = () => {
      button.hidden = input.value === own;
    };
    button.textContent = button.dataset.use.replace("{zone}", own);
    button.addEventListener("click", () => {
      input.value = own;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    });
    input.addEventListener("input", follow);
    follow();
  }
}

customElements.define("time-zone-choice", TimeZoneChoice);
