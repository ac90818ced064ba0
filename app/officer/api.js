// The only way to the service. Every refusal comes out as one kind of error, with words for the screen.

const TIMEOUT_MS = 15_000;
const PICTURES = ['image/jpeg', 'image/png', 'image/webp'];
const PATIENT_STATUSES = [401, 408, 425, 429];

/** @param {import('./types').Problem | null | undefined} problem */
export const slugOf = (problem) => problem?.type.split('/').pop() ?? '';

export class Refused extends Error {
  /** @param {number} status @param {import('./types').Problem | null} problem @param {number} [retryAfterS] */
  constructor(status, problem, retryAfterS = 0) {
    super(problem?.detail ?? problem?.title ?? `status ${status}`);
    this.status = status;
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }

  get slug() {
    return slugOf(this.problem);
  }

  /** Whether the same request may be taken another time. */
  get isPassing() {
    return this.status >= 500 || PATIENT_STATUSES.includes(this.status);
  }
}

/** No answer came, or not a whole one. What was sent may have arrived. */
export class NoAnswer extends Error {}

/** @type {string | null} */
let token = null;
/** @type {Set<() => void>} */
const endings = new Set();
/** @type {Set<(answers: boolean) => void>} */
const listeners = new Set();

/** Called when the service no longer knows the session. @param {() => void} tell */
export const onSessionEnd = (tell) => {
  endings.add(tell);
};
/** Called with whether the service could be reached. @param {(answers: boolean) => void} tell */
export const onReach = (tell) => {
  listeners.add(tell);
};
/** @param {string | null} it */
export function useToken(it) {
  token = it;
}

let watch = 0;
/** Goes up when the screen is locked and when somebody signs in or out. */
export const watchNow = () => watch;
/** What was asked before this and is answered after it is nobody's any more. */
export function endWatch() {
  watch += 1;
}

/**
 * @param {string} method
 * @param {string} path from /api/v1
 * @param {{body?: unknown, headers?: Record<string, string>, isAnonymous?: boolean, token?: string, isPicture?: boolean}} [with_]
 *   `token`: of the session that it goes with, whatever becomes of the screen; without it, of the one that is signed in.
 *   `isPicture`: what is asked for is one, and comes as a Blob
 * @returns {Promise<{status: number, body: any, etag: string | null}>}
 */
export async function call(method, path, with_ = {}) {
  /** @type {Record<string, string>} */
  const headers = { accept: with_.isPicture ? PICTURES.join() : 'application/json', ...with_.headers };
  if (with_.body !== undefined) headers['content-type'] = 'application/json';
  const bearer = with_.isAnonymous ? null : (with_.token ?? token);
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  const asked = watch;
  const body = with_.body === undefined ? undefined : JSON.stringify(with_.body);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), TIMEOUT_MS);
  let response, answer;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body,
      signal: giveUp.signal,
      cache: 'no-store',
      credentials: 'omit',
    });
    // An answer counts only once it is there whole.
    const type = response.headers.get('content-type') ?? '';
    answer = with_.isPicture && PICTURES.includes(type) ? await response.blob() : await response.text();
  } catch (error) {
    for (const tell of listeners) tell(false);
    throw new NoAnswer(String(error));
  } finally {
    clearTimeout(timer);
  }
  const read = typeof answer === 'string' ? readJson(answer) : answer;
  // A picture is none that was read as text.
  if (read === undefined || (with_.isPicture && response.ok && answer !== read)) {
    for (const tell of listeners) tell(false);
    throw new NoAnswer("the answer is not the service's");
  }
  for (const tell of listeners) tell(true);
  if (!with_.token && asked !== watch) throw new NoAnswer('it came too late');
  if (response.ok || response.status === 304)
    return { status: response.status, body: read, etag: response.headers.get('etag') };
  const refused = new Refused(response.status, read, Number(response.headers.get('retry-after') ?? 0));
  if (refused.slug === 'not-signed-in' && bearer && bearer === token) {
    endSession();
  }
  throw refused;
}

/**
 * Follows `next` through a list, so far and no further; says whether there is more.
 * @param {string} path with its query @param {string} name of the list in the answer @param {number} count
 */
export async function pages(path, name, count) {
  const all = [];
  let after = '';
  for (let page = 0; page < count; page += 1) {
    const { body } = await call('GET', `${path}${after && `&after=${encodeURIComponent(after)}`}`);
    all.push(...body[name]);
    after = body.next ?? '';
    if (!after) break;
  }
  return { all, isMore: after !== '' };
}

/** The session is of no use any more: the service has ended it, or takes in nothing that this phone signs. */
export function endSession() {
  token = null;
  for (const tell of endings) tell();
}

/** Nothing is null; what is no JSON (a hotel's sign-in page) is undefined. @param {string} text */
function readJson(text) {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
