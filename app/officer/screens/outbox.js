// Everything that was done on this phone and what became of it.
import { useState } from 'preact/hooks';
import { shortNumber } from '../ids.js';
import { again, discard } from '../outbox/outbox.js';
import { round } from '../live.js';
import { ofProblem } from '../problem.js';
import { to } from '../router.js';
import { doneToday, mine, outbox } from '../state.js';
import { S } from '../strings.js';
import { clockSeconds, now, offset, whenShort } from '../time.js';
import { html } from '../ui/html.js';
import { Button, Group, Head, Icon, Tag } from '../ui/parts.js';
import { Screen } from '../ui/shell.js';
import { accountId } from './save.js';

/** @typedef {import('../types').Shown} Shown */

/** @type {Record<string, string>} */
const WHY = S.outbox.why;
/** @param {Shown} item */
const why = (item) =>
  item.state === 'refused' && item.why !== 'unreadable' ? ofProblem(item.problem) : (WHY[item.why] ?? WHY['']);

/** @param {{items: Shown[]}} props */
export const WaitingRows = ({ items }) =>
  html`<ol class="rows card">
    ${items.map(
      (item) => html`<li key=${item.id} class="out">
  <${Tag} tone=${item.state === 'refused' ? 'bad' : 'warn'}>${item.state === 'refused' ? S.outbox.tagRefused : S.outbox.tagWaiting}</${Tag}>
  <div><b>${item.label.who || item.label.what}</b><span>${item.label.who ? `${item.label.what} · ` : ''}<span class="num">${clockSeconds(item.made_at + offset.value)}</span></span><span>${why(item)}${item.tries > 1 ? ` ${S.outbox.tries(item.tries)}.` : ''}</span></div></li>`,
    )}
  </ol>`;

/** @param {{item: Shown}} props */
function Refused({ item }) {
  const [isAsked, setAsked] = useState(false);
  return html`<li class="card refused"><div class="out"><${Tag} tone="bad">${S.outbox.tagRefused}</${Tag}><div><b>${item.label.who || item.label.what}</b><span>${item.label.what}, ${whenShort(item.made_at + offset.value, now())}</span></div></div>
    <p>${why(item)}</p>
    ${
      isAsked
        ? html`<p role="alert"><b>${S.outbox.discardSure}</b></p><div class="pair"><${Button} tone="bad" onClick=${() => discard(item.id, accountId())}>${S.outbox.discardYes}</${Button}><${Button} tone="quiet" onClick=${() => setAsked(false)}>${S.outbox.discardNo}</${Button}></div>`
        : html`<div class="pair"><${Button} tone="quiet" onClick=${async () => {
            await again(item.id, accountId());
            await round();
          }}>${S.outbox.again}</${Button}><${Button} tone="quiet" onClick=${() => setAsked(true)}>${S.outbox.discard}</${Button}></div>`
    }
  </li>`;
}

/** That they are here, and nothing of what is in them. @param {{items: Shown[]}} props */
const Others = ({ items }) =>
  html`<${Group} icon="lock" title=${S.outbox.others} count=${items.length} />
    <ol class="rows card">
      ${items.map(
        (item) =>
          html`<li key=${item.id} class="out">
            <div>
              <b>${S.outbox.closed}</b><span class="num">${whenShort(item.made_at + offset.value, now())}</span>
              <span>${item.state === 'refused' ? S.outbox.othersRefused : S.outbox.othersWait}</span>
            </div>
          </li>`,
      )}
    </ol>`;

export function Outbox() {
  const waits = mine.value.filter((item) => item.state === 'waiting');
  const refused = mine.value.filter((item) => item.state === 'refused');
  const others = outbox.value.filter((item) => item.isOthers);
  return html`<${Screen} title=${S.outbox.title} isRoot>
    <${Head} title=${S.outbox.title} />
    ${
      refused.length > 0
        ? html`<${Group} icon="alert" tone="bad" title=${S.outbox.refused} count=${refused.length} />
            <ul>
              ${refused.map((item) => html`<${Refused} key=${item.id} item=${item} />`)}
            </ul>`
        : null
    }
    ${
      waits.length > 0
        ? html`<${Group} icon="outbox" title=${S.outbox.waiting} count=${waits.length} /><${WaitingRows} items=${waits} />
      <${Button} busy=${S.outbox.sending} onClick=${() => round()}>${S.outbox.send}</${Button}><p class="hint">${S.outbox.safe}</p>`
        : null
    }
    ${mine.value.length === 0 ? html`<p class="empty"><${Icon} name="cloudok" />${S.outbox.empty}</p>` : null}
    ${others.length > 0 ? html`<${Others} items=${others} />` : null}
    <${Group} icon="check" title=${S.outbox.done} count=${doneToday.value.length} />
    ${
      doneToday.value.length === 0
        ? html`<p class="hint">${S.outbox.doneNone}</p>`
        : html`<ul class="rows card">
            ${doneToday.value.map(
              (item) => html`<li key=${item.id}>
      <a class="row" href=${to(item.kind === 'sign_on' ? 'receipt' : 'saved', item.id)}><span><b>${item.label.who || item.label.what}</b><small>${item.label.who ? `${item.label.what} · ` : ''}<span class="num">${clockSeconds(item.sent_at + offset.value)}</span></small>${item.kind === 'sign_on' ? html`<small class="num">${S.receipt.number} ${shortNumber(item.id)}</small>` : null}</span>
      <${Tag} tone=${item.result === 'conflict' ? 'warn' : 'ok'}>${item.result === 'conflict' ? S.outbox.tagConflict : S.outbox.tagDone}</${Tag}></a></li>`,
            )}
          </ul>`
    }
  </${Screen}>`;
}
