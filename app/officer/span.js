// How long something took, in words. Apart from `time.js`, so that the worker can have it.

export const MINUTE = 60_000;

/** A number stays on the line of its unit. "2 h 05 min", "35 min", "3 days" @param {number} ms */
export function span(ms) {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes}\u00a0min`;
  if (minutes < 48 * 60) {
    const rest = minutes % 60;
    return rest === 0
      ? `${Math.floor(minutes / 60)}\u00a0h`
      : `${Math.floor(minutes / 60)}\u00a0h ${String(rest).padStart(2, '0')}\u00a0min`;
  }
  return `${Math.floor(minutes / 1440)} days`;
}
