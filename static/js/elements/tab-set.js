// <tab-set>: role="tab" buttons inside .tabs show the panel they control; arrow keys move between them.

class TabSet extends HTMLElement {
  connectedCallback() {
    this.tabs = [...this.querySelectorAll("[role=tab]")];
    this.tabs.forEach((tab) => tab.addEventListener("click", () => this.choose(tab)));
    this.addEventListener("keydown", (event) => {
      const here = this.tabs.indexOf(document.activeElement);
      const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: this.tabs.length - 1 }[event.key];
      if (here < 0 || next === undefined) return;
      event.preventDefault();
      const tab = this.tabs[(next + this.tabs.length) % this.tabs.length];
      this.choose(tab);
      tab.focus();
    });
    this.choose(this.tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? this.tabs[0]);
  }

  choose(chosen) {
    for (const tab of this.tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      if (panel) panel.hidden = !on;
    }
  }
}

customElements.define("tab-set", TabSet);
