// <offline-banner>: shows when the connection is lost, and hides when it is back.

class OfflineBanner extends HTMLElement {
  connectedCallback() {
    this.update = () => {
      this.hidden = navigator.onLine;
    };
    addEventListener("online", this.update);
    addEventListener("offline", this.update);
    this.update();
  }

  disconnectedCallback() {
    removeEventListener("online", this.update);
    removeEventListener("offline", this.update);
  }
}

customElements.define("offline-banner", OfflineBanner);
