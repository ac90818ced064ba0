// What stands around every screen: where it is, how old it is, and the way to the others.
import { account, heardAt, mine, newAlerts, reached, station, trouble, updateWaits, waitingCount } from '../state.js';
import { round } from '../live.js';
import { back, route, to } from '../router.js';
import { S } from '../strings.js';
import { MINUTE, offset, tick } from '../time.js';
import { html } from './html.js';
import { Busy, Head, Icon, Wrong } from './parts.js';

const OLD_MS = 2 * MINUTE;
const VERY_OLD_MS = 10 * MINUTE;
const CLOCK_OFF_MS = 2 * MINUTE;
export const TRAINING = document.documentElement.dataset.training === 'yes';

/** How old what is shown is, by this phone's clock. */
function freshness() {
  if (heardAt.value === 0)
    return {
      text: reached.value === false ? S.sync.noSignal : S.sync.never,
      tone: reached.value === false ? 'off' : '',
      icon: reached.value === false ? 'nosig' : 'cloud',
    };
  const old = Math.max(0, tick.value - heardAt.value);
  const refused = mine.value.filter((item) => item.state === 'refused').length;
  if (old >= VERY_OLD_MS) return { text: S.sync.ago(old), tone: 'bad', icon: 'nosig' };
  if (refused > 0) return { text: S.sync.refused(refused), tone: 'bad', icon: 'alert' };
  if (waitingCount.value > 0)
    return {
      text: S.sync.waiting(waitingCount.value),
      tone: 'off',
      icon: reached.value === false ? 'nosig' : 'outbox',
    };
  if (old >= OLD_MS) return { text: S.sync.ago(old), tone: 'off', icon: 'nosig' };
  if (reached.value === false) return { text: S.sync.noSignal, tone: 'off', icon: 'nosig' };
  return { text: S.sync.now, tone: '', icon: 'cloudok' };
}

/** On a screen with a title to show, only what is not as it should be needs words. @param {{isRoot: boolean}} props */
function Chip({ isRoot }) {
  const { text, tone, icon } = freshness();
  return html`<button
    type="button"
    class="sync ${tone && `sync--${tone}`}"
    aria-label=${S.sync.button(text)}
    onClick=${() => round()}
  >
    <${Icon} name=${icon} /><span class=${isRoot || tone ? '' : 'vh'}>${text}</span>
  </button>`;
}

/** @param {{title: string, isRoot: boolean}} props */
function Bar({ title, isRoot }) {
  const where = station.value?.name ?? account.value?.display_name ?? S.app;
  return html`<header class="bar">
    ${isRoot
      ? html`<svg class="bar__mark" aria-hidden="true"><use href="#mark" /></svg>`
      : html`<button type="button" class="bar__back" aria-label=${S.back} onClick=${() => back('today')}>
          <${Icon} name="back" />
        </button>`}
    <a class="bar__t" href=${to('me')}
      >${isRoot ? html`<b class="bar__where">${where}</b>` : html`<b>${title}</b><small>${where}</small>`}</a
    >
    <${Chip} isRoot=${isRoot} />
  </header>`;
}

function Strips() {
  const old = heardAt.value === 0 ? 0 : tick.value - heardAt.value;
  return html`<section aria-label=${S.sync.region}>
    ${TRAINING ? html`<p class="strip strip--quiet">${S.training}</p>` : null}
    ${reached.value === false
      ? html`<div class="strip" role="status">
          <${Icon} name="nosig" />
          <p>
            <b>${S.sync.strip}</b> ${heardAt.value === 0
              ? S.sync.stripNever
              : html`${S.sync.stripRest}${old > OLD_MS ? ` ${S.sync.stripOld(old)}` : ''}`}
          </p>
        </div>`
      : null}
    ${trouble.value
      ? html`<div class="strip strip--bad" role="status">
          <${Icon} name="alert" />
          <p><b>${S.sync.trouble}</b> ${trouble.value}</p>
        </div>`
      : null}
    ${Math.abs(offset.value) > CLOCK_OFF_MS && !TRAINING
      ? html`<div class="strip strip--quiet"><p>${S.sync.clock(offset.value)}</p></div>`
      : null}
    ${updateWaits.value
      ? html`<div class="strip strip--quiet">
          <p>${S.sync.update}</p>
          <button type="button" class="strip__do" onClick=${() => location.reload()}>${S.sync.updateButton}</button>
        </div>`
      : null}
  </section>`;
}

/** @param {{name: string, icon: string, title: string, count?: number, says?: string, tone?: string}} props */
function Tab({ name, icon, title, count = 0, says = '', tone = '' }) {
  const isHere = route.value.name === name;
  return html`<a href=${to(name)} aria-current=${isHere ? 'page' : undefined}
    ><${Icon} name=${icon} />${title}
    ${count > 0
      ? html`<span class="dot ${tone && `dot--${tone}`}"
          ><span aria-hidden="true">${count > 99 ? '99+' : count}</span><span class="vh">${says}</span></span
        >`
      : null}</a
  >`;
}

function Tabs() {
  const waits = waitingCount.value;
  const fresh = newAlerts.value.length;
  const hasWork = account.value?.role === 'owner' || account.value?.role === 'supervisor';
  return html`<nav class="tabs" aria-label=${S.tabs.label}>
    <${Tab} name="today" icon="list" title=${S.tabs.today} />
    <${Tab} name="find" icon="search" title=${S.tabs.find} />
    <${Tab}
      name="outbox"
      icon="outbox"
      title=${S.tabs.outbox}
      count=${waits}
      says=${S.badge.waiting(waits)}
      tone="warn"
    />
    <${Tab} name="alerts" icon="bell" title=${S.tabs.alerts} count=${fresh} says=${S.badge.alerts(fresh)} />
    ${hasWork ? html`<${Tab} name="work" icon="case" title=${S.tabs.work} />` : null}
  </nav>`;
}

/** What has to be fetched first: it comes, it cannot, or there is nothing. @param {{title: string, wrong: string, empty?: string}} props */
export const NotYet = ({ title, wrong, empty = '' }) =>
  html`<${Screen} title=${title}><${Head} title=${title} /><${Wrong}>${wrong}</${Wrong}>${wrong ? null : empty ? html`<p class="empty">${empty}</p>` : html`<${Busy} />`}</${Screen}>`;

/**
 * A screen with a dock has no tabs: there is one thing to do.
 * @param {{title: string, isRoot?: boolean, dock?: any, children?: any}} props
 */
export function Screen({ title, isRoot = false, dock = null, children }) {
  document.title = `${title}: ${S.app}`;
  return html` <a
      href="#main"
      class="skip"
      onClick=${(/** @type {Event} */ event) => {
        event.preventDefault();
        document.querySelector('h1')?.focus();
      }}
      >${S.skip}</a
    >
    <${Bar} title=${title} isRoot=${isRoot} />
    <${Strips} />
    <main id="main" class=${dock ? 'has-dock' : ''}>
      ${children}${dock ? html`<div class="dock"><div class="dock__in">${dock}</div></div>` : null}
    </main>
    ${dock ? null : html`<${Tabs} />`}`;
}
