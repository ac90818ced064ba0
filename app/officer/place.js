// Where the phone is, and what that says about the station. Never a reason not to confirm.

/** @typedef {import('./types').Fix} Fix */
/** `at`: when the phone found it, by its own clock. @typedef {{state: 'asking'} | {state: 'denied' | 'none'} | {state: 'here', fix: Fix, at: number}} Found */
const TIMEOUT_MS = 15_000;

/** Asks once, for a fresh position. @returns {Promise<Found>} */
export function find() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) {
      resolve({ state: 'none' });
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          state: 'here',
          at: Date.now(),
          fix: {
            latitude: coords.latitude,
            longitude: coords.longitude,
            accuracy_m: Math.max(1, Math.round(coords.accuracy)),
          },
        }),
      (error) => resolve({ state: error.code === error.PERMISSION_DENIED ? 'denied' : 'none' }),
      { enableHighAccuracy: true, timeout: TIMEOUT_MS, maximumAge: 0 },
    );
  });
}

const EARTH_M = 6_371_008.8;
/** Great-circle distance, in metres. @param {import('./types').Position} one @param {import('./types').Position} other */
export function metres(one, other) {
  const rad = Math.PI / 180;
  const across =
    Math.sin(((other.latitude - one.latitude) * rad) / 2) ** 2 +
    Math.cos(one.latitude * rad) *
      Math.cos(other.latitude * rad) *
      Math.sin(((other.longitude - one.longitude) * rad) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(across)));
}

/** Inside only when the whole circle of accuracy is. @param {Fix} fix @param {import('./types').Station} station */
export function against(fix, station) {
  const away = metres(fix, station.position);
  if (away + fix.accuracy_m <= station.radius_m) return { verdict: 'inside', away };
  if (away - fix.accuracy_m > station.radius_m) return { verdict: 'outside', away };
  return { verdict: 'cannot_tell', away };
}
