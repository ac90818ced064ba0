// Who is signed in, and what this phone keeps.
import { useState } from 'preact/hooks';
import { says } from '../problem.js';
import { replace, to } from '../router.js';
import { lockNow, signOut } from '../session.js';
import { account, installOffer, mine, sessionEndsAt, station } from '../state.js';
import { S } from '../strings.js';
import { now, whenShort } from '../time.js';
import { html } from '../ui/html.js';
import { Button, Head, Icon, Note, Wrong } from '../ui/parts.js';
import { Screen } from '../ui/shell.js';

const BUILD = document.documentElement.dataset.build ?? '';

/** Browsers offer it; on an iPhone a person has to do it. */
function Install() {
  const offer = installOffer.value;
  if (offer)
    return html`<${Button} tone="quiet" icon="device" onClick=${() => offer.prompt()}>${S.me.install}</${Button}>`;
  const isApple = /iPhone|iPad/.test(navigator.userAgent) && !matchMedia('(display-mode: standalone)').matches;
  return isApple ? html`<${Note} tone="info" icon="device" title=${S.me.install}>${S.me.installApple}</${Note}>` : null;
}

export function MeScreen() {
  const [wrong, setWrong] = useState('');
  const leave = async () => {
    try {
      if (await signOut()) replace('today');
      else setWrong(S.me.refused(mine.value.length));
    } catch (error) {
      setWrong(says(error, S.me.noSignal));
    }
  };
  const role = /** @type {Record<string, string>} */ (S.me.roles)[account.value?.role ?? ''];
  return html`<${Screen} title=${S.me.title}><${Head} title=${S.me.title} />
    <dl class="card kv"><div><dt>${S.me.name}</dt><dd>${account.value?.display_name} (${account.value?.username})</dd></div><div><dt>${S.me.role}</dt><dd>${role}</dd></div>
      ${
        sessionEndsAt.value
          ? html`<div>
              <dt>${S.me.ends}</dt>
              <dd>${whenShort(sessionEndsAt.value, now())}</dd>
            </div>`
          : null
      }</dl>
    <ul class="rows card"><li><a class="row" href=${to('station')}><${Icon} name="pin" /><span><b>${S.station.change}</b><small>${station.value?.name ?? ''}</small></span><${Icon} name="go" /></a></li></ul>
    <${Install} />
    <${Button} tone="quiet" icon="lock" onClick=${lockNow}>${S.me.lock}</${Button}>
    <${Button} tone="quiet" busy=${S.me.signingOut} onClick=${leave}>${S.me.signOut}</${Button}>
    <${Wrong}>${wrong}</${Wrong}>
    <h2 class="group">${S.me.about}</h2><p class="lead">${S.me.aboutText}</p><p class="hint num">${S.me.version(BUILD)}</p>
  </${Screen}>`;
}
