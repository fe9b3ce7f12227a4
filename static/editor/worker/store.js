// What this browser keeps: operations that the server doesn't have yet, and those it has, by account and document. An
// operation is written at pen-up; a crash loses at most the stroke in hand.

const NAME = 'image2-editor';
const VERSION = 1;

export class Store {
  /** Opens the account's store. Rejects where the browser has none (private windows of some, or no room). */
  static open(account) {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(`${NAME}-${account}`, VERSION);
      request.onupgradeneeded = () => {
        const operations = request.result.createObjectStore('operations', { keyPath: ['document', 'id'] });
        operations.createIndex('document', 'document');
        request.result.createObjectStore('heads', { keyPath: 'document' });
        request.result.createObjectStore('assets', { keyPath: ['document', 'sha256'] });
      };
      request.onsuccess = () => {
        // Who removes the copies in another tab doesn't wait for this one.
        request.result.onversionchange = () => request.result.close();
        resolve(new Store(request.result));
      };
      request.onerror = () => reject(request.error);
    });
  }

  constructor(database) {
    this.database = database;
  }

  /** Writes operations and where the document stands ({ head, serverHead, seen }), together; resolves when they are on the disk. */
  append(document, operations, place) {
    return this.write(['operations', 'heads'], (operationStore, heads) => {
      for (const operation of operations) operationStore.put({ ...operation, document });
      if (place) heads.put({ document, ...place });
    });
  }

  async load(document) {
    const [operations, place] = await Promise.all([
      this.read('operations', (store) => store.index('document').getAll(document)),
      this.read('heads', (store) => store.get(document)),
    ]);
    return { operations, head: place?.head ?? null, serverHead: place?.serverHead ?? null, seen: place?.seen ?? 0 };
  }

  keepAsset(document, sha256, blob) {
    return this.write(['assets'], (assets) => assets.put({ document, sha256, blob }));
  }

  async asset(document, sha256) {
    return (await this.read('assets', (store) => store.get([document, sha256])))?.blob ?? null;
  }

  write(names, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(names, 'readwrite', { durability: 'strict' });
      work(...names.map((name) => transaction.objectStore(name)));
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  read(name, work) {
    return new Promise((resolve, reject) => {
      const request = work(this.database.transaction(name).objectStore(name));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}
