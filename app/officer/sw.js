// Opens the app without a signal, shows alerts, and sends what waits. The server writes in which build this
// is and which files belong to it.
import { call } from './api.js';
import { flush } from './outbox/outbox.js';
import { S } from './strings.js';

const BUILD = '{{build}}';
/** @type {string[]} */
const FILES = JSON.parse('{{files}}');
const HOME = '/officer/';
const CACHE = `holdfast-officer-${BUILD}`;
const worker = /** @type {any} */ (self);

worker.addEventListener('install', (/** @type {any} */ event) => {
  const fetchAll = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([HOME, ...FILES].map((file) => new Request(file, { cache: 'no-cache' })));
    await worker.skipWaiting();
  };
  event.waitUntil(fetchAll());
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  // Old files go; what waits to be sent is in the database, which no version empties.
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(
      names.filter((name) => name.startsWith('holdfast-officer-') && name !== CACHE).map((name) => caches.delete(name)),
    );
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate' && url.pathname.startsWith(HOME)) event.respondWith(fromCache(HOME, request));
  else if (FILES.includes(url.pathname)) event.respondWith(fromCache(url.pathname, request));
});

/** What cannot be read of the cache, the service gives again. @param {string} key @param {Request} request */
async function fromCache(key, request) {
  const found = await caches.match(key, { cacheName: CACHE }).catch(() => undefined);
  return found ?? fetch(request);
}

worker.addEventListener('sync', (/** @type {any} */ event) => {
  event.waitUntil(sendWaiting());
});

/** It keeps no list, so that it may not say up to where changes are known. */
const sendWaiting = () => flush({ cursor: null, isOpen: false });

worker.addEventListener('push', (/** @type {any} */ event) => {
  event.waitUntil(show(event.data?.json() ?? {}));
});

/** Nothing about anybody: the phone may lie face up on a counter. @param {any} message */
async function show(message) {
  const isHeartbeat = message.kind === 'heartbeat';
  const isUrgent = message.priority === 'critical' || message.priority === 'high';
  await worker.registration.showNotification(S.notification.title, {
    body: isHeartbeat ? S.notification.heartbeat : isUrgent ? S.notification.urgent : S.notification.body,
    tag: isHeartbeat ? 'heartbeat' : message.alert_id,
    renotify: !isHeartbeat,
    silent: isHeartbeat,
    requireInteraction: isUrgent,
    icon: '/officer/icons/app-192.png',
    badge: '/officer/icons/badge-96.png',
    data: { alert_id: message.alert_id, receipt_token: message.receipt_token },
  });
  if (isHeartbeat) for (const shown of await worker.registration.getNotifications({ tag: 'heartbeat' })) shown.close();
  await tell(message.receipt_token, 'displayed');
  await sendWaiting().catch(() => {});
}

worker.addEventListener('notificationclick', (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(openAlert(event.notification.data));
});

/** @param {{alert_id?: string, receipt_token?: string}} data */
async function openAlert(data) {
  const hash = data.alert_id ? `#/alert/${data.alert_id}` : '#/alerts';
  const told = tell(data.receipt_token, 'opened');
  const [page] = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (page) {
    page.postMessage({ open: hash });
    await page.focus().catch(() => {});
  } else {
    await worker.clients.openWindow(`${HOME}${hash}`);
  }
  await told;
}

/** The token in the message is enough: the worker has no session of its own. @param {string | undefined} token @param {'displayed' | 'opened'} event */
async function tell(token, event) {
  if (token) await call('POST', '/receipts', { body: { token, event }, isAnonymous: true }).catch(() => {});
}
