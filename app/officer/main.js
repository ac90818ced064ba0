// The start: what is kept is shown at once, then the service is asked.
import { effect } from '@preact/signals';
import { render } from 'preact';
import { begin, watchIdle } from './session.js';
import { round, showOutbox, start, watch } from './live.js';
import { renew } from './push.js';
import { route } from './router.js';
import { installOffer, isOfficer, phase, updateWaits } from './state.js';
import { S } from './strings.js';
import { html } from './ui/html.js';
import { Busy, Head, LinkButton } from './ui/parts.js';
import { Screen } from './ui/shell.js';
import { Broken, ChoosePin, ChooseStation, Locked, SignIn } from './screens/enter.js';
import { Today } from './screens/today.js';
import { Confirm, SomethingWrong } from './screens/confirm.js';
import { Mistake, ReceiptScreen, Saved } from './screens/receipt.js';
import { Outbox } from './screens/outbox.js';
import { Alerts, AlertScreen } from './screens/alerts.js';
import { Find, OrderScreen } from './screens/find.js';
import { HandOver } from './screens/hand.js';
import { Notified } from './screens/notified.js';
import { Concern, Device, Notify, Serve, Sighting, Warn } from './screens/record.js';
import { TaskScreen, Work } from './screens/work.js';
import { MeScreen } from './screens/me.js';

/** @param {{parts: string[], name: string}} of */
function screenOf({ name, parts: [one = '', two = ''] }) {
  switch (name) {
    case 'today':
      return html`<${Today} />`;
    case 'station':
      return html`<${ChooseStation} />`;
    case 'confirm':
      return html`<${Confirm} key=${one} id=${one} />`;
    case 'wrong':
      return html`<${SomethingWrong} key=${one} id=${one} />`;
    case 'receipt':
      return html`<${ReceiptScreen} key=${one} id=${one} />`;
    case 'mistake':
      return html`<${Mistake} key=${one} id=${one} />`;
    case 'saved':
      return html`<${Saved} key=${one} id=${one} />`;
    case 'outbox':
      return html`<${Outbox} />`;
    case 'alerts':
      return html`<${Alerts} />`;
    case 'alert':
      return html`<${AlertScreen} key=${one} id=${one} />`;
    case 'hand':
      return html`<${HandOver} key=${one} id=${one} />`;
    case 'find':
      return html`<${Find} />`;
    case 'order':
      return html`<${OrderScreen} key=${two} subject=${one} id=${two} />`;
    case 'sighting':
      return html`<${Sighting} key=${one} id=${one} />`;
    case 'device':
      return html`<${Device} key=${one} id=${one} />`;
    case 'notify':
      return html`<${Notify} key=${one} id=${one} />`;
    case 'notified':
      return html`<${Notified} key=${one} id=${one} />`;
    case 'warn':
      return html`<${Warn} key=${one} id=${one} />`;
    case 'serve':
      return html`<${Serve} key=${one} id=${one} />`;
    case 'concern':
      return html`<${Concern} key=${one} id=${one} />`;
    case 'work':
      return html`<${Work} />`;
    case 'task':
      return html`<${TaskScreen} key=${one} id=${one} />`;
    case 'me':
      return html`<${MeScreen} />`;
    default:
      return html`<${Screen} title=${S.none.title}><${Head} title=${S.none.title} /><p class="empty">${S.none.lead}</p></${Screen}>`;
  }
}

function App() {
  if (phase.value === 'starting') return html`<${Busy} />`;
  if (phase.value === 'broken') return html`<${Broken} />`;
  if (phase.value === 'signed_out') return html`<${SignIn} />`;
  if (phase.value === 'choosing_pin') return html`<${ChoosePin} />`;
  if (phase.value === 'locked') return html`<${Locked} />`;
  if (!isOfficer.value && route.value.name !== 'me')
    return html`<${Screen} title=${S.noCase.title}><${Head} title=${S.noCase.title} /><p class="empty">${S.noCase.lead}</p><${LinkButton} href="#/me">${S.me.title}</${LinkButton}></${Screen}>`;
  return screenOf(route.value);
}

async function installWorker() {
  if (!('serviceWorker' in navigator)) return;
  const policy = /** @type {any} */ (window).trustedTypes?.createPolicy('holdfast', {
    createScriptURL: (/** @type {string} */ url) => (url === '/officer/sw.js' ? url : ''),
  });
  const registration = await navigator.serviceWorker.register(
    policy ? policy.createScriptURL('/officer/sw.js') : '/officer/sw.js',
    { type: 'module', scope: '/officer/', updateViaCache: 'none' },
  );
  registration.addEventListener('updatefound', () => {
    const fresh = registration.installing;
    // The first one of all replaces nothing.
    const isUpdate = registration.active !== null;
    fresh?.addEventListener('statechange', () => {
      if (fresh.state === 'activated' && isUpdate) updateWaits.value = true;
    });
  });
  // A phone may have the app open for days.
  setInterval(() => {
    void registration.update().catch(() => {});
  }, 30 * 60_000);
}

/** @type {HTMLElement} */ (document.getElementById('app')).replaceChildren();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById('app')));
watchIdle();
watch();
effect(() => {
  if (phase.value === 'starting') return;
  // Behind a locked screen, what waits is still sent.
  const shown = phase.value === 'open' ? start().then(() => renew()) : showOutbox().then(() => round());
  void shown.catch(() => {});
});
navigator.serviceWorker?.addEventListener('message', ({ data }) => {
  if (data?.open) location.hash = data.open;
});
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  installOffer.value = /** @type {any} */ (event);
});
await begin();
void installWorker().catch(() => {});
