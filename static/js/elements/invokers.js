// Dialogs that are open from the start, and command/commandfor for browsers that do not know them yet.

const openAtOnce = (root) => root.querySelectorAll?.("dialog[data-open-now]:not([open])").forEach((dialog) => dialog.showModal());

openAtOnce(document);
document.addEventListener("htmx:after:swap", () => openAtOnce(document));

if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!(dialog instanceof HTMLDialogElement)) return;
    const command = button.getAttribute("command");
    if (command === "show-modal") dialog.showModal();
    if (command === "close" || command === "request-close") dialog.close();
  });
}

// closedby="any" (a click beside the dialog closes it) for the same browsers.
if (!("closedBy" in HTMLDialogElement.prototype)) {
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement) || dialog.getAttribute("closedby") !== "any") return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
}
