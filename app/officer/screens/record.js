// What an officer sees, is shown or is told about a case. All of it goes through the outbox, but for what
// only the service can answer.
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api.js';
import { says } from '../problem.js';
import { replace } from '../router.js';
import { account, nameOf, station, stationId } from '../state.js';
import { S } from '../strings.js';
import { clock, MINUTE, now, offset, phoneClock, timeOfDay, whenShort } from '../time.js';
import { html } from '../ui/html.js';
import { Button, Choices, Field, Head, Note, Wrong } from '../ui/parts.js';
import { NotYet, Screen } from '../ui/shell.js';
import { usePlace } from './confirm.js';
import { useOrder } from './find.js';
import { options, saveAndLeave, useRecord } from './save.js';

/** One form on one screen. @param {{title: string, lead: string, button: string, wrong: string, press: () => Promise<void>, children?: any, tone?: string}} props */
const Form = ({ title, lead, button, wrong, press, children, tone = '' }) => html`
  <${Screen} title=${title} dock=${html`<${Wrong}>${wrong}</${Wrong}><${Button} tone=${tone} busy=${S.confirm.saving} onClick=${press}>${button}</${Button}>`}>
    <${Head} title=${title} /><p class="lead">${lead}</p>${children}</${Screen}>`;

/** A position that was found so long before or after somebody was seen is not said to be theirs of that moment. */
const SAME_MOMENT_MS = MINUTE;

/** @param {{id: string}} props */
export function Sighting({ id }) {
  const { got } = useOrder('-', id);
  const found = usePlace();
  const record = useRecord();
  const [opened_at] = useState(now);
  const [source, setSource] = useState('officer_sighting');
  const [when, setWhen] = useState('now');
  const [seen, setSeen] = useState('');
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const who = got ? nameOf(got.subject) : '';
  const press = async () => {
    if (found.state !== 'here') {
      setWrong(S.sighting.needsPlace);
      return;
    }
    const seen_at = when === 'now' ? opened_at : timeOfDay(seen, now());
    if (!seen_at) {
      setWrong(S.sighting.whenMissing);
      return;
    }
    const found_at = found.at + offset.value;
    const isApart = Math.abs(found_at - seen_at) > SAME_MOMENT_MS;
    const note = [words.trim(), isApart ? S.sighting.placeAt(clock(found_at)) : ''].filter(Boolean).join('\n');
    const body = { position: found.fix, seen_at: phoneClock(seen_at), source, ...(note ? { note } : {}) };
    const made = record();
    try {
      await saveAndLeave(made.id, `/orders/${id}/sightings/${made.id}`, body, {
        who,
        what: S.sighting.seenAt(clock(seen_at)),
        reference: got?.order.reference ?? '',
      });
    } catch (error) {
      setWrong(says(error));
    }
  };
  const place =
    found.state === 'asking'
      ? html`<${Note} icon="pin" title=${S.confirm.placeAsking[0]} live />`
      : found.state === 'here'
        ? html`<${Note} tone="info" icon="pin" title=${S.sighting.here(found.fix.accuracy_m)} live>${S.sighting.foundAt(clock(found.at + offset.value))}</${Note}>`
        : html`<${Note} tone="bad" icon="nopin" title=${S.sighting.needsPlace} live />`;
  return html`<${Form} title=${S.sighting.title} lead=${S.sighting.lead(who)} button=${S.sighting.button} wrong=${wrong} press=${press}>
    ${place}
    <section class="card"><${Choices} legend=${S.sighting.when} name="when" value=${when} options=${[
      ['now', S.sighting.now(clock(opened_at))],
      ['earlier', S.sighting.earlier],
    ]} onChange=${(/** @type {string} */ it) => {
      setWhen(it);
      setWrong('');
    }} />
      ${when === 'earlier' ? html`<${Field} id="seen" type="time" label=${S.sighting.time} hint=${S.sighting.timeHint} value=${seen} onInput=${setSeen} />` : null}
      <${Choices} legend=${S.sighting.source} name="source" value=${source} options=${options(S.sighting.sources)} onChange=${setSource} />
      <${Field} id="note" label=${S.sighting.note} value=${words} onInput=${setWords} rows=${3} max=${1900} isOptional /></section></${Form}>`;
}

const OPEN_REQUESTS = ['waiting', 'not_proved_communicated', 'missed'];

/** @param {{id: string}} props */
export function Device({ id }) {
  const [file, setFile] = useState(/** @type {import('../types').DeviceFile | null} */ (null));
  const [request, setRequest] = useState('');
  const [kind, setKind] = useState('');
  const record = useRecord();
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    call('GET', `/orders/${id}/devices`)
      .then(({ body }) => {
        const open = body.requests.filter((/** @type {any} */ it) => OPEN_REQUESTS.includes(it.state));
        setFile({ ...body, requests: open });
        if (open.length === 1) setRequest(open[0].request_id);
      })
      .catch((error) => setWrong(says(error, S.find.needsSignal)));
  }, [id]);
  if (!file || file.requests.length === 0)
    return html`<${NotYet} title=${S.device.title} wrong=${wrong} empty=${file ? S.device.none : ''} />`;
  const press = async () => {
    if (!request || !kind) {
      setWrong(S.device.choose);
      return;
    }
    const made = record();
    try {
      await saveAndLeave(
        made.id,
        `/presentation-requests/${request}/answers/${made.id}`,
        { happened_at: made.at, kind, note: words.trim() },
        { who: '', what: S.device.what, reference: '' },
      );
    } catch (error) {
      setWrong(says(error));
    }
  };
  const states = /** @type {Record<string, string>} */ (S.device.states);
  return html`<${Form} title=${S.device.title} lead="" button=${S.device.button} wrong=${wrong} press=${press}>
    <section class="card"><${Choices} legend=${S.device.request} name="request" value=${request} onChange=${setRequest}
      options=${file.requests.map((it) => [it.request_id, file.devices.find((one) => one.device_id === it.device_id)?.description ?? it.condition_label, `${S.device.asked(whenShort(it.made_at, now()))}${it.due_at ? `, ${S.device.due(whenShort(it.due_at, now()))}` : ''}. ${states[it.state]}.`])} />
      <${Choices} legend=${S.device.legend} name="kind" value=${kind} options=${options(S.device.answers)} onChange=${(
        /** @type {string} */ it,
      ) => {
        setKind(it);
        setWrong('');
      }} />
      <${Field} id="note" label=${S.device.note} value=${words} onInput=${setWords} rows=${3} max=${2000} isOptional /></section></${Form}>`;
}

/** @param {{id: string}} props */
export function Serve({ id }) {
  const record = useRecord();
  const [outcome, setOutcome] = useState('served');
  const [method, setMethod] = useState('in_person');
  const [place, setPlace] = useState(station.value?.name ?? '');
  const [proof, setProof] = useState('');
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const press = async () => {
    if (!place.trim()) {
      setWrong(S.serve.placeMissing);
      return;
    }
    if (outcome === 'served' && !proof.trim()) {
      setWrong(S.serve.proofMissing);
      return;
    }
    const made = record();
    const body = {
      happened_at: made.at,
      outcome,
      method,
      place: place.trim(),
      served_by: account.value?.display_name ?? '',
      proof: proof.trim(),
      note: words.trim(),
    };
    try {
      await saveAndLeave(made.id, `/orders/${id}/service-attempts/${made.id}`, body, {
        who: '',
        what: S.serve.what,
        reference: '',
      });
    } catch (error) {
      setWrong(says(error));
    }
  };
  return html`<${Form} title=${S.serve.title} lead=${S.serve.lead} button=${S.serve.button} wrong=${wrong} press=${press}><section class="card">
    <${Choices} legend=${S.serve.outcome} name="outcome" value=${outcome} options=${options(S.serve.outcomes)} onChange=${setOutcome} />
    <${Choices} legend=${S.serve.how} name="method" value=${method} options=${options(S.serve.methods)} onChange=${setMethod} />
    <${Field} id="place" label=${S.serve.place} value=${place} onInput=${setPlace} />
    <${Field} id="proof" label=${S.serve.proof} hint=${S.serve.proofHint} value=${proof} onInput=${setProof} max=${500} isOptional=${outcome !== 'served'} />
    <${Field} id="note" label=${S.serve.note} value=${words} onInput=${setWords} rows=${3} max=${2000} isOptional /></section></${Form}>`;
}

/** Without an order it is about anybody. @param {{id: string}} props */
export function Concern({ id }) {
  const { got } = useOrder('-', id);
  const record = useRecord();
  const [reporter, setReporter] = useState('officer');
  const [it, setIt] = useState({ words: '', about: '', place: '', name: '', contact: '', contact_safely: '' });
  const [isInDanger, setDanger] = useState(false);
  const [wrong, setWrong] = useState('');
  const set = (/** @type {keyof typeof it} */ name) => (/** @type {string} */ value) =>
    setIt((old) => ({ ...old, [name]: value }));
  const about = it.about || (got ? nameOf(got.subject) : '');
  const press = async () => {
    if (!it.words.trim()) {
      setWrong(S.concern.wordsMissing);
      return;
    }
    const made = record();
    const isNamed = reporter !== 'anonymous' && reporter !== 'officer';
    const details = isNamed
      ? { name: it.name.trim(), contact: it.contact.trim(), contact_safely: it.contact_safely.trim() }
      : {};
    const where = id ? { order_id: id } : { station_id: stationId.value || null };
    const body = {
      reporter,
      reported_at: made.at,
      words: it.words.trim(),
      about,
      place: it.place.trim(),
      is_in_danger: isInDanger,
      ...where,
      ...details,
    };
    try {
      await saveAndLeave(made.id, `/concerns/${made.id}`, body, {
        who: about,
        what: S.concern.what,
        reference: got?.order.reference ?? '',
      });
    } catch (error) {
      setWrong(says(error));
    }
  };
  return html`<${Form} title=${S.concern.title} lead=${S.concern.lead} button=${S.concern.button} wrong=${wrong} press=${press}><section class="card">
    <label class="choice"><input type="checkbox" checked=${isInDanger} onChange=${() => setDanger(!isInDanger)} /><span><b>${S.concern.danger}</b><small>${S.concern.dangerHint}</small></span></label>
    <${Choices} legend=${S.concern.who} name="reporter" value=${reporter} options=${options(S.concern.reporters)} onChange=${setReporter} />
    <${Field} id="words" label=${S.concern.words} hint=${S.concern.wordsHint} value=${it.words} onInput=${set('words')} rows=${5} max=${4000} />
    <${Field} id="about" label=${S.concern.about} value=${about} onInput=${set('about')} isOptional />
    <${Field} id="place" label=${S.concern.place} value=${it.place} onInput=${set('place')} isOptional />
    ${
      reporter === 'anonymous' || reporter === 'officer'
        ? null
        : html`<${Field} id="name" label=${S.concern.name} value=${it.name} onInput=${set('name')} isOptional />
            <${Field}
              id="contact"
              label=${S.concern.contact}
              value=${it.contact}
              onInput=${set('contact')}
              isOptional
            /><${Field}
              id="safely"
              label=${S.concern.safely}
              value=${it.contact_safely}
              onInput=${set('contact_safely')}
              isOptional
            />`
    }
  </section></${Form}>`;
}

/** Needs the service, which numbers the receipt. @param {{id: string}} props */
export function Notify({ id }) {
  const { got } = useOrder('-', id);
  const [duties, setDuties] = useState(/** @type {import('../types').Duty[] | null} */ (null));
  const record = useRecord();
  const [chosen, setChosen] = useState(/** @type {string[]} */ ([]));
  const [names, setNames] = useState(/** @type {string | null} */ (null));
  const [address, setAddress] = useState('');
  const [isHomeless, setHomeless] = useState(false);
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    call('GET', `/orders/${id}/notifications`)
      .then(({ body }) => {
        const open = body.duties.filter(
          (/** @type {any} */ it) => it.state === 'open' || it.state === 'failed' || it.state === 'not_known',
        );
        setDuties(open);
        if (open.length === 1) setChosen([keyOf(open[0])]);
      })
      .catch((error) => setWrong(says(error, S.notify.needsSignal)));
  }, [id]);
  const written = names ?? (got ? nameOf(got.subject) : '');
  const press = async () => {
    if (chosen.length === 0) {
      setWrong(S.notify.chooseDuty);
      return;
    }
    if (!written.trim()) {
      setWrong(S.notify.missingNames);
      return;
    }
    if (!address.trim()) {
      setWrong(S.notify.missingAddress);
      return;
    }
    const made = record();
    const body = {
      duties: (duties ?? [])
        .filter((it) => chosen.includes(keyOf(it)))
        .map((it) => ({ cause: it.cause, change_id: it.change_id ?? null })),
      given_at: made.at,
      manner: 'oral_in_person',
      station_id: stationId.value,
      in_local_police_area: true,
      taken_by: 'officer',
      taken_by_name: account.value?.display_name ?? '',
      names: written
        .split('\n')
        .map((it) => it.trim())
        .filter(Boolean),
      home_address: address.trim(),
      no_fixed_abode: isHomeless,
    };
    try {
      await call('PUT', `/orders/${id}/notifications/${made.id}`, { body });
      replace('notified', made.id);
    } catch (error) {
      setWrong(says(error, S.notify.needsSignal));
    }
  };
  if (!duties || duties.length === 0)
    return html`<${NotYet} title=${S.notify.title} wrong=${wrong} empty=${duties ? S.notify.dutyNone : ''} />`;
  return html`<${Form} title=${S.notify.title} lead=${S.notify.lead} button=${S.notify.button} wrong=${wrong} press=${press}><section class="card">
    <fieldset class="choices"><legend>${S.notify.duties}</legend>${duties.map(
      (it) =>
        html`<label class="choice"
          ><input
            type="checkbox"
            checked=${chosen.includes(keyOf(it))}
            onChange=${() =>
              setChosen((old) =>
                old.includes(keyOf(it)) ? old.filter((one) => one !== keyOf(it)) : [...old, keyOf(it)],
              )}
          />
          <span
            ><b>${/** @type {any} */ (S.notify.causes)[it.cause] ?? it.cause}</b><small>${it.arithmetic}</small></span
          ></label
        >`,
    )}</fieldset>
    <${Field} id="names" label=${S.notify.names} hint=${S.notify.namesHint} value=${written} onInput=${setNames} rows=${2} max=${1000} />
    <label class="choice"><input type="checkbox" checked=${isHomeless} onChange=${() => setHomeless(!isHomeless)} /><span><b>${S.notify.noFixed}</b></span></label>
    <${Field} id="address" label=${S.notify.address} value=${address} onInput=${setAddress} rows=${2} max=${300} /></section></${Form}>`;
}

/** @param {import('../types').Duty} duty */
const keyOf = (duty) => `${duty.cause} ${duty.change_id ?? ''}`;

/** What an officer should know before the next time. @param {{id: string}} props */
export function Warn({ id }) {
  const { got } = useOrder('-', id);
  const record = useRecord();
  const [kind, setKind] = useState('');
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const press = async () => {
    if (!kind || !words.trim()) {
      setWrong(kind ? S.warn.saysMissing : S.warn.choose);
      return;
    }
    const made = record();
    const label = {
      who: got ? nameOf(got.subject) : '',
      what: S.warn.what(S.warn.kinds[kind]),
      reference: got?.order.reference ?? '',
    };
    try {
      await saveAndLeave(made.id, `/orders/${id}/warnings/${made.id}`, { kind, says: words.trim() }, label);
    } catch (error) {
      setWrong(says(error));
    }
  };
  return html`<${Form} title=${S.warn.title} lead=${S.warn.lead(got ? nameOf(got.subject) : '')} button=${S.warn.button} wrong=${wrong} press=${press}><section class="card">
    <${Choices} legend=${S.warn.legend} name="kind" value=${kind} options=${options(S.warn.kinds)} onChange=${(
      /** @type {string} */ it,
    ) => {
      setKind(it);
      setWrong('');
    }} />
    <${Field} id="says" label=${S.warn.says} hint=${S.warn.saysHint} value=${words} onInput=${setWords} rows=${3} max=${300} /></section></${Form}>`;
}
