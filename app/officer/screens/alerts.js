// Alerts: what waits for somebody, and one of them whole.
import { useEffect, useState } from 'preact/hooks';
import { call, NoAnswer } from '../api.js';
import { newId } from '../ids.js';
import { round, takeAlert } from '../live.js';
import { says } from '../problem.js';
import { pushState, subscribe } from '../push.js';
import { to } from '../router.js';
import { alerts, dueById, mine, newAlerts, openAlerts } from '../state.js';
import { S } from '../strings.js';
import { dayAndClock, now, span, whenShort } from '../time.js';
import { html } from '../ui/html.js';
import { Button, Field, Group, Head, Icon, LinkButton, Note, Tag, Wrong } from '../ui/parts.js';
import { NotYet, Screen } from '../ui/shell.js';
import { save, useRecord } from './save.js';

/** @typedef {import('../types').Alert} Alert */
const TONE = /** @type {const} */ ({ critical: 'bad', high: 'bad', warning: 'warn', info: 'info' });
/** @param {string} kind */
export const kindOf = (kind) => S.kinds[kind] ?? S.kindUnknown;

/** @param {{alert: Alert}} props */
export const AlertRow = ({ alert }) =>
  html`<li class="alert alert--${alert.severity} ${alert.state === 'acknowledged' ? 'is-taken' : ''}">
    <a href=${to('alert', alert.alert_id)}>
      <span class="alert__top"
        ><b>${kindOf(alert.kind)[0]}</b
        ><span class="num">${S.alerts.ago(Math.max(0, now() - Date.parse(alert.triggered_at)))}</span></span
      >
      <span class="alert__who"
        >${alert.subject_name ? html`<span>${alert.subject_name}</span>` : null}${[
          alert.order_reference,
          alert.station_name,
        ]
          .filter(Boolean)
          .join(' · ')}</span
      >
      <span class="flags"
        >${alert.state === 'acknowledged'
          ? html`<${Tag}>${S.alerts.by(alert.acknowledged_by_name ?? '')}</${Tag}>`
          : html`<${Tag} tone=${TONE[alert.severity]}>${S.alerts.severity[alert.severity]}</${Tag}>`}
        ${alert.nobody_reachable ? html`<${Tag} tone="bad">${S.alerts.nobody}</${Tag}>` : null}</span
      ></a
    >
  </li>`;

/** As many as a thumb looks through; the rest on request. */
const ROWS = 50;
/** @param {{alerts: Alert[]}} props */
export function AlertRows({ alerts: all }) {
  const [count, setCount] = useState(ROWS);
  const rest = all.length - count;
  return html`<ul>
      ${all.slice(0, count).map((it) => html`<${AlertRow} key=${it.alert_id} alert=${it} />`)}
    </ul>
    ${rest > 0
      ? html`<${Button} tone="quiet" onClick=${() => setCount(count + ROWS)}>${S.alerts.more(rest)}</${Button}>`
      : null}`;
}

function PushCard() {
  const [state, setState] = useState(/** @type {import('../push.js').Told | ''} */ (''));
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    void pushState().then(setState);
  }, []);
  if (state === '') return null;
  if (state === 'answering') return html`<p class="hint hint--mid">${S.alerts.push.on}</p>`;
  const press = async () => {
    try {
      setState(await subscribe());
      setWrong('');
    } catch {
      setWrong(S.alerts.push.failed);
    }
  };
  return html`<section class="card push"><h2>${S.alerts.push.title}</h2><p>${S.alerts.told[state]}</p><${Wrong}>${wrong}</${Wrong}>
    ${state === 'off' || state === 'silent' ? html`<${Button} tone="quiet" icon="bell" busy=${S.alerts.push.busy} onClick=${press}>${S.alerts.push.button}</${Button}>` : null}</section>`;
}

export function Alerts() {
  const taken = openAlerts.value.filter((alert) => alert.state === 'acknowledged');
  return html`<${Screen} title=${S.alerts.title} isRoot>
    <${Head} title=${S.alerts.title} />
    ${
      newAlerts.value.length > 0
        ? html`<${Group} icon="alert" tone="bad" title=${S.alerts.fresh} count=${newAlerts.value.length} />
            <${AlertRows} alerts=${newAlerts.value} />`
        : null
    }
    ${
      taken.length > 0
        ? html`<${Group} icon="clock" title=${S.alerts.taken} count=${taken.length} /> <${AlertRows} alerts=${taken} />`
        : null
    }
    ${openAlerts.value.length === 0 ? html`<p class="empty"><${Icon} name="bell" />${S.alerts.none}</p>` : null}
    <${PushCard} />
  </${Screen}>`;
}

/** Keeps what is asked for on the phone until it is sent; the screen says which. @param {Alert} alert @param {string} id @param {string} path @param {unknown} body @param {string} what */
async function send(alert, id, path, body, what) {
  const label = { who: alert.subject_name ?? '', what, reference: alert.order_reference ?? '', about: alert.alert_id };
  await save(id, path, body, label);
  await round();
}

/** @param {{id: string}} props */
export function AlertScreen({ id }) {
  const [details, setDetails] = useState(/** @type {import('../types').AlertDetails | null} */ (null));
  const [wrong, setWrong] = useState('');
  const known = alerts.value.get(id);
  const own = mine.value.filter(({ label }) => label.about === id);
  const load = async () => {
    try {
      const { body } = await call('GET', `/alerts/${id}`);
      setDetails(body);
      setWrong('');
      takeAlert(body.alert);
    } catch (error) {
      if (!(error instanceof NoAnswer && known)) setWrong(says(error));
    }
  };
  useEffect(() => {
    void load();
  }, [id, known?.state, known?.step, own.length]);
  const alert = details?.alert ?? known;
  if (!alert) return html`<${NotYet} title=${S.alert.title} wrong=${wrong} />`;
  const waits = own.some(({ state, label }) => state === 'waiting' && label.what === S.alert.acknowledge);
  const press = async () => {
    try {
      await send(alert, newId(), `/alerts/${id}/acknowledgement`, undefined, S.alert.acknowledge);
      await load();
    } catch (error) {
      setWrong(says(error));
    }
  };
  const dock =
    alert.state === 'triggered' && !waits
      ? html`<${Wrong}>${wrong}</${Wrong}><${Button} icon="check" busy=${S.alert.acknowledging} onClick=${press}>${S.alert.acknowledge}</${Button}>`
      : null;
  return html`<${Screen} title=${S.alert.title} dock=${dock}>
    <${What} alert=${alert} />
    ${own.map((it) => html`<${Own} key=${it.id} item=${it} />`)}
    <${Standing} alert=${alert} details=${details} />
    <section class="card"><h2>${S.alert.todo}</h2><p>${kindOf(alert.kind)[1]}</p>
      ${alert.obligation_id && dueById(alert.obligation_id) ? html`<${LinkButton} tone="quiet" href=${to('confirm', alert.obligation_id)}>${S.alert.confirmNow}</${LinkButton}>` : null}
      ${alert.order_id ? html`<${LinkButton} tone="quiet" icon="list" href=${to('order', '-', alert.order_id)}>${S.alert.lookUp}</${LinkButton}>` : null}</section>
    ${alert.state === 'closed' ? null : html`<${Say} alert=${alert} load=${load} />`}
    ${details ? html`<${Triage} alert=${alert} /><${History} details=${details} />` : null}
  </${Screen}>`;
}

/** What this officer did about it and the service does not have. @param {{item: import('../types').Shown}} props */
const Own = ({ item: { state, label } }) =>
  state === 'waiting'
    ? html`<${Note} tone="warn" icon="outbox" title=${label.what} live>${S.alert.saved}</${Note}>`
    : html`<${Note} tone="bad" icon="alert" title="${label.what}: ${S.outbox.tagRefused.toLowerCase()}" live>${S.alert.refused} <a class="inline" href=${to('outbox')}>${S.saved.toOutbox}</a></${Note}>`;

/** @param {{alert: Alert}} props */
const What = ({ alert }) => html`<section class="card alerthead alerthead--${alert.severity}">
  <p class="flags"><${Tag} tone=${TONE[alert.severity]}>${S.alerts.severity[alert.severity]}</${Tag}></p>
  <h1 tabindex="-1">${kindOf(alert.kind)[0]}</h1>${alert.subject_name ? html`<p class="alerthead__who">${alert.subject_name}</p>` : null}
  ${alert.detail ? html`<p>${alert.detail}</p>` : null}
  <dl class="kv kv--two"><div><dt>${S.alert.when}</dt><dd>${dayAndClock(Date.parse(alert.concerns_at) - (alert.kind.startsWith('missed_') ? 1 : 0))}</dd></div><div><dt>${S.alert.raised}</dt><dd>${dayAndClock(alert.triggered_at)}</dd></div>
    ${
      alert.station_name
        ? html`<div>
            <dt>${S.alert.where}</dt>
            <dd>${alert.station_name}</dd>
          </div>`
        : null
    }
    ${
      alert.order_reference
        ? html`<div>
            <dt>${S.alert.order}</dt>
            <dd>${alert.order_reference}</dd>
          </div>`
        : null
    }
    ${
      (alert.late_by_ms ?? 0) > 60_000
        ? html`<div>
            <dt>${S.alert.late}</dt>
            <dd>${span(alert.late_by_ms ?? 0)}</dd>
          </div>`
        : null
    }</dl></section>`;

/** Whose it is, and what happens next. @param {{alert: Alert, details: import('../types').AlertDetails | null}} props */
function Standing({ alert, details }) {
  if (alert.state === 'closed') {
    const at = dayAndClock(alert.closed_at ?? alert.triggered_at);
    return html`<${Note}
      icon="check"
      title=${alert.closed_by_name ? S.alert.closedBy(alert.closed_by_name, at) : S.alert.closedItself(at)}
    />`;
  }
  const climbs = alert.climbs_at ? whenShort(alert.climbs_at, now()) : '';
  return html`${alert.nobody_reachable
    ? html`<${Note} tone="bad" icon="alert" title=${S.alert.nobody}>${S.alert.nobodyDo}</${Note}>`
    : null}
  ${alert.state === 'acknowledged'
    ? html`<${Note} icon="check" title=${S.alert.acknowledged(alert.acknowledged_by_name ?? '')}>${alert.climbs_at ? S.alert.decideBy(climbs) : S.alert.ackNote}</${Note}>`
    : climbs
      ? html`<${Note} tone="warn" icon="clock" title=${S.alert.climbs(climbs, nextRung(alert, details))} />`
      : null}`;
}

/** Steps count from 1; after the last one it stays there. @param {Alert} alert @param {import('../types').AlertDetails | null} details */
function nextRung(alert, details) {
  const next = details?.ladder[Math.min(alert.step, details.ladder.length - 1)];
  return /** @type {Record<string, string>} */ (S.rungs)[next?.rung ?? ''] ?? S.alert.nextStep;
}

/** @param {{alert: Alert, load: () => Promise<void>, shut: () => void}} props */
function AddNote({ alert, load, shut }) {
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const record = useRecord();
  const press = async () => {
    if (!words.trim()) {
      setWrong(S.alert.noteMissing);
      return;
    }
    try {
      const { id } = record();
      await send(alert, id, `/alerts/${alert.alert_id}/notes/${id}`, { note: words.trim() }, S.alert.note);
      shut();
      await load();
    } catch (error) {
      setWrong(says(error));
    }
  };
  return html`<section class="card">
    <${Field} id="said" label=${S.alert.noteLabel} value=${words} onInput=${setWords} rows=${3} max=${2000} />
    <${Wrong}>${wrong}</${Wrong}>
    <div class="pair">
      <${Button} onClick=${press}>${S.alert.noteSave}</${Button}>
      <${Button} tone="quiet" onClick=${shut}>${S.cancel}</${Button}>
    </div>
  </section>`;
}

/** @param {{alert: Alert, load: () => Promise<void>}} props */
function Say({ alert, load }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return html`<${AddNote} alert=${alert} load=${load} shut=${() => setOpen(false)} />`;
  return html`<div class="pair">
    <${Button} tone="quiet" icon="pen" onClick=${() => setOpen(true)}>${S.alert.note}</${Button}>
    <${LinkButton} tone="quiet" icon="hand" href=${to('hand', alert.alert_id)}>${S.hand.title}</${LinkButton}>
  </div>`;
}

/** @param {{alert: Alert}} props */
function Triage({ alert }) {
  const [checks, setChecks] = useState(/** @type {any[]} */ ([]));
  useEffect(() => {
    if (alert.kind.startsWith('missed_sign_on'))
      void call('GET', `/alerts/${alert.alert_id}/triage`)
        .then(({ body }) => setChecks(body.checks))
        .catch(() => {});
  }, [alert.alert_id]);
  if (checks.length === 0) return null;
  return html`<section class="card">
    <h2>${S.alert.triage}</h2>
    <ul class="checks">
      ${checks.map(
        (it) =>
          html`<li class="checks__${it.answer}">
            <${Icon}
              name=${it.answer === 'clear' ? 'check' : 'alert'}
              label=${/** @type {any} */ (S.alert.answer)[it.answer]}
            /><span><b>${/** @type {any} */ (S.alert.check)[it.check] ?? it.check}</b><small>${it.says}</small></span>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** @param {{details: import('../types').AlertDetails}} props */
function History({ details }) {
  const told = details.deliveries.map((it) => ({
    at: it.attempted_at,
    says: `${it.account_name ?? S.alert.channel.webhook}, ${/** @type {any} */ (S.alert.channel)[it.channel] ?? it.channel}: ${word(it)}`,
  }));
  const happened = details.events.map((it) => ({
    at: it.happened_at,
    says: [it.says, it.by_name].filter(Boolean).join(' · '),
  }));
  const all = [...happened, ...told].sort((one, other) => one.at.localeCompare(other.at));
  return html`<section class="card">
    <h2>${S.alert.history}</h2>
    ${all.length === 0
      ? html`<p>${S.alert.noHistory}</p>`
      : html`<ol class="tl">
          ${all.map((it) => html`<li><time class="num">${whenShort(it.at, now())}</time> ${it.says}</li>`)}
        </ol>`}
    ${told.length === 0 ? html`<p class="hint">${S.alert.nobodyTold}</p>` : null}
  </section>`;
}

/** @param {import('../types').Delivery} it */
function word(it) {
  if (it.opened_at) return `${S.alert.seen} ${whenShort(it.opened_at, now())}`;
  if (it.displayed_at) return `${S.alert.shown} ${whenShort(it.displayed_at, now())}`;
  return it.status === 'accepted' ? S.alert.accepted : `${S.alert.failed}. ${it.detail}`;
}
