// <local-time> around a <time>: shows it in the browser's time zone, in the style that the server writes (1 Dec 2026,
// 14:05). data-style is "moment", "day" or "ago"; the last one keeps its words. Hovering tells second and zone.

const language = document.documentElement.lang || "en";
const parts = new Intl.DateTimeFormat(language, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const full = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "full", timeStyle: "long" });

export function written(at, style) {
  const { day, month, year, hour, minute } = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  return style === "day" ? `${day} ${month} ${year}` : `${day} ${month} ${year}, ${hour}:${minute}`;
}

class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const at = new Date(time?.dateTime);
    if (Number.isNaN(at.valueOf())) return;
    if (this.dataset.style !== "ago") time.textContent = written(at, this.dataset.style);
    time.title = full.format(at);
  }
}

customElements.define("local-time", LocalTime);
