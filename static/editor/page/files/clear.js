// The list of documents: what this browser keeps of them, what of it the server doesn't have yet, and a button that removes it.
// Copies of documents that were deleted go by themselves.
const STORES = ['operations', 'heads', 'assets'];
const AT_ONCE = 20; // documents that are asked for on one visit
const part = (name) => document.querySelector(`[data-clear=${name}]`);

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** The account's database; null when this browser keeps nothing. */
async function open(name) {
  const known = await indexedDB.databases();
  if (!known.some((each) => each.name === name)) return null;
  const database = await done(indexedDB.open(name));
  database.onversionchange = () => database.close();
  if (STORES.every((store) => database.objectStoreNames.contains(store))) return database;
  database.close();
  return null;
}

/** By document: how many operations wait for the server. */
async function waiting(database) {
  const counts = new Map();
  for (const id of await done(database.transaction('heads').objectStore('heads').getAllKeys())) counts.set(id, 0);
  await new Promise((resolve, reject) => {
    const request = database.transaction('operations').objectStore('operations').openCursor();
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) {
        resolve();
        return;
      }
      const { document: id, seq, replaced } = cursor.value;
      counts.set(id, (counts.get(id) ?? 0) + (seq === undefined && !replaced ? 1 : 0));
      cursor.continue();
    };
  });
  return counts;
}

/** Removes everything of one document. */
function drop(database, id) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORES, 'readwrite');
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.objectStore('heads').delete(id);
    for (const store of ['operations', 'assets']) transaction.objectStore(store).delete(IDBKeyRange.bound([id], [id, []]));
  });
}

/** Copies of documents that the server doesn't have any more, or has in the trash, and that hold nothing of their own. */
async function dropDeleted(database, counts, address) {
  const shown = new Set([...document.querySelectorAll('[data-document]')].map((card) => card.dataset.document));
  const asked = [...counts].filter(([id, count]) => count === 0 && !shown.has(id)).slice(0, AT_ONCE);
  for (const [id] of asked) {
    const { status } = await fetch(address.replace('00000000-0000-0000-0000-000000000000', id), { method: 'HEAD', credentials: 'same-origin' });
    if (status === 404) await drop(database, id);
  }
}

async function removeAll(name) {
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
  for (const cache of await caches.keys()) if (cache.startsWith('image2-editor-')) await caches.delete(cache);
  for (const each of await navigator.serviceWorker?.getRegistrations() ?? []) {
    if (each.active?.scriptURL.endsWith('/editor/sw.js')) await each.unregister();
  }
}

async function show(place) {
  const name = `image2-editor-${place.dataset.account}`;
  const database = await open(name);
  if (!database) return;
  const counts = await waiting(database);
  const count = [...counts.values()].reduce((sum, each) => sum + each, 0);
  part('waiting').hidden = count === 0;
  part('count').textContent = String(count);
  place.hidden = false;
  part('form').addEventListener('submit', async () => {
    database.close();
    await removeAll(name);
    place.hidden = true;
    document.dispatchEvent(new CustomEvent('toast', { detail: { level: 'success', message: place.dataset.done } }));
  });
  await dropDeleted(database, counts, place.dataset.log);
}

// Where a browser allows no storage, or there is no connection, nothing is kept or removed.
if (part('place')) show(part('place')).catch(() => {});
