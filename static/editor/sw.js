// The editor's service worker. It keeps the program of the editor and the pages of documents that were opened here, so that
// they open without a connection; what was drawn is kept by the editor itself (worker/store.js).
//
// The view that serves it puts FILES (the addresses of the program) and VERSION (a hash of them) before this text.
/* global FILES, VERSION */

const PREFIX = 'image2-editor-';
const PROGRAM = `${PREFIX}program-${VERSION}`;
const PAGES = `${PREFIX}pages`;
const MOST_PAGES = 50;
const HASHED = /\.[0-9a-f]{12}\.\w+$/; // a file whose name changes with its content
const known = new Set(FILES);

self.addEventListener('install', (event) => event.waitUntil(install()));

self.addEventListener('activate', (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(PROGRAM);
  await cache.addAll(FILES);
  await self.skipWaiting();
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(`${PREFIX}program-`) && name !== PROGRAM) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (known.has(url.pathname)) event.respondWith(program(request, url));
  else if (request.mode === 'navigate') event.respondWith(page(request, url));
});

/** A file of the program: what is named by its content never changes; of others the newest that can be had. */
async function program(request, url) {
  const cache = await caches.open(PROGRAM);
  if (HASHED.test(url.pathname)) return (await cache.match(url.pathname)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await cache.match(url.pathname);
    if (!kept) throw error;
    return kept;
  }
}

/** A page of the editor from the server; without a connection the document's page as it was when it was opened last. */
async function page(request, url) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(PAGES)).match(url.pathname);
    if (!kept) throw error;
    return kept;
  }
}

/** A page that opened tells so: it is kept, for the person whose it is, until somebody else is at this browser. */
self.addEventListener('message', (event) => {
  if (event.data?.type === 'keep') event.waitUntil(keep(event.data.page));
});

async function keep(path) {
  const response = await fetch(path, { credentials: 'same-origin' });
  if (!response.ok || response.redirected) return;
  const cache = await caches.open(PAGES);
  await cache.put(path, response);
  const oldest = (await cache.keys()).slice(0, -MOST_PAGES);
  for (const request of oldest) await cache.delete(request);
}
