// Asks the service worker to keep this page, so that the document opens without a connection.

/** `address` is the service worker's, `worker` that of the editor's own worker: its scripts lie elsewhere, and what a worker
 * asks for is answered by the service worker in whose reach the worker's script lies. */
export async function keepPage(address, worker) {
  if (!('serviceWorker' in navigator)) return;
  const folder = (url, up) => new URL(up, new URL(url, location.href)).pathname;
  try {
    await navigator.serviceWorker.register(address, { scope: folder(worker, '../') });
    await navigator.serviceWorker.register(address, { scope: folder(address, './') });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ type: 'keep', page: location.pathname });
  } catch {
    // A browser that allows none, or no connection: the editor works all the same.
  }
}
