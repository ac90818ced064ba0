// Which screen: what stands after the `#`. Screens are pages of the browser's own history.
import { signal } from '@preact/signals';

/** @typedef {{name: string, parts: string[]}} Route */
/** @returns {Route} */
function read() {
  const [name = '', ...parts] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  return { name: name || 'today', parts };
}

export const route = signal(read());
/** @type {Map<string, number>} */
const scrolled = new Map();
let shown = location.hash;

/** @param {...string} parts */
export const to = (...parts) => `#/${parts.map(encodeURIComponent).join('/')}`;
/** @param {...string} parts */
export function go(...parts) {
  location.hash = to(...parts);
}
/** In the place of this screen, so that going back does not come here. @param {...string} parts */
export function replace(...parts) {
  history.replaceState(null, '', to(...parts));
  changed();
}
/** @param {...string} otherwise */
export function back(...otherwise) {
  if (history.length > 1 && moves > 0) history.back();
  else replace(...otherwise);
}

let moves = 0;
function changed() {
  scrolled.set(shown, scrollY);
  shown = location.hash;
  route.value = read();
  requestAnimationFrame(() => {
    scrollTo(0, scrolled.get(shown) ?? 0);
    // Whoever cannot see the change hears it.
    document.querySelector('h1')?.focus({ preventScroll: true });
  });
}
addEventListener('hashchange', () => {
  moves += 1;
  changed();
});
history.scrollRestoration = 'manual';
