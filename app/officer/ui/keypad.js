// Six digits with large keys, for gloves; the phone's own keyboard works too.
import { useEffect, useState } from 'preact/hooks';
import { PIN_DIGITS } from '../keep/vault.js';
import { S } from '../strings.js';
import { html } from './html.js';
import { Icon } from './parts.js';

/** @param {{onPin: (pin: string) => Promise<void> | void, isBusy?: boolean}} props */
export function Keypad({ onPin, isBusy = false }) {
  const [typed, setTyped] = useState('');
  const press = (/** @type {string} */ digit) => {
    if (!isBusy) setTyped((it) => (it.length < PIN_DIGITS ? it + digit : it));
  };
  const erase = () => setTyped((it) => it.slice(0, -1));
  useEffect(() => {
    if (typed.length !== PIN_DIGITS) return;
    const pin = typed;
    setTyped('');
    void onPin(pin);
  }, [typed]);
  useEffect(() => {
    const key = (/** @type {KeyboardEvent} */ event) => {
      if (/^[0-9]$/.test(event.key)) press(event.key);
      if (event.key === 'Backspace') erase();
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  });
  return html` <div class="dots" role="status" aria-label=${S.pin.digit(typed.length)}>
      ${Array.from({ length: PIN_DIGITS }, (_, at) => html`<i class=${at < typed.length ? 'is-on' : ''}></i>`)}
    </div>
    <div class="pad" role="group" aria-label=${S.pin.pad} aria-busy=${isBusy}>
      ${['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(
        (digit) => html`<button type="button" onClick=${() => press(digit)}>${digit}</button>`,
      )}
      <span></span><button type="button" onClick=${() => press('0')}>0</button>
      <button type="button" class="pad__erase" aria-label=${S.pin.erase} onClick=${erase}>
        <${Icon} name="erase" />
      </button>
    </div>`;
}
