// What became of a record: on this phone, recorded, or not taken.
import { useState } from 'preact/hooks';
import { shortNumber } from '../ids.js';
import { ofProblem, says } from '../problem.js';
import { to } from '../router.js';
import { doneToday, mine, reached } from '../state.js';
import { S } from '../strings.js';
import { clock, clockSeconds, offset } from '../time.js';
import { html } from '../ui/html.js';
import { Button, Field, Group, Head, Icon, LinkButton, Note, Wrong } from '../ui/parts.js';
import { Screen } from '../ui/shell.js';
import { WaitingRows } from './outbox.js';
import { saveAndLeave, useRecord } from './save.js';

const TONES = /** @type {const} */ ({
  on_time: 'ok',
  early: 'warn',
  late: 'warn',
  wrong_place: 'warn',
  wrong_person: 'bad',
  identity_not_checked: 'bad',
  indeterminate: 'warn',
  not_attended: 'bad',
});

/** @param {{icon: string, tone: string, title: any, children?: any}} props */
export const Done = ({ icon, tone, title, children }) =>
  html`<section class="card done done--${tone}" role="status">
    <span class="done__ring"><${Icon} name=${icon} /></span>
    <h1 tabindex="-1">${title}</h1>
    ${children}
  </section>`;

/** @param {{label: import('../types').Label, at: number, isSignedOn?: boolean}} props */
const Who = ({ label, at, isSignedOn = true }) =>
  html`<p>
    ${label.who}, ${isSignedOn ? S.receipt.signedAt : S.receipt.seenAt}${' '}<b class="num"
      >${clockSeconds(at + offset.value)}</b
    >
  </p>`;

/** @param {{id: string}} props */
export function ReceiptScreen({ id }) {
  const item = mine.value.find((it) => it.id === id);
  const answered = doneToday.value.find((it) => it.id === id);
  const isSure = answered?.kind === 'sign_on' && answered.answer?.outcome;
  const isRefused = item?.state === 'refused';
  const waits = mine.value.filter((it) => it.state === 'waiting');
  return html`<${Screen} title=${answered ? S.receipt.recorded : isRefused ? S.receipt.refused : S.receipt.sending} isRoot>
    ${
      answered
        ? isSure
          ? html`<${Recorded} answered=${answered} />`
          : html`<${Conflict} answered=${answered} />`
        : item
          ? html`<${Kept} item=${item} />`
          : html`<${Head} title=${S.receipt.number} />
              <p class="empty">${S.receipt.gone}</p>`
    }
    <${LinkButton} href=${to('today')}>${S.receipt.next}</${LinkButton}>
    ${isSure ? html`<${LinkButton} tone="quiet" href=${to('mistake', id)}>${S.receipt.mistake}</${LinkButton}>` : null}
    ${isRefused ? html`<${LinkButton} tone="quiet" href=${to('outbox')}>${S.saved.toOutbox}</${LinkButton}>` : null}
    ${
      waits.length > 0
        ? html`<${Group} icon="outbox" title=${S.outbox.waiting} count=${waits.length} /><${WaitingRows}
              items=${waits}
            />
            <p class="hint">${S.receipt.iphone}</p>`
        : null
    }
  </${Screen}>`;
}

/** @param {{answered: any}} props */
function Recorded({ answered }) {
  /** @type {import('../types').Receipt} */
  const receipt = answered.answer;
  const tone = TONES[receipt.outcome];
  return html`<${Done} icon=${tone === 'ok' ? 'check' : tone === 'warn' ? 'clock' : 'alert'} tone=${tone} title="${S.receipt.recorded} ${clock(receipt.received_at)}">
      <${Who} label=${answered.label} at=${answered.made_at} isSignedOn=${tone !== 'bad'} />
      <p class="done__outcome">${S.receipt.outcome[receipt.outcome]}</p>
      <p>${receipt.reasons.map((it) => it.says).join(' ')} ${receipt.settled ? S.receipt.settled : S.receipt.notSettled} ${receipt.certainty === 'provisional' ? S.receipt.provisional : ''}</p>
    </${Done}>
    <dl class="card kv kv--receipt"><div><dt>${S.receipt.number}</dt><dd class="num">${shortNumber(receipt.check_in_id)}</dd></div>
      <div><dt>${S.receipt.fullNumber}</dt><dd class="mono">${receipt.check_in_id}</dd></div></dl>`;
}

/** @param {{item: any}} props */
function Kept({ item }) {
  if (item.state === 'refused') {
    return html`<${Done} icon="alert" tone="bad" title=${S.receipt.refused}><${Who} label=${item.label} at=${item.made_at} isSignedOn=${false} /><p>${ofProblem(item.problem)}</p><p>${S.receipt.refusedDo}</p></${Done}>`;
  }
  return html`<${Done} icon="check" tone="warn" title=${S.receipt.sending}><${Who} label=${item.label} at=${item.made_at} />
    <p>${item.tries === 0 && reached.value !== false ? S.receipt.sendingNow : S.receipt.notSent}</p></${Done}>`;
}

/** @param {{answered: any}} props */
const Conflict = ({ answered }) =>
  answered.result === 'conflict'
    ? html`<${Done} icon="alert" tone="warn" title=${S.receipt.conflict}><${Who} label=${answered.label} at=${answered.made_at} /><p>${S.receipt.conflictDo}</p></${Done}>`
    : html`<${Done} icon="check" tone="ok" title="${S.receipt.recorded} ${clock(answered.sent_at + offset.value)}"><p>${answered.label.what}: ${answered.label.who}</p></${Done}>`;

/** @param {{id: string}} props */
export function Mistake({ id }) {
  const [reason, setReason] = useState('');
  const [wrong, setWrong] = useState('');
  const record = useRecord();
  const label = doneToday.value.find((it) => it.id === id)?.label;
  const press = async () => {
    if (!reason.trim()) {
      setWrong(S.mistake.missing);
      return;
    }
    try {
      await saveAndLeave(
        record().id,
        `/check-ins/${id}/supersession`,
        { reason: reason.trim() },
        { who: label?.who ?? '', what: S.mistake.what, reference: label?.reference ?? '', about: id },
      );
    } catch (error) {
      setWrong(says(error));
    }
  };
  return html`<${Screen} title=${S.mistake.title} dock=${html`<${Wrong}>${wrong}</${Wrong}><${Button} tone="dark" onClick=${press}>${S.mistake.button}</${Button}>`}>
    <${Head} title=${S.mistake.title} /><p class="lead">${label ? `${label.who}. ` : ''}${S.mistake.lead}</p>
    <section class="card"><${Field} id="reason" label=${S.mistake.reason} value=${reason} onInput=${setReason} rows=${3} max=${500} /></section>
  </${Screen}>`;
}

/** Of any other record. @param {{id: string}} props */
export function Saved({ id }) {
  const item = mine.value.find((it) => it.id === id);
  const answered = doneToday.value.find((it) => it.id === id);
  const label = item?.label ?? answered?.label;
  const readings = answered?.answer?.readings;
  return html`<${Screen} title=${answered ? S.saved.recorded : S.saved.title} isRoot>
    ${
      item?.state === 'refused'
        ? html`<${Done} icon="alert" tone="bad" title=${S.receipt.refused}><p>${ofProblem(item.problem)}</p></${Done}>`
        : html`<${Done} icon="check" tone=${answered ? 'ok' : 'warn'} title=${answered ? `${S.saved.recorded} ${clock(answered.sent_at + offset.value)}` : S.saved.title}>
        <p>${label ? `${label.what}${label.who ? `: ${label.who}` : ''}` : ''}</p>${(answered?.answer?.record?.says ?? answered?.answer?.says) ? html`<p>${answered?.answer?.record?.says ?? answered?.answer?.says}</p>` : null}
        ${answered?.answer?.reference ? html`<p>${S.concern.reference} <b>${answered.answer.reference}</b></p>` : null}${answered ? null : html`<p>${S.saved.lead}</p>`}</${Done}>`
    }
    ${
      readings
        ? html`<h2 class="group">${S.sighting.result}</h2>
            ${readings.length === 0
              ? html`<p class="empty">${S.sighting.none}</p>`
              : readings.map(
                  (/** @type {any} */ it) => html`
      <${Note} tone=${it.verdict === 'inside' ? 'bad' : it.verdict === 'outside' ? '' : 'warn'} icon="pin" title="${it.label}: ${/** @type {Record<string, string>} */ (S.sighting.verdict)[it.verdict]}">${it.reason}</${Note}>`,
                )}`
        : null
    }
    <${LinkButton} href=${to('today')}>${S.receipt.toToday}</${LinkButton}>
    ${answered ? null : html`<${LinkButton} tone="quiet" href=${to('outbox')}>${S.saved.toOutbox}</${LinkButton}>`}
  </${Screen}>`;
}
