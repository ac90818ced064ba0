// The only way to the service. Every refusal comes out as one kind of error, with words for the screen.
import { kept } from './keep/db.js';
import { open } from './keep/vault.js';

const TIMEOUT_MS = 15_000;
const PATIENT_STATUSES = [401, 408, 425, 429];

export class Refused extends Error {
  /** @param {number} status @param {import('./types').Problem | null} problem @param {number} [retryAfterS] */
  constructor(status, problem, retryAfterS = 0) {
    super(problem?.detail ?? problem?.title ?? `status ${status}`);
    this.status = status;
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }

  get slug() {
    return this.problem?.type.split('/').pop() ?? '';
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

/** A worker reads it each time: who is signed in may have changed since it last ran. */
async function bearer() {
  if (token) return token;
  const session = await kept('session');
  return session ? (await open(session.box)).token : null;
}

/**
 * @param {string} method
 * @param {string} path from /api/v1
 * @param {{body?: unknown, headers?: Record<string, string>, isAnonymous?: boolean, fresh?: boolean}} [with_]
 * @returns {Promise<{status: number, body: any, etag: string | null}>}
 */
export async function call(method, path, with_ = {}) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json', ...with_.headers };
  if (with_.body !== undefined) headers['content-type'] = 'application/json';
  if (!with_.isAnonymous) {
    const known = await bearer();
    if (known) headers.authorization = `Bearer ${known}`;
  }
  const body = with_.body === undefined ? undefined : JSON.stringify(with_.body);
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), TIMEOUT_MS);
  let response, text;
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
    text = await response.text();
  } catch (error) {
    for (const tell of listeners) tell(false);
    throw new NoAnswer(String(error));
  } finally {
    clearTimeout(timer);
  }
  const read = readJson(text);
  if (read === undefined) {
    for (const tell of listeners) tell(false);
    throw new NoAnswer("the answer is not the service's");
  }
  for (const tell of listeners) tell(true);
  if (response.ok || response.status === 304)
    return { status: response.status, body: read, etag: response.headers.get('etag') };
  const refused = new Refused(response.status, read, Number(response.headers.get('retry-after') ?? 0));
  if (refused.slug === 'not-signed-in' && !with_.isAnonymous) {
    endSession();
  }
  throw refused;
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
