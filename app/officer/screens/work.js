// For the officer in the case: what was missed, what waits for a decision, what is to be done.
import { useEffect, useState } from 'preact/hooks';
import { call, pages } from '../api.js';
import { says } from '../problem.js';
import { to } from '../router.js';
import { openAlerts } from '../state.js';
import { S } from '../strings.js';
import { now, whenShort } from '../time.js';
import { html } from '../ui/html.js';
import { Busy, Button, Choices, Field, Group, Head, Icon, Note, Tag, Wrong } from '../ui/parts.js';
import { NotYet, Screen } from '../ui/shell.js';
import { AlertRows } from './alerts.js';
import { options, saveAndLeave, useRecord } from './save.js';

/** @typedef {import('../types').Task} Task */
const DAY = 24 * 3_600_000;
/** What does not go on a phone's screen is for the desk. */
const PAGES = 2;

/** @param {{task: Task}} props */
const TaskRow = ({ task }) =>
  html`<li>
    <a class="row" href=${to('task', task.task_id)}
      ><span
        ><b>${task.says}</b><small>${task.subject_name} · ${task.order_reference}</small>
        <small
          >${task.is_overdue
            ? html`<${Tag} tone="bad">${S.work.overdue(now() - Date.parse(task.due_at))}</${Tag}>`
            : S.work.due(whenShort(task.due_at, now()))}</small
        ></span
      ><${Icon} name="go"
    /></a>
  </li>`;

export function Work() {
  const [got, setGot] = useState(/** @type {{all: Task[], isMore: boolean} | null} */ (null));
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    pages('/tasks?mine=true&limit=100', 'tasks', PAGES)
      .then(setGot)
      .catch((error) => setWrong(says(error, S.work.needsSignal)));
  }, []);
  const misses = openAlerts.value.filter(
    (it) =>
      it.kind.startsWith('missed_sign_on') && it.state === 'triggered' && now() - Date.parse(it.triggered_at) < DAY,
  );
  const decisions = openAlerts.value.filter((it) => it.state === 'acknowledged');
  return html`<${Screen} title=${S.work.title} isRoot><${Head} title=${S.work.title} />
    <${Group} icon="alert" tone=${misses.length > 0 ? 'bad' : ''} title=${S.work.misses} count=${misses.length} />
    ${misses.length === 0 ? html`<p class="hint">${S.work.noMisses}</p>` : html`<${AlertRows} alerts=${misses} />`}
    <${Group} icon="clock" title=${S.work.decisions} count=${decisions.length} />
    ${
      decisions.length === 0
        ? html`<p class="hint">${S.work.noDecisions}</p>`
        : html`<${AlertRows} alerts=${decisions} />`
    }
    <${Group} icon="case" title=${S.work.tasks} count=${got ? `${got.all.length}${got.isMore ? '+' : ''}` : ''} />
    <${Wrong}>${wrong}</${Wrong}>
    ${
      got === null
        ? wrong
          ? null
          : html`<${Busy} />`
        : got.all.length === 0
          ? html`<p class="hint">${S.work.noTasks}</p>`
          : html`<ul class="rows card">
                ${got.all.map((it) => html`<${TaskRow} key=${it.task_id} task=${it} />`)}
              </ul>
              ${got.isMore ? html`<p class="hint">${S.work.more(got.all.length)}</p>` : null}`
    }
  </${Screen}>`;
}

/** @param {{id: string}} props */
export function TaskScreen({ id }) {
  const [task, setTask] = useState(/** @type {Task | null} */ (null));
  const [it, setIt] = useState(/** @type {Record<string, string>} */ ({}));
  const [wrong, setWrong] = useState('');
  const record = useRecord();
  useEffect(() => {
    call('GET', `/tasks/${id}`)
      .then(({ body }) => setTask(body.task ?? body))
      .catch((error) => setWrong(says(error, S.work.needsSignal)));
  }, [id]);
  if (!task) return html`<${NotYet} title=${S.task.title} wrong=${wrong} />`;
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => {
    setWrong('');
    setIt((old) => ({ ...old, [name]: value }));
  };
  const press = async () => {
    const answer = answerOf(task.kind, it);
    if (typeof answer === 'string') {
      setWrong(answer);
      return;
    }
    const made = record();
    try {
      await saveAndLeave(
        made.id,
        `/tasks/${id}/completions/${made.id}`,
        { happened_at: made.at, answer },
        { who: task.subject_name, what: S.task.what, reference: task.order_reference },
      );
    } catch (error) {
      setWrong(says(error));
    }
  };
  const isOpen = task.state === 'open';
  return html`<${Screen} title=${S.task.title} dock=${isOpen ? html`<${Wrong}>${wrong}</${Wrong}><${Button} onClick=${press}>${S.task.button}</${Button}>` : null}>
    <${Head} title=${task.says} /><p class="lead">${task.subject_name}, ${task.order_reference}</p>
    ${task.is_overdue ? html`<${Note} tone="bad" icon="clock" title=${S.work.overdue(now() - Date.parse(task.due_at))} />` : null}
    <dl class="card kv"><div><dt>${S.task.due}</dt><dd>${task.arithmetic}</dd></div><div><dt>${S.task.basis}</dt><dd>${task.basis}</dd></div></dl>
    ${isOpen ? html`<section class="card"><${Answer} kind=${task.kind} it=${it} set=${set} /></section>` : html`<p class="empty">${S.task.gone}</p>`}
  </${Screen}>`;
}

/** @param {{kind: string, it: Record<string, string>, set: (name: string) => (value: string) => void}} props */
function Answer({ kind, it, set }) {
  const field = (/** @type {string} */ name, /** @type {string} */ label, rows = 0, type = 'text') =>
    html`<${Field}
      id=${name}
      label=${label}
      value=${it[name] ?? ''}
      onInput=${set(name)}
      rows=${rows}
      type=${type}
      max=${2000}
    />`;
  const choice = (
    /** @type {string} */ name,
    /** @type {string} */ legend,
    /** @type {Record<string, string>} */ words,
  ) =>
    html`<${Choices}
      legend=${legend}
      name=${name}
      value=${it[name] ?? ''}
      options=${options(words)}
      onChange=${set(name)}
    />`;
  if (kind === 'victim_update') {
    return html`${choice('told', S.task.told, { yes: S.task.toldYes, no: S.task.toldNo })}
    ${it.told === 'yes'
      ? html`${choice('how', S.task.how, S.task.hows)}${field('told_by', S.task.toldBy)}`
      : it.told === 'no'
        ? field('reason', S.task.reason, 3)
        : null}`;
  }
  if (kind === 'pnc_update') return field('reference', S.task.reference);
  if (kind === 'order_review')
    return html`${choice('conclusion', S.task.conclusion, S.task.conclusions)}${field('note', S.task.note, 3)}${field(
      'next_on',
      S.task.nextOn,
      0,
      'date',
    )}`;
  if (kind === 'renewal_decision')
    return html`${choice('choice', S.task.choice, S.task.choices)}${field('reason', S.task.note, 3)}`;
  return field('note', S.task.note, 3);
}

/** As the API takes it, or what is missing. @param {string} kind @param {Record<string, string>} it */
function answerOf(kind, it) {
  const has = (/** @type {string[]} */ ...names) => names.every((name) => it[name]?.trim());
  if (kind === 'victim_update') {
    if (it.told === 'yes' && has('how', 'told_by'))
      return { victim_update: { was_told: true, how: it.how, told_by: it.told_by.trim() } };
    if (it.told === 'no' && has('reason')) return { victim_update: { was_told: false, reason: it.reason.trim() } };
    return S.task.missing;
  }
  if (kind === 'pnc_update')
    return has('reference') ? { pnc_update: { reference: it.reference.trim() } } : S.task.referenceMissing;
  if (kind === 'order_review')
    return has('conclusion', 'note', 'next_on')
      ? { order_review: { conclusion: it.conclusion, note: it.note.trim(), next_on: it.next_on } }
      : S.task.missing;
  if (kind === 'renewal_decision')
    return has('choice', 'reason')
      ? { renewal_decision: { choice: it.choice, reason: it.reason.trim() } }
      : S.task.missing;
  return has('note') ? { by_hand: { note: it.note.trim() } } : S.task.noteMissing;
}
