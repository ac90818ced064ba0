// Who is due here today.
import { useState } from 'preact/hooks';
import { filter, groups, heardAt, list, nameOf, reached, recorded, stationId, turnedAway } from '../state.js';
import { to } from '../router.js';
import { S } from '../strings.js';
import { age, born, clock, clockSeconds, dayAndClock, isoDay, lastMinute, now, offset, wholeDay } from '../time.js';
import { html } from '../ui/html.js';
import { Busy, Group, Head, Icon, Photo, Tag, WarningTag } from '../ui/parts.js';
import { Screen } from '../ui/shell.js';
import { ChooseStation } from './enter.js';

/** @typedef {import('../types').Due} Due */
/** @typedef {import('../state.js').Standing} Standing */
/** @type {[Standing, string, string][]} */
const ORDER = [
  ['overdue', 'alert', 'bad'],
  ['due_now', 'clock', ''],
  ['saved', 'outbox', ''],
  ['attended', 'clock', ''],
  ['later', 'later', ''],
  ['signed_on', 'check', 'ok'],
  ['cancelled', 'none', ''],
];
const TALLY = /** @type {const} */ (['overdue', 'due_now', 'later', 'signed_on']);

/** @param {Due} due */
const window_ = (due) => S.today.due(clock(due.opens_at), lastMinute(due.closes_at));

/** @param {Due} due */
const outcomeOf = (due) =>
  S.receipt.outcome[/** @type {import('../types').Outcome} */ (recorded.value.get(due.obligation_id)?.outcome)];

/** @param {{due: Due, standing: Standing}} props */
function Stand({ due, standing }) {
  const at = now();
  if (standing === 'overdue')
    return html`<p class="due due--bad">
      <b>${S.today.late(at - Date.parse(due.closes_at))}</b><span>${window_(due)}</span>
    </p>`;
  if (standing === 'due_now')
    return html`<p class="due"><b>${S.today.left(Date.parse(due.closes_at) - at)}</b><span>${window_(due)}</span></p>`;
  if (standing === 'later') return html`<p class="due"><span>${window_(due)}</span></p>`;
  if (standing === 'saved')
    return html`<p class="due due--warn"><b>${S.today.saved}</b><span>${window_(due)}</span></p>`;
  if (standing === 'attended')
    return html`<p class="due due--warn">
      <b>${due.state === 'missed' ? S.today.missed : ''}${outcomeOf(due)}</b><span>${window_(due)}</span>
    </p>`;
  if (standing === 'signed_on')
    return html`<p class="due due--ok"><b>${S.today.signedOn}</b><span>${window_(due)}</span></p>`;
  return html`<p class="due"><b>${S.today.groups.cancelled}</b><span>${due.state_reason ?? window_(due)}</span></p>`;
}

/** @param {{due: Due}} props */
const Flags = ({ due }) =>
  due.risk === 'high' ||
  !due.is_served ||
  due.open_requests > 0 ||
  due.subject.warnings.length > 0 ||
  turnedAway.value.has(due.obligation_id)
    ? html`<span class="flags">
        <${WarningTag} warnings=${due.subject.warnings} />
        ${turnedAway.value.has(due.obligation_id) ? html`<${Tag} tone="bad">${S.today.turnedAway}</${Tag}>` : null}
        ${due.risk === 'high' ? html`<${Tag} tone="bad">${S.today.highRisk}</${Tag}>` : null}
        ${due.is_served ? null : html`<${Tag} tone="warn">${S.today.notServed}</${Tag}>`}
        ${due.open_requests > 0
          ? html`<${Tag} tone="info">${S.confirm.devices(due.open_requests)}</${Tag}>`
          : null}</span
      >`
    : null;

/** @param {{due: Due, standing: Standing}} props */
function Person({ due, standing }) {
  const isUrgent = standing === 'overdue' || standing === 'due_now';
  const { subject } = due;
  return html`<li class="person ${standing === 'overdue' ? 'person--late' : ''} ${isUrgent ? '' : 'person--brief'}">
    <a href=${to('confirm', due.obligation_id)}>
      <${Photo} subject=${subject} size=${isUrgent ? '' : 'photo--small'} />
      <span class="person__who"
        ><b class="person__name">${nameOf(subject)}</b>
        ${isUrgent
          ? html`<span class="person__meta">${S.today.born(age(subject.born_on, now()), born(subject.born_on))}</span>`
          : null}
        <span class="person__meta">${due.order_reference}</span><${Flags} due=${due} /> ${isUrgent
          ? null
          : html`<${Stand} due=${due} standing=${standing} />`}</span
      >
      ${isUrgent
        ? html`<span class="person__foot"
            ><${Stand} due=${due} standing=${standing} /><span class="btn">${S.today.confirm}</span></span
          >`
        : html`<${Icon} name="go" />`}
    </a>
  </li>`;
}

function Tally() {
  return html`<ul class="tally">
    ${TALLY.map(
      (name) =>
        html`<li class="tally--${name}">
          <button
            type="button"
            aria-pressed=${filter.value === name}
            onClick=${() => {
              filter.value = filter.value === name ? '' : name;
            }}
          >
            <b>${groups.value[name].length}</b>${S.today.tally[name]}
          </button>
        </li>`,
    )}
  </ul>`;
}

function Progress() {
  const all = ORDER.reduce((sum, [name]) => sum + (name === 'cancelled' ? 0 : groups.value[name].length), 0);
  const done = groups.value.signed_on.length;
  if (all === 0) return null;
  return html`<div class="progress">
    <progress value=${done} max=${all} aria-label=${S.today.groups.signed_on}></progress>
    <p><span>${S.today.progress(done, all)}</span><span>${Math.floor((100 * done) / all)}%</span></p>
  </div>`;
}

export function Today() {
  const [typed, setTyped] = useState('');
  if (!stationId.value) return html`<${ChooseStation} />`;
  const fits = (/** @type {Due} */ due) =>
    `${nameOf(due.subject)} ${due.order_reference} ${due.subject.reference}`
      .toLowerCase()
      .includes(typed.trim().toLowerCase());
  const shown = ORDER.filter(
    ([name]) =>
      !filter.value ||
      filter.value === name ||
      (filter.value === 'signed_on' && (name === 'saved' || name === 'attended')),
  ).map(([name, icon, tone]) => ({ name, icon, tone, people: groups.value[name].filter(fits) }));
  const count = shown.reduce((sum, group) => sum + group.people.length, 0);
  const isOtherDay = list.value && list.value.date !== isoDay(now());
  return html`<${Screen} title=${S.today.title} isRoot>
    <${Head} title=${S.today.title}><p>${wholeDay(now())}, <span class="num">${clock(now())}</span></p></${Head}>
    ${
      list.value
        ? html` <${Tally} /><${Progress} />
            ${isOtherDay
              ? html`<p class="note note--bad">
                  <${Icon} name="alert" /><strong>${S.today.otherDay(list.value.date)}</strong>
                </p>`
              : null}
            <form class="search" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
              <label class="vh" for="q">${S.today.search}</label><${Icon} name="search" />
              <input
                id="q"
                type="search"
                placeholder=${S.today.placeholder}
                autocomplete="off"
                value=${typed}
                onInput=${(/** @type {any} */ event) => setTyped(event.currentTarget.value)}
              />
            </form>
            ${shown
              .filter((group) => group.people.length > 0)
              .map(
                (group) =>
                  html`<section key=${group.name} aria-labelledby="g-${group.name}">
                    <${Group}
                      id="g-${group.name}"
                      icon=${group.icon}
                      title=${S.today.groups[group.name]}
                      tone=${group.tone}
                      count=${S.today.people(group.people.length)}
                    />
                    <ul>
                      ${group.people.map(
                        (due) => html`<${Person} key=${due.obligation_id} due=${due} standing=${group.name} />`,
                      )}
                    </ul>
                  </section>`,
              )}
            ${count === 0
              ? html`<p class="empty">
                  ${list.value.due.length === 0 ? S.today.nobody : typed ? S.today.nobodyFound : S.today.noneOf}
                </p>`
              : null}
            ${filter.value
              ? html`<button
                  type="button"
                  class="plain"
                  onClick=${() => {
                    filter.value = '';
                  }}
                >
                  ${S.today.filterOff}
                </button>`
              : null}
            ${heardAt.value
              ? html`<p class="hint hint--mid">
                  ${S.sync.checked(
                    heardAt.value + offset.value > now() - 86_400_000
                      ? clockSeconds(heardAt.value + offset.value)
                      : dayAndClock(heardAt.value + offset.value),
                  )}
                </p>`
              : null}`
        : reached.value === false
          ? html`<p class="empty"><${Icon} name="nosig" />${S.today.noList}</p>`
          : html`<${Busy} />`
    }
  </${Screen}>`;
}
