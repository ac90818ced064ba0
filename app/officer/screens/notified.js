// The receipt of a notification: for the officer, for the person to read, and to print.
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api.js';
import { says } from '../problem.js';
import { to } from '../router.js';
import { S } from '../strings.js';
import { dayAndClock } from '../time.js';
import { html } from '../ui/html.js';
import { Button, LinkButton, Note } from '../ui/parts.js';
import { NotYet, Screen } from '../ui/shell.js';
import { Done } from './receipt.js';

/** @typedef {import('../types').Notification} Notification */
/** @param {string} cause */
const causeOf = (cause) => /** @type {Record<string, string>} */ (S.notify.causes)[cause] ?? cause;

/** @param {{id: string}} props */
export function Notified({ id }) {
  const [got, setGot] = useState(/** @type {Notification | null} */ (null));
  const [wrong, setWrong] = useState('');
  const [isLarge, setLarge] = useState(false);
  const load = async () => {
    try {
      setGot((await call('GET', `/notifications/${id}`)).body);
    } catch (error) {
      setWrong(says(error, S.notified.needsSignal));
    }
  };
  useEffect(() => {
    void load();
  }, [id]);
  if (!got)
    return wrong
      ? html`<${Screen} title=${S.notify.done} isRoot><${Done} icon="check" tone="ok" title=${S.notify.done}><p>${wrong}</p></${Done}>
          <${Button} onClick=${load}>${S.notified.again}</${Button}><${LinkButton} tone="quiet" href=${to('today')}>${S.receipt.toToday}</${LinkButton}></${Screen}>`
      : html`<${NotYet} title=${S.notify.done} wrong="" />`;
  const number = got.notification.receipt_number;
  if (isLarge)
    return html`<${Screen} title=${S.notified.title} dock=${html`<${Button} tone="dark" onClick=${() => setLarge(false)}>${S.notified.shown}</${Button}>`}>
      <${Slip} got=${got} isLarge /></${Screen}>`;
  return html`<${Screen} title=${S.notify.done} isRoot>
    <div class="unprinted"><${Judged} got=${got} />
      ${
        number
          ? html`<${Button} icon="eye" onClick=${() => {
              setLarge(true);
              scrollTo(0, 0);
            }}>${S.notified.show}</${Button}>
              <${Button} tone="quiet" icon="paper" onClick=${() => print()}>${S.notified.print}</${Button}>`
          : html`<${Note} tone="bad" icon="alert" title=${S.notified.none}>${S.notified.noneDo}</${Note}>`
      }
      <${LinkButton} tone="quiet" href=${to('today')}>${S.receipt.toToday}</${LinkButton}></div>
    ${number ? html`<${Slip} got=${got} />` : null}
  </${Screen}>`;
}

/** What the officer has to know, and the person need not. @param {{got: Notification}} props */
const Judged = ({ got: { notification, next_duty: next } }) =>
  html`<${Done} icon="check" tone="ok" title=${S.notify.done}>
    ${notification.receipt_number ? html`<p>${S.notify.receipt} <b class="num">${notification.receipt_number}</b></p>` : null}
    ${notification.judged.map((it) => html`<p>${causeOf(it.cause)}: ${/** @type {any} */ (S.notify.judged)[it.standing]}. ${it.reasons.map((one) => one.says).join(' ')}</p>`)}
    ${next ? html`<p>${S.notified.next(causeOf(next.cause), dayAndClock(Date.parse(next.closes_at) - 1))}</p>` : null}</${Done}>`;

/** The person's own. @param {{got: Notification, isLarge?: boolean}} props */
function Slip({ got, isLarge = false }) {
  const { notification: given, next_duty: next } = got;
  /** @type {[string, string | null | undefined][]} */
  const rows = [
    [S.notify.receipt, given.receipt_number],
    [S.notified.from, got.subject_name],
    [S.notified.names, given.names.join('; ')],
    [given.no_fixed_abode ? S.notified.foundAt : S.notified.address, given.home_address],
    [S.notified.given, dayAndClock(given.given_at)],
    [S.notified.at, got.station_name],
    [S.notified.taker, given.taken_by_name],
    [S.notified.about, given.judged.map((it) => causeOf(it.cause)).join(', ')],
    [S.notified.order, `${got.order_reference}, ${got.order_title}, ${got.statute}`],
    [S.notified.issued, dayAndClock(given.recorded_at)],
    [
      S.notified.nextTitle,
      next ? S.notified.next(causeOf(next.cause), dayAndClock(Date.parse(next.closes_at) - 1)) : '',
    ],
  ];
  return html`<section class="card slip ${isLarge ? 'slip--large' : ''}">
    <p class="slip__force">${document.documentElement.dataset.force}</p>
    ${isLarge ? html`<h1 tabindex="-1">${S.notified.title}</h1>` : html`<h2>${S.notified.title}</h2>`}
    <dl class="kv">
      ${rows.map(([name, says]) =>
        says
          ? html`<div>
              <dt>${name}</dt>
              <dd>${says}</dd>
            </div>`
          : null,
      )}
    </dl>
    <p class="hint">${S.notified.keep(got.method_basis)}</p>
  </section>`;
}
