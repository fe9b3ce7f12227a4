// The first script of the page, which waits for no other: it starts the worker, so that the document is fetched and decoded
// while the page's own scripts still come.
const find = () => document.querySelector('[data-editor]');
const parsed = () => new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }));
if (!find()) await parsed(); // it doesn't wait for style sheets either, so it may be earlier than the page

/** What the editor needs and this browser lacks, or null. */
function lacking() {
  if (!HTMLCanvasElement.prototype.transferControlToOffscreen || typeof OffscreenCanvas === 'undefined') return 'OffscreenCanvas';
  if (typeof WebAssembly === 'undefined') return 'WebAssembly';
  if (typeof DecompressionStream === 'undefined') return 'DecompressionStream';
  // Module workers are older than these in every browser but one version of Firefox, which then says that nothing opens.
  return null;
}

function begun({ worker: url, document: name, account, token, picture, log, operations, asset, assets, check, kernels, fonts }) {
  const worker = new Worker(url, { type: 'module' });
  const absolute = (address) => new URL(address, location.href).href;
  const files = Object.entries(JSON.parse(kernels)).map(([file, address]) => [file, absolute(address)]);
  const addresses = { log, operations, asset, assets, check, fonts, kernels: Object.fromEntries(files) };
  const early = { worker, held: [], broken: false }; // what it says before anybody listens
  worker.onmessage = ({ data }) => early.held.push(data);
  worker.onerror = () => {
    early.broken = true;
  };
  worker.postMessage({ type: 'open', document: name, account, token, picture, addresses });
  return early;
}

export const missing = lacking();
export const early = missing === null ? begun(find().dataset) : null;
