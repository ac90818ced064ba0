// What stays on the phone: one database, whose schema only ever grows, so that a new version of the app
// finds what an old one left waiting.

const NAME = 'holdfast-officer';
const VERSION = 1;
/** @typedef {'kept' | 'outbox' | 'done'} Store */

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      const names = asked.result.objectStoreNames;
      if (!names.contains('kept')) asked.result.createObjectStore('kept');
      if (!names.contains('outbox')) asked.result.createObjectStore('outbox', { keyPath: 'id' });
      if (!names.contains('done')) asked.result.createObjectStore('done', { keyPath: 'id' });
    };
    asked.onsuccess = () => {
      // A newer version in another tab must not wait for this one.
      asked.result.onversionchange = () => {
        asked.result.close();
        opened = null;
      };
      asked.result.onclose = () => {
        opened = null;
      };
      resolve(asked.result);
    };
    asked.onerror = () => {
      opened = null;
      reject(asked.error);
    };
  });
  return opened;
}

/**
 * One transaction. What nothing else could replace is `strict`: over only when it is on disk.
 * @template T
 * @param {Store[]} stores
 * @param {(of: (store: Store) => IDBObjectStore) => IDBRequest<T> | void} work
 * @param {'strict' | 'relaxed'} durability
 * @returns {Promise<T>}
 */
export async function write(stores, work, durability = 'strict') {
  const database = await open();
  return new Promise((resolve, reject) => {
    const tx = database.transaction(stores, 'readwrite', { durability });
    /** @type {IDBRequest<T> | void} */
    let asked;
    tx.oncomplete = () => resolve(/** @type {T} */ (asked ? asked.result : undefined));
    tx.onabort = () => reject(tx.error ?? new DOMException('The write was given up.', 'AbortError'));
    try {
      asked = work((store) => tx.objectStore(store));
    } catch (error) {
      tx.abort();
      reject(error);
    }
  });
}

/** @template T @param {Store} store @param {(store: IDBObjectStore) => IDBRequest<T>} work @returns {Promise<T>} */
async function read(store, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const asked = work(database.transaction(store).objectStore(store));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** @param {string} key @returns {Promise<any>} */
export const kept = (key) => read('kept', (store) => store.get(key));
/** @param {string} key @param {unknown} value */
export const keep = (key, value) =>
  write(['kept'], (of) => {
    of('kept').put(value, key);
  });
/** What the service would give again. @param {string} key @param {unknown} value */
export const keepLightly = (key, value) =>
  write(
    ['kept'],
    (of) => {
      of('kept').put(value, key);
    },
    'relaxed',
  );
/** @param {(string | IDBKeyRange)[]} keys */
export const forget = (...keys) =>
  write(['kept'], (of) => {
    for (const key of keys) of('kept').delete(key);
  });
/** @param {IDBKeyRange} range @returns {Promise<IDBValidKey[]>} */
export const keysIn = (range) => read('kept', (store) => store.getAllKeys(range));
/** @param {'outbox' | 'done'} store @returns {Promise<any[]>} */
export const all = (store) => read(store, (it) => it.getAll());
/** @param {'outbox' | 'done'} store @param {string} id @returns {Promise<any>} */
export const one = (store, id) => read(store, (it) => it.get(id));
