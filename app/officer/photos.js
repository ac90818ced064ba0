// Photos of people: what is shown of them, and what stays on the phone. None of it ever holds up a screen:
// until a photo is there, and where it cannot be had, there are initials.
import { signal } from '@preact/signals';
import { call, NoAnswer, watchNow } from './api.js';
import { keepOnlyPhotos, keepPhoto, keptPhoto } from './keep/vault.js';

/** Where the browser finds those that are open, by their id. */
export const photos = signal(/** @type {Map<string, string>} */ (new Map()));
/** Of people who were looked up: shown until the screen is locked, and never kept. @type {Set<string>} */
const lookedUp = new Set();
/** Not given out, or no picture: not asked for again before the next lock. @type {Set<string>} */
const missing = new Set();

/** Nothing of them stays in memory. */
export function forgetPhotos() {
  for (const address of photos.peek().values()) URL.revokeObjectURL(address);
  photos.value = new Map();
  lookedUp.clear();
  missing.clear();
}

/** Opens or fetches the photos of a list, one after another, and drops all others. @param {import('./types').DueList | null} list */
export async function showPhotosOf(list) {
  const asked = watchNow();
  const ids = new Set((list?.due ?? []).flatMap(({ subject }) => subject.photo_id ?? []));
  drop(ids);
  await keepOnlyPhotos(ids);
  let isCut = false;
  for (const id of ids) {
    if (photos.peek().has(id)) continue;
    let photo = await keptPhoto(id);
    if (!photo && !isCut && !missing.has(id)) {
      try {
        photo = await fetched(id);
        await keepPhoto(id, photo);
      } catch (error) {
        // The others may be on the phone.
        isCut = error instanceof NoAnswer;
      }
    }
    if (asked !== watchNow()) return;
    if (photo) show(id, photo);
  }
}

/** Of somebody who is not on the list. @param {string} id */
export async function lookUpPhoto(id) {
  if (photos.peek().has(id) || missing.has(id)) return;
  const asked = watchNow();
  lookedUp.add(id);
  const photo = (await keptPhoto(id)) ?? (await fetched(id).catch(() => null));
  if (photo && asked === watchNow()) show(id, photo);
}

/** It could not be drawn. @param {string} id */
export function isNoPicture(id) {
  missing.add(id);
  lookedUp.delete(id);
  drop(new Set([...photos.peek().keys()].filter((it) => it !== id)));
}

/** @param {string} id @returns {Promise<Blob>} */
async function fetched(id) {
  try {
    return (await call('GET', `/photos/${id}`, { isPicture: true })).body;
  } catch (error) {
    if (!(error instanceof NoAnswer)) missing.add(id);
    throw error;
  }
}

/** @param {string} id @param {Blob} photo */
function show(id, photo) {
  if (!photos.peek().has(id)) photos.value = new Map(photos.peek()).set(id, URL.createObjectURL(photo));
}

/** @param {Set<string>} ids of those that stay */
function drop(ids) {
  const gone = [...photos.peek()].filter(([id]) => !ids.has(id) && !lookedUp.has(id));
  if (gone.length === 0) return;
  for (const [, address] of gone) URL.revokeObjectURL(address);
  photos.value = new Map([...photos.peek()].filter(([id]) => !gone.some(([it]) => it === id)));
}
