// Text areas grow with their text. CSS does it (field-sizing: content); this is for browsers that can't yet.

if (!CSS.supports("field-sizing", "content")) {
  const grow = (area) => {
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  };
  addEventListener("input", (event) => event.target.matches?.("textarea") && grow(event.target));
  document.querySelectorAll("textarea").forEach(grow);
}
