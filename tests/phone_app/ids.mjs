// Ids as a phone makes them.
import { randomUUID } from 'node:crypto';

export function version7() {
  const id = randomUUID();
  return `${Date.now()
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})(.{4})$/, '$1-$2')}-7${id.slice(15)}`;
}
