// Before anything is shown: signing in, the PIN, the station.
import { useState } from 'preact/hooks';
import { account, endedBecause, mine, outbox, stationId, stations } from '../state.js';
import { chooseStation } from '../live.js';
import { endBecause, forgotPin, setPin, signIn, unlock } from '../session.js';
import { S } from '../strings.js';
import { says } from '../problem.js';
import { replace } from '../router.js';
import { html } from '../ui/html.js';
import { Button, Field, Head, Icon, Note, Wrong } from '../ui/parts.js';
import { Keypad } from '../ui/keypad.js';
import { Screen, TRAINING } from '../ui/shell.js';

const FORCE = document.documentElement.dataset.force ?? '';

/** @param {{title: string, lead: any, children?: any}} props */
function Door({ title, lead, children }) {
  document.title = `${title}: ${S.app}`;
  return html`<main id="main" class="door">
    <svg class="door__mark" aria-hidden="true"><use href="#mark" /></svg>
    <h1 tabindex="-1">${title}</h1>
    <p class="door__lead">${lead}</p>
    ${TRAINING ? html`<p class="strip strip--quiet strip--round">${S.training}</p>` : null} ${children}
  </main>`;
}

/** What this phone kept of the session cannot be read. What waits to be sent is another matter, and stays. */
export function Broken() {
  const [wrong, setWrong] = useState('');
  const enter = () => endBecause('').catch((error) => setWrong(says(error)));
  return html`<${Door} title=${S.broken.title} lead=${S.broken.lead}>
    ${outbox.value.length > 0 ? html`<${Note} tone="info" icon="outbox" title=${S.broken.waiting(outbox.value.length)} />` : null}
    <${Wrong}>${wrong}</${Wrong}>
    <${Button} onClick=${() => location.reload()}>${S.broken.again}</${Button}>
    <${Button} tone="quiet" onClick=${enter}>${S.broken.signIn}</${Button}>
    <p class="hint hint--mid">${S.broken.help}</p>
  </${Door}>`;
}

export function SignIn() {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [isShown, setShown] = useState(false);
  const [wrong, setWrong] = useState('');
  const [runs, setRuns] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (runs) return;
    if (!username.trim() || !password) {
      setWrong(S.signIn.missing);
      return;
    }
    setRuns(true);
    try {
      await signIn(username, password);
    } catch (error) {
      setWrong(says(error));
    } finally {
      setRuns(false);
    }
  };
  const because = /** @type {Record<string, string>} */ ({
    revoked: S.signIn.revoked,
    expired: S.signIn.expired,
    pin: S.signIn.pin,
  })[endedBecause.value];
  return html`<${Door} title=${S.signIn.title} lead=${S.signIn.lead(FORCE)}>
    ${because ? html`<${Note} tone="warn" icon="lock" title=${because} />` : null}
    ${outbox.value.length > 0 ? html`<${Note} tone="info" icon="outbox" title=${S.signIn.waiting(outbox.value.length)} />` : null}
    <${Wrong}>${wrong}</${Wrong}>
    <form class="card" novalidate onSubmit=${submit}>
      <${Field} id="username" label=${S.signIn.username} value=${username} onInput=${setUsername} max=${64} autocomplete="username" />
      <div class="withside">
        <${Field} id="password" label=${S.signIn.password} type=${isShown ? 'text' : 'password'} value=${password} onInput=${setPassword} autocomplete="current-password" />
        <button type="button" class="btn btn--quiet" aria-pressed=${isShown} aria-controls="password" onClick=${() => setShown(!isShown)}>${isShown ? S.signIn.hide : S.signIn.show}</button>
      </div>
      <button class="btn btn--block" aria-busy=${runs}>${runs ? S.signIn.busy : S.signIn.button}</button>
    </form>
  </${Door}>`;
}

const isSimple = (/** @type {string} */ pin) =>
  /^(\d)\1+$/.test(pin) || '01234567890'.includes(pin) || '09876543210'.includes(pin);

export function ChoosePin() {
  const [first, setFirst] = useState('');
  const [wrong, setWrong] = useState('');
  const [runs, setRuns] = useState(false);
  const take = async (/** @type {string} */ pin) => {
    setWrong('');
    if (!first) {
      if (isSimple(pin)) setWrong(S.pin.simple);
      else setFirst(pin);
      return;
    }
    if (pin !== first) {
      setFirst('');
      setWrong(S.pin.differ);
      return;
    }
    setRuns(true);
    try {
      await setPin(pin);
    } catch (error) {
      setRuns(false);
      setFirst('');
      setWrong(says(error));
    }
  };
  return html`<${Door} title=${first ? S.pin.again : S.pin.choose} lead=${first ? S.pin.againLead : S.pin.chooseLead}>
    <${Wrong}>${wrong}</${Wrong}><${Keypad} onPin=${take} isBusy=${runs} />
  </${Door}>`;
}

export function Locked() {
  const [wrong, setWrong] = useState('');
  const [runs, setRuns] = useState(false);
  const take = async (/** @type {string} */ pin) => {
    setRuns(true);
    try {
      const tried = await unlock(pin);
      if (!tried.ok) setWrong(S.pin.wrong(tried.left));
    } catch (error) {
      setWrong(says(error));
    } finally {
      setRuns(false);
    }
  };
  return html`<${Door} title=${S.pin.enter} lead=${runs ? S.pin.checking : S.pin.enterLead(account.value?.display_name ?? '')}>
    <${Wrong}>${wrong}</${Wrong}><${Keypad} onPin=${take} isBusy=${runs} />
    ${mine.value.length > 0 ? html`<p class="hint hint--mid">${S.pin.still(mine.value.length)}</p>` : null}
    <button type="button" class="plain" onClick=${() => forgotPin()}>${S.pin.forgotten}</button>
  </${Door}>`;
}

export function ChooseStation() {
  const [filter, setFilter] = useState('');
  const shown = stations.value.filter((it) => `${it.name} ${it.code}`.toLowerCase().includes(filter.toLowerCase()));
  const take = async (/** @type {string} */ id) => {
    replace('today');
    await chooseStation(id);
  };
  return html`<${Screen} title=${S.station.title} isRoot=${!stationId.value}>
    <${Head} title=${S.station.title} />
    <p class="lead">${stations.value.length === 0 ? S.station.none : S.station.lead}</p>
    ${stations.value.length > 8 ? html`<${Field} id="filter" label=${S.station.all} value=${filter} onInput=${setFilter} />` : null}
    <ul class="rows card">${shown.map(
      (it) =>
        html`<li key=${it.station_id}>
          <button
            type="button"
            class="row"
            aria-current=${it.station_id === stationId.value ? 'true' : undefined}
            onClick=${() => take(it.station_id)}
          >
            <${Icon} name="pin" /><span><b>${it.name}</b><small>${it.code}</small></span
            ><${Icon} name=${it.station_id === stationId.value ? 'check' : 'go'} />
          </button>
        </li>`,
    )}</ul>
  </${Screen}>`;
}
