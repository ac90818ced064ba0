// Looking somebody up: what the order says, in plain words and in the court's.
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api.js';
import { says } from '../problem.js';
import { go, to } from '../router.js';
import { found, nameOf, stations, typed, visitors } from '../state.js';
import { S } from '../strings.js';
import { age, born, clock, dayAndClock, now, shortDay } from '../time.js';
import { html } from '../ui/html.js';
import {
  Button,
  Head,
  Icon,
  Note,
  PersonWarnings,
  Photo,
  PhotoAge,
  Portrait,
  Tag,
  WarningTag,
  Wrong,
} from '../ui/parts.js';
import { NotYet, Screen } from '../ui/shell.js';

/** @typedef {import('../types').Order} Order */

/** Made, and waiting for nothing but to be handed over. @param {{status: string, served_at?: string | null, is_served?: boolean}} order */
const isUnserved = (order) =>
  (order.status === 'made' || order.status === 'in_force') && !order.served_at && !order.is_served;

/** @param {{order: Order}} props */
function StateTag({ order }) {
  if (isUnserved(order)) return html`<${Tag} tone="warn">${S.order.unserved}</${Tag}>`;
  return order.status === 'in_force'
    ? html`<${Tag} tone="ok">${S.order.inForce}</${Tag}>`
    : html`<${Tag}>${S.order.notInForce}</${Tag}>`;
}

/** @param {{order: Order}} props */
const Hit = ({ order }) =>
  html`<li class="person person--brief">
    <a href=${to('order', order.subject.subject_id, order.order_id)}>
      <${Photo} subject=${order.subject} size="photo--small" /><span class="person__who"
        ><b class="person__name">${nameOf(order.subject)}</b>
        <span class="person__meta">${S.today.born(age(order.subject.born_on, now()), born(order.subject.born_on))}</span
        ><span class="person__meta">${order.reference}</span>
        <span class="flags"
          ><${WarningTag} warnings=${order.subject.warnings} />${order.risk === 'high'
            ? html`<${Tag} tone="bad">${S.today.highRisk}</${Tag}>`
            : null}<${StateTag} order=${order} /></span></span
      ><${Icon} name="go"
    /></a>
  </li>`;

export function Find() {
  const [wrong, setWrong] = useState('');
  const [runs, setRuns] = useState(false);
  const ask = async (/** @type {string | null} */ after) => {
    const query = typed.value.trim();
    if (query.length < 2) {
      setWrong(S.find.short);
      return;
    }
    setRuns(true);
    setWrong('');
    try {
      const { body } = await call(
        'GET',
        `/orders?limit=30&query=${encodeURIComponent(query)}${after ? `&after=${encodeURIComponent(after)}` : ''}`,
      );
      found.value = {
        query,
        orders: after ? [...(found.value?.orders ?? []), ...body.orders] : body.orders,
        next: body.next ?? null,
      };
    } catch (error) {
      setWrong(says(error, S.find.needsSignal));
    } finally {
      setRuns(false);
    }
  };
  const results = found.value;
  return html`<${Screen} title=${S.find.title} isRoot>
    <${Head} title=${S.find.title} />
    <form role="search" class="search search--button" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void ask(null);
    }}>
      <label class="vh" for="find">${S.find.label}</label><${Icon} name="search" />
      <input id="find" type="search" placeholder=${S.find.label} autocomplete="off" enterkeyhint="search" value=${typed.value} onInput=${(
        /** @type {any} */ event,
      ) => {
        typed.value = event.currentTarget.value;
      }} />
      <button class="btn" aria-busy=${runs}>${S.find.button}</button></form>
    <${Wrong}>${wrong}</${Wrong}>
    <div role="status">${runs ? html`<p class="vh">${S.find.searching}</p>` : results && results.orders.length === 0 ? html`<p class="empty">${S.find.none}</p>` : null}</div>
    ${
      results
        ? html`<ul class="hits">
            ${results.orders.map((order) => html`<${Hit} key=${order.order_id} order=${order} />`)}
          </ul>`
        : html`<p class="empty"><${Icon} name="search" />${S.find.empty}</p>`
    }
    ${results?.next ? html`<button type="button" class="btn btn--quiet btn--block" onClick=${() => ask(results.next)}>${S.find.more}</button>` : null}
    <a class="row card row--alone" href=${to('concern', '')}><${Icon} name="flag" /><span><b>${S.find.concern}</b><small>${S.find.concernLead}</small></span><${Icon} name="go" /></a>
  </${Screen}>`;
}

/** Fetches an order and its text; the order alone tells whose it is when only it is known. @param {string} subject @param {string} id */
export function useOrder(subject, id) {
  const [got, setGot] = useState(
    /** @type {{order: any, text: import('../types').OrderConditions | null, subject: import('../types').Subject, at: number} | null} */ (
      null
    ),
  );
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    let isHere = true;
    if (!id) return undefined;
    const load = async () => {
      try {
        const asked = call('GET', `/orders/${id}`);
        const whose = subject === '-' ? (await asked).body.subject.subject_id : subject;
        const [order, text] = await Promise.all([asked, call('GET', `/subjects/${whose}/conditions`)]);
        const its = text.body.orders.find((/** @type {any} */ it) => it.order_id === id) ?? null;
        if (isHere) setGot({ order: order.body, text: its, subject: text.body.subject, at: now() });
      } catch (error) {
        if (isHere) setWrong(says(error, S.find.needsSignal));
      }
    };
    void load();
    return () => {
      isHere = false;
    };
  }, [subject, id]);
  return { got, wrong };
}

const SPO_KINDS = ['full', 'interim'];

/** @param {{subject: string, id: string}} props */
export function OrderScreen({ subject, id }) {
  const { got, wrong } = useOrder(subject, id);
  if (!got) return html`<${NotYet} title=${S.order.title} wrong=${wrong} />`;
  const { order, text } = got;
  return html`<${Screen} title=${nameOf(got.subject)}>
    <${OrderHead} got=${got} />
    <${PersonWarnings} warnings=${got.subject.warnings}><p>${S.warnings.ends}</p></${PersonWarnings}>
    ${order.risk === 'high' ? html`<${Note} tone="bad" icon="alert" title=${S.confirm.highRisk}>${S.confirm.highRiskDo}</${Note}>` : null}
    ${
      isUnserved(order)
        ? html`<${Note} tone="warn" icon="alert" title=${S.order.notServed}><a class="inline" href=${to('serve', id)}>${S.confirm.serve}</a></${Note}>`
        : order.status === 'in_force'
          ? html`<${Note} tone="ok" icon="check" title=${S.order.inForce}>${S.order.since(dayAndClock(order.served_at))}</${Note}>`
          : html`<${Note} tone="warn" icon="none" title=${S.order.notInForce} />`
    }
    <h2 class="group">${S.order.conditions}<small>${S.order.asOf(clock(got.at))}</small></h2>
    ${text?.version ? text.version.conditions.map((it) => html`<${ConditionCard} key=${it.label} it=${it} />`) : html`<p class="empty">${S.order.noVersion}</p>`}
    ${
      SPO_KINDS.includes(order.kind)
        ? html`<section class="card">
            <h2>${S.order.powers}</h2>
            <p>${order.served_at ? S.order.powersText : S.order.powersUnserved}</p>
            <p class="hint">${S.order.powersSpo}</p>
          </section>`
        : html`<${Note} icon="paper" title=${S.order.powersOther}>${order.title}</${Note}>`
    }
    <section class="card"><h2>${S.order.todo}</h2><ol class="steps">${S.order.todoList.map((it) => html`<li>${it}</li>`)}</ol></section>
    ${
      text && text.notification.in_words.length > 0
        ? html`<section class="card">
            <h2>${S.order.notify}</h2>
            ${text.notification.in_words.map((it) => html`<p>${it}</p>`)}
          </section>`
        : null
    }
    <h2 class="group">${S.order.actions}</h2><${Here} order=${order} /><${Actions} order=${order} />
  </${Screen}>`;
}

/** @param {{got: any}} props */
function OrderHead({ got: { order, subject } }) {
  return html`<section class="card idcard">
    <${Portrait} subject=${subject} />
    <div>
      <h1 tabindex="-1">${nameOf(subject)}</h1>
      <dl class="kv">
        <div>
          <dt>${S.confirm.born}</dt>
          <dd>${born(subject.born_on)} (${age(subject.born_on, now())})</dd>
        </div>
        <div>
          <dt>${S.confirm.order}</dt>
          <dd>${order.reference}</dd>
        </div>
        <${PhotoAge} subject=${subject} />
      </dl>
    </div>
    <dl class="kv kv--two idcard__more">
      <div>
        <dt>${S.order.owner}</dt>
        <dd>${order.owner_name ?? S.order.noOwner}</dd>
      </div>
      <div>
        <dt>${S.order.ends}</dt>
        <dd>${order.ends_on ? born(order.ends_on) : S.order.untilFurther}</dd>
      </div>
      <div>
        <dt>${S.order.court}</dt>
        <dd>${order.court}</dd>
      </div>
      <div>
        <dt>${S.order.title}</dt>
        <dd>${order.title}</dd>
      </div>
    </dl>
  </section>`;
}

/** @param {{it: import('../types').Condition}} props */
function ConditionCard({ it }) {
  const next = it.schedules.flatMap((one) => one.next_windows)[0];
  return html`<section class="card condition condition--${it.polarity}"><p class="condition__top"><${Tag} tone=${it.polarity === 'prohibition' ? 'bad' : 'info'}>${S.order.polarity[it.polarity]}</${Tag}><span class="num">${it.label}</span></p>
    <p class="condition__words">${it.plain_words || it.wording}</p>
    ${it.schedules.map((one) => html`<p>${one.in_words}</p>`)}${it.station_name ? html`<p>${S.order.at(it.station_name)}</p>` : null}
    ${next ? html`<p>${S.order.next} <b>${shortDay(next.opens_at)}, ${clock(next.opens_at)} to ${clock(Date.parse(next.closes_at) - 1)}</b></p>` : null}
    ${it.devices ? html`<p>${it.devices.in_words}</p>` : null}${it.treatment ? html`<p>${it.treatment.in_words}</p>` : null}
    ${
      it.details?.exclusion_zone
        ? html`<p>
            ${[it.details.exclusion_zone.boundary, it.details.exclusion_zone.map_reference]
              .filter(Boolean)
              .map((words) => `${String(words).replace(/\.$/, '')}. `)
              .join('')}${S.order.zone}
          </p>`
        : null
    }
    <details><summary>${S.order.exact}</summary><blockquote>${it.wording}</blockquote></details></section>`;
}

/** What is due of an order today, at whichever of the officer's stations: now before missed before later. @param {string} order_id */
async function dueOf(order_id) {
  const asked = stations.value.map((it) => call('GET', `/stations/${it.station_id}/due`));
  /** @type {import('../types').Due[]} */
  const all = (await Promise.all(asked)).flatMap(({ body }) => body.due);
  const states = ['open', 'missed', 'scheduled'];
  const its = all.filter((due) => due.order_id === order_id && states.includes(due.state));
  return its.sort((one, other) => states.indexOf(one.state) - states.indexOf(other.state))[0] ?? null;
}

/** Also for somebody whose order names another station. @param {{order: any}} props */
function Here({ order }) {
  const [wrong, setWrong] = useState('');
  const press = async () => {
    try {
      const due = await dueOf(order.order_id);
      if (!due) {
        setWrong(S.order.hereNone);
        return;
      }
      visitors.value = [due];
      go('confirm', due.obligation_id);
    } catch (error) {
      setWrong(says(error, S.order.hereSignal));
    }
  };
  return html`<${Button} icon="check" onClick=${press}>${S.order.here}</${Button}><${Wrong}>${wrong}</${Wrong}>`;
}

/** @param {{order: any}} props */
function Actions({ order }) {
  const rows = [
    ['sighting', 'eye', S.order.sighting],
    ['device', 'device', S.order.device],
    ['notify', 'pen', S.order.notification],
    ['warn', 'alert', S.order.warn],
    ['concern', 'flag', S.order.concern],
    ...(order.served_at ? [] : [['serve', 'paper', S.order.serve]]),
  ];
  return html`<ul class="rows card">
    ${rows.map(
      ([name, icon, words]) =>
        html`<li>
          <a class="row" href=${to(name, order.order_id)}
            ><${Icon} name=${icon} /><span><b>${words}</b></span
            ><${Icon} name="go"
          /></a>
        </li>`,
    )}
  </ul>`;
}
