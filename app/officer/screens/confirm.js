// One sign-on: who, what to know first, how they were identified, where and when; then one button.
import { useEffect, useState } from 'preact/hooks';
import { addSignOn } from '../outbox/outbox.js';
import { round } from '../live.js';
import { against, find } from '../place.js';
import { says } from '../problem.js';
import { replace, to } from '../router.js';
import { dueById, nameOf, recorded, standing, station, stations, turnedAway } from '../state.js';
import { S } from '../strings.js';
import { age, born, clock, lastMinute, now, phoneClock, span, whenShort } from '../time.js';
import { html } from '../ui/html.js';
import {
  Button,
  Choices,
  Field,
  Icon,
  LinkButton,
  Note,
  PersonWarnings,
  PhotoAge,
  Portrait,
  Wrong,
} from '../ui/parts.js';
import { Screen } from '../ui/shell.js';
import { accountId, useRecord } from './save.js';

/** @typedef {import('../types').Due} Due */
/** @typedef {import('../types').IdentityMethod} Method */
/** @typedef {import('../types').IdentityResult} Result */
const FIRST = /** @type {const} */ (['known_to_officer', 'photo_on_file', 'document']);
const OTHERS = /** @type {const} */ (['fingerprint', 'photograph_taken']);

/** The phone's place, asked for when the screen opens. @returns {import('../place.js').Found} */
export function usePlace() {
  const [found, setFound] = useState(/** @type {import('../place.js').Found} */ ({ state: 'asking' }));
  useEffect(() => {
    let isHere = true;
    void find().then((it) => {
      if (isHere) setFound(it);
    });
    return () => {
      isHere = false;
    };
  }, []);
  return found;
}

/** @typedef {'' | 'ok' | 'warn' | 'bad' | 'info'} Tone */
/** @param {import('../place.js').Found} found @returns {[Tone, string, string[]]} */
function placeWords(found) {
  const here = station.value;
  if (found.state === 'asking' || !here) return ['', 'pin', S.confirm.placeAsking];
  if (found.state !== 'here')
    return ['', 'nopin', found.state === 'denied' ? S.confirm.placeDenied : S.confirm.placeNone];
  const { verdict, away } = against(found.fix, here);
  if (verdict === 'inside') return ['ok', 'pin', S.confirm.placeInside(here.name, found.fix.accuracy_m)];
  if (verdict === 'cannot_tell') return ['', 'pin', S.confirm.placeUnsure(here.name, found.fix.accuracy_m)];
  return ['warn', 'pin', S.confirm.placeOutside(here.name, S.confirm.away(away))];
}

/** When and where, before anything is pressed. @param {{due: Due, found: import('../place.js').Found}} props */
export const Facts = ({ due, found }) =>
  html`<div role="status">
    <ul class="facts card">
      ${[windowWords(due), placeWords(found)].map(
        ([tone, icon, [title, rest]]) =>
          html` <li class="fact fact--${tone}">
            <${Icon} name=${icon} />
            <p><strong>${title}</strong> <span>${rest}</span></p>
          </li>`,
      )}
    </ul>
  </div>`;

/** @param {Due} due @returns {[Tone, string, string[]]} */
function windowWords(due) {
  const at = now();
  const [opens, closes] = [Date.parse(due.opens_at), Date.parse(due.closes_at)];
  const where = standing(due, at);
  if (where === 'saved') return ['warn', 'outbox', S.confirm.windowSaved];
  if (turnedAway.value.has(due.obligation_id)) return ['bad', 'alert', S.confirm.windowTurnedAway];
  if (where === 'attended')
    return [
      'info',
      'clock',
      S.confirm.windowAttended(
        S.receipt.outcome[/** @type {import('../types').Outcome} */ (recorded.value.get(due.obligation_id)?.outcome)],
      ),
    ];
  if (where === 'signed_on') return ['info', 'check', S.confirm.windowDone];
  if (where === 'cancelled') return ['info', 'none', S.confirm.windowCancelled];
  if (at >= closes) return ['warn', 'clock', S.confirm.windowLate(span(at - closes), whenShort(closes - 1, at))];
  if (at < opens) return ['warn', 'clock', S.confirm.windowEarly(span(opens - at), whenShort(opens, at))];
  return ['ok', 'clock', S.confirm.windowOpen(span(closes - at), lastMinute(due.closes_at))];
}

/** @param {{due: Due}} props */
export const IdCard = ({ due }) =>
  html`<section class="card idcard">
    <${Portrait} subject=${due.subject} />
    <div>
      <h1 tabindex="-1">${nameOf(due.subject)}</h1>
      <dl class="kv kv--tight">
        <div>
          <dt>${S.confirm.born}</dt>
          <dd>${born(due.subject.born_on)} (${age(due.subject.born_on, now())})</dd>
        </div>
        <div>
          <dt>${S.confirm.order}</dt>
          <dd>${due.order_reference}</dd>
        </div>
        <div>
          <dt>${S.confirm.reference}</dt>
          <dd>${due.subject.reference}</dd>
        </div>
        <${PhotoAge} subject=${due.subject} />
      </dl>
    </div>
  </section>`;

/** @param {{due: Due}} props */
export function Warnings({ due }) {
  return html`<${PersonWarnings} warnings=${due.subject.warnings} /> ${due.risk === 'high'
      ? html`<${Note} tone="bad" icon="alert" title=${S.confirm.highRisk}>${S.confirm.highRiskDo}</${Note}>`
      : null}
    ${elsewhere(due)}`;
}

/** @param {Due} due */
function elsewhere(due) {
  if (due.station_id === station.value?.station_id) return null;
  const [title, rest] = S.confirm.otherStation(
    stations.value.find((it) => it.station_id === due.station_id)?.name ?? '',
  );
  return html`<${Note} tone="warn" icon="pin" title=${title}>${rest}</${Note}>`;
}

/** What else can be done while they are here. @param {{due: Due}} props */
const Chances = ({ due }) =>
  html`${due.is_served
    ? null
    : html`<${Note} tone="warn" icon="paper" title=${S.confirm.notServed}>${S.confirm.notServedDo} <a class="inline" href=${to('serve', due.order_id)}>${S.confirm.serve}</a></${Note}>`}
  ${due.open_requests > 0
    ? html`<${Note} tone="info" icon="device" title=${S.confirm.devices(due.open_requests)}>${S.confirm.devicesDo} <a class="inline" href=${to('device', due.order_id)}>${S.confirm.devicesOpen}</a></${Note}>`
    : null}`;

/**
 * Seals the record, and shows its receipt at once: what is on disk is not lost any more.
 * @param {string} id @param {Due} due @param {Method} method @param {Result} result @param {string} words @param {import('../place.js').Found} found
 */
async function record(id, due, method, result, words, found) {
  /** @type {import('../types').SignOn} */
  const sign_on = {
    obligation_id: due.obligation_id,
    station_id: station.value?.station_id ?? due.station_id,
    identity: { method, result },
    attended_at: phoneClock(),
  };
  if (found.state === 'here') sign_on.position = found.fix;
  if (words.trim()) sign_on.note = words.trim();
  const label = {
    who: nameOf(due.subject),
    what: S.confirm.what,
    reference: due.order_reference,
    obligation_id: due.obligation_id,
  };
  await addSignOn(accountId(), id, sign_on, label);
  replace('receipt', id);
  void round();
}

/** @param {{id: string}} props */
export function Confirm({ id }) {
  const due = dueById(id);
  const found = usePlace();
  const [method, setMethod] = useState('');
  const [isMore, setMore] = useState(false);
  const [words, setWords] = useState(/** @type {string | null} */ (null));
  const [wrong, setWrong] = useState('');
  const made = useRecord();
  if (!due)
    return html`<${Screen} title=${S.confirm.title}><div class="head"><h1 tabindex="-1">${S.confirm.title}</h1></div><p class="empty">${S.confirm.gone}</p><${LinkButton} href=${to('today')}>${S.receipt.toToday}</${LinkButton}></${Screen}>`;
  const press = async () => {
    if (!method) {
      setWrong(S.confirm.chooseFirst);
      return;
    }
    try {
      await record(made().id, due, /** @type {Method} */ (method), 'match', words ?? '', found);
    } catch (error) {
      setWrong(says(error));
    }
  };
  const ways = isMore || OTHERS.some((it) => it === method) ? [...FIRST, ...OTHERS] : FIRST;
  const dock = html`<${Wrong}>${wrong}</${Wrong}>
    <${Button} icon="check" busy=${S.confirm.saving} onClick=${press}>${S.confirm.button(clock(now()))}</${Button}>
    <a class="dock__link" href=${to('wrong', id)}>${S.confirm.wrong}</a>`;
  return html`<${Screen} title=${S.confirm.title} dock=${dock}>
    <${IdCard} due=${due} /><${Warnings} due=${due} /><${Chances} due=${due} />
    <${Facts} due=${due} found=${found} />
    <section class="card tiles"><${Choices} legend=${S.confirm.identity} name="method" value=${method}
      options=${ways.map((it) => [it, S.confirm.methods[it]])} onChange=${(/** @type {string} */ it) => {
        setMethod(it);
        setWrong('');
      }} />
      ${isMore ? null : html`<button type="button" class="tile" onClick=${() => setMore(true)}>${S.confirm.more}</button>`}</section>
    ${
      words === null
        ? html`<button type="button" class="plain plain--left" onClick=${() => setWords('')}>
            <${Icon} name="pen" />${S.confirm.addNote}
          </button>`
        : html`<section class="card">
            <${Field}
              id="note"
              label=${S.confirm.note}
              hint=${S.confirm.noteHint}
              value=${words}
              onInput=${setWords}
              rows=${3}
              max=${2000}
            />
          </section>`
    }
    <a class="plain plain--left" href=${to('order', due.subject.subject_id, due.order_id)}><${Icon} name="list" />${S.confirm.conditions}</a>
  </${Screen}>`;
}

const WAYS = /** @type {const} */ (['no_match', 'match_with_concern', 'refused', 'unwell']);
/** What each way is on record: the result, and the words that go with it. @type {Record<string, [Result, string]>} */
const AS = {
  no_match: ['no_match', ''],
  match_with_concern: ['match_with_concern', ''],
  refused: ['not_checked', S.wrong.refusedNote],
  unwell: ['match', S.wrong.unwellNote],
};

/** @param {{id: string}} props */
export function SomethingWrong({ id }) {
  const due = dueById(id);
  const found = usePlace();
  const [way, setWay] = useState('');
  const [method, setMethod] = useState('');
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const made = useRecord();
  if (!due) return html`<${Confirm} id=${id} />`;
  // The record asks for a way of checking even when there was none.
  const isChecked = way !== '' && way !== 'refused';
  const press = async () => {
    if (!way) {
      setWrong(S.wrong.choose);
      return;
    }
    if (way !== 'refused' && !words.trim()) {
      setWrong(S.wrong.noteNeeded);
      document.getElementById('what')?.focus();
      return;
    }
    if (isChecked && !method) {
      setWrong(S.wrong.methodNeeded);
      return;
    }
    const [result, first] = AS[way];
    try {
      await record(
        made().id,
        due,
        isChecked ? /** @type {Method} */ (method) : 'known_to_officer',
        result,
        `${first} ${words}`.trim(),
        found,
      );
    } catch (error) {
      setWrong(says(error));
    }
  };
  const dock = html`<${Wrong}>${wrong}</${Wrong}><${Button} tone="dark" busy=${S.confirm.saving} onClick=${press}>${S.wrong.button}</${Button}>`;
  return html`<${Screen} title=${S.wrong.title} dock=${dock}>
    <div class="head"><h1 tabindex="-1">${S.wrong.title}</h1></div><p class="lead">${nameOf(due.subject)}, ${due.order_reference}. ${S.wrong.lead}</p>
    <section class="card"><${Choices} legend=${S.wrong.legend} name="way" value=${way} options=${WAYS.map((it) => [it, ...S.wrong.ways[it]])} onChange=${(
      /** @type {string} */ it,
    ) => {
      setWay(it);
      setWrong('');
    }} />
      ${
        isChecked
          ? html`<${Choices}
              legend=${S.wrong.method}
              name="method"
              value=${method}
              options=${FIRST.map((it) => [it, S.wrong.methods[it]])}
              onChange=${(/** @type {string} */ it) => {
                setMethod(it);
                setWrong('');
              }}
            />`
          : null
      }
      <${Field} id="what" label=${S.wrong.note} value=${words} onInput=${setWords} rows=${3} max=${1900} isOptional=${way === 'refused'} /></section>
    <h2 class="group">${S.wrong.other}</h2><${Note} icon="clock" title=${S.wrong.otherTimes} /><${Note} icon="none" title=${S.wrong.absent} />
    <${Facts} due=${due} found=${found} />
  </${Screen}>`;
}
