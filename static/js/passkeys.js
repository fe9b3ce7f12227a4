// Says in words what allauth's passkey script only writes to the console.
document.addEventListener("allauth.error", (event) => {
  const problem = document.getElementById("passkey-problem");
  if (!problem) return;
  event.preventDefault();
  const unsupported = !window.PublicKeyCredential || event.detail.exception?.name === "SecurityError";
  problem.textContent = unsupported ? problem.dataset.unsupported : problem.dataset.cancelled;
  problem.hidden = false;
});
