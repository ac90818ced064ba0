// Every refusal as a sentence that says what to do.
import { NoAnswer, Refused, slugOf } from './api.js';
import { S } from './strings.js';

/** @param {unknown} error @param {string} [noAnswer] what to say when there is no signal */
export function says(error, noAnswer = S.problem.noAnswer) {
  if (error instanceof NoAnswer) return noAnswer;
  if (error instanceof Refused) {
    const wait = error.retryAfterS > 0 ? ` ${S.problem.waitFor(error.retryAfterS)}` : '';
    return `${ofProblem(error.problem, error.status)}${wait}`;
  }
  if (isQuota(error)) return S.problem.diskFull;
  return S.problem.broken(error instanceof Error ? error.message : String(error));
}

/** @param {import('./types').Problem | null | undefined} problem @param {number} [status] */
export function ofProblem(problem, status = 0) {
  const slug = slugOf(problem);
  const known = /** @type {Record<string, string>} */ (S.problem.bySlug)[slug];
  if (known) return known;
  if (slug === 'invalid-field' && problem?.errors?.length)
    return S.problem.field(problem.errors.map((it) => `${fieldName(it.pointer)} ${it.detail}`).join('; '));
  if (problem) return `${problem.title}. ${problem.detail}`;
  return S.problem.status(status);
}

/** @param {string} pointer */
const fieldName = (pointer) => (pointer.split('/').pop() ?? '').replaceAll('_', ' ');

/** @param {unknown} error */
export const isQuota = (error) => error instanceof DOMException && error.name === 'QuotaExceededError';
