// Handing an alert to a colleague who can be told of it now.
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api.js';
import { round } from '../live.js';
import { says } from '../problem.js';
import { replace } from '../router.js';
import { alerts, stations } from '../state.js';
import { S } from '../strings.js';
import { html } from '../ui/html.js';
import { Button, Choices, Field, Head, Icon, Note, Wrong } from '../ui/parts.js';
import { NotYet, Screen } from '../ui/shell.js';
import { save, useRecord } from './save.js';
import { kindOf } from './alerts.js';

/** @typedef {import('../types').Colleague} Colleague */
/** @typedef {{ready: Colleague[], others: Colleague[], untold: Colleague[]}} Near */

/** Whoever can be told first; the service lists only those for an alert, and the rest without one. @param {string} id @returns {Promise<Near>} */
async function near(id) {
  const [fits, all] = await Promise.all([call('GET', `/colleagues?alert_id=${id}`), call('GET', '/colleagues')]);
  /** @type {Colleague[]} */
  const told = fits.body.colleagues;
  return {
    ready: told.filter((it) => it.presence === 'on_duty'),
    others: ['not_on_rota', 'away'].flatMap((presence) => told.filter((it) => it.presence === presence)),
    untold: all.body.colleagues.filter((/** @type {Colleague} */ it) => !it.can_be_told),
  };
}

/** @param {Colleague} it */
function about(it) {
  const places = stations.value.filter((place) => it.stations.includes(place.station_id)).map((place) => place.name);
  return [S.me.roles[it.role], S.hand.presence[it.presence], ...places].join(', ');
}

/** @param {{id: string}} props */
export function HandOver({ id }) {
  const alert = alerts.value.get(id);
  const [found, setFound] = useState(/** @type {Near | null} */ (null));
  const [whom, setWhom] = useState('');
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const record = useRecord();
  useEffect(() => {
    near(id)
      .then(setFound)
      .catch((error) => setWrong(says(error, S.hand.needsSignal)));
  }, [id]);
  if (!found) return html`<${NotYet} title=${S.hand.title} wrong=${wrong} />`;
  const can = [...found.ready, ...found.others];
  const press = async () => {
    if (!whom) {
      setWrong(S.hand.choose);
      return;
    }
    const made = record();
    const body = { to_account_id: whom, note: words.trim() };
    const name = can.find((it) => it.account_id === whom)?.display_name ?? '';
    try {
      await save(made.id, `/alerts/${id}/handovers/${made.id}`, body, {
        who: alert?.subject_name ?? '',
        what: S.hand.what(name),
        reference: alert?.order_reference ?? '',
        about: id,
      });
      replace('alert', id);
      void round();
    } catch (error) {
      setWrong(says(error));
    }
  };
  const dock =
    can.length > 0
      ? html`<${Wrong}>${wrong}</${Wrong}><${Button} icon="hand" busy=${S.confirm.saving} onClick=${press}>${S.hand.button}</${Button}>`
      : null;
  const choices = (/** @type {string} */ legend, /** @type {Colleague[]} */ people) =>
    people.length === 0
      ? null
      : html`<${Choices}
          legend=${legend}
          name="whom"
          value=${whom}
          options=${people.map((it) => [it.account_id, it.display_name, about(it)])}
          onChange=${(/** @type {string} */ it) => {
            setWhom(it);
            setWrong('');
          }}
        />`;
  return html`<${Screen} title=${S.hand.title} dock=${dock}>
    <${Head} title=${S.hand.title} />
    <p class="lead">${alert ? `${kindOf(alert.kind)[0]}${alert.subject_name ? `: ${alert.subject_name}` : ''}. ` : ''}${S.hand.lead}</p>
    ${can.length === 0 ? html`<${Note} tone="bad" icon="alert" title=${S.hand.none}>${S.hand.noneDo}</${Note}>` : html`<section class="card">${choices(S.hand.ready, found.ready)}${choices(S.hand.others, found.others)}<${Field} id="handnote" label=${S.hand.note} value=${words} onInput=${setWords} rows=${3} max=${2000} isOptional /></section>`}
    ${
      found.untold.length > 0
        ? html`<section class="card">
            <h2>${S.hand.untold}</h2>
            <p>${S.hand.untoldDo}</p>
            <ul class="untold">
              ${found.untold.map(
                (it) =>
                  html`<li>
                    <${Icon} name="none" /><span><b>${it.display_name}</b><small>${about(it)}</small></span>
                  </li>`,
              )}
            </ul>
          </section>`
        : null
    }
  </${Screen}>`;
}
