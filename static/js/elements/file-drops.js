// A file dropped on a page is never opened in its place: it goes to the part that takes pictures, or nowhere.

const holdsFiles = (event) => [...(event.dataTransfer?.items ?? [])].some((item) => item.kind === "file");
const isForInput = (event) => event.target.closest?.("input[type=file]");

// On the window, after every part of the page had its turn.
addEventListener("dragover", (event) => {
  if (event.defaultPrevented || !holdsFiles(event) || isForInput(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
});

addEventListener("drop", (event) => {
  if (!event.defaultPrevented && holdsFiles(event) && !isForInput(event)) event.preventDefault();
});
