// Being told of alerts while the app is shut.
import { call } from './api.js';
import { fromBase64url, newId } from './ids.js';
import { forget, keep, kept } from './keep/db.js';
import { me } from './state.js';

const canBeTold = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

/** @typedef {'cannot' | 'denied' | 'off' | 'not_known' | import('./types').Phone['state']} Told */
/** Of this phone, not of the account; whether it is told, only the service knows. @returns {Promise<Told>} */
export async function pushState() {
  if (!canBeTold()) return 'cannot';
  if (Notification.permission === 'denied') return 'denied';
  const id = await kept('push_id');
  if (!id || Notification.permission === 'default') return 'off';
  const registration = await navigator.serviceWorker.getRegistration();
  if (!(await registration?.pushManager.getSubscription())) return 'off';
  try {
    const { body } = await call('GET', '/me');
    me.value = body;
    return me.value?.phones.find((it) => it.push_subscription_id === id)?.state ?? 'off';
  } catch {
    return 'not_known';
  }
}

/** Must be called from a tap: browsers ask nobody otherwise. */
export async function subscribe() {
  if ((await Notification.requestPermission()) !== 'granted') return pushState();
  await renew(true);
  return pushState();
}

/** At each start: a subscription that the browser has changed is put on file anew. @param {boolean} [isAsked] */
export async function renew(isAsked = false) {
  if (!canBeTold() || Notification.permission !== 'granted') return;
  const id = await kept('push_id');
  if (!id && !isAsked) return;
  const registration = await navigator.serviceWorker.ready;
  const { body } = await call('GET', '/push-key');
  const subscription =
    (await registration.pushManager.getSubscription()) ??
    (await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: fromBase64url(body.public_key),
    }));
  const { endpoint, keys } = subscription.toJSON();
  const put = id && (await kept('push_endpoint')) === endpoint ? id : newId();
  await call('PUT', `/push-subscriptions/${put}`, {
    body: { endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth } },
  });
  await keep('push_id', put);
  await keep('push_endpoint', endpoint);
}

export async function unsubscribe() {
  const id = await kept('push_id');
  if (!id) return;
  await call('DELETE', `/push-subscriptions/${id}`);
  await unlink();
}

/** On this side only: whatever is still sent to the subscription, this phone does not get. */
export async function unlink() {
  await forget('push_id', 'push_endpoint');
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}
