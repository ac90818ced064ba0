// The small pieces that screens are made of.
import { useEffect, useRef, useState } from 'preact/hooks';
import { isNoPicture, lookUpPhoto, photos } from '../photos.js';
import { S } from '../strings.js';
import { born, dayAndClock, dayOf, isOverAYearOld, now } from '../time.js';
import { html } from './html.js';

/** @typedef {import('preact').ComponentChildren} Children */
/** @typedef {import('../types').Subject} Subject */

/** @param {{name: string, label?: string}} props */
export const Icon = ({ name, label }) =>
  label
    ? html`<svg class="i" role="img" aria-label=${label}><use href="#${name}" /></svg>`
    : html`<svg class="i" aria-hidden="true"><use href="#${name}" /></svg>`;

/** The photo, or initials until it is there. @param {{subject: Subject, size?: string}} props */
export function Photo({ subject, size = '' }) {
  const { photo_id: id, photo_taken_on: taken } = subject;
  const address = id ? photos.value.get(id) : undefined;
  if (id && address)
    return html`<img
      class="photo ${size}"
      src=${address}
      alt=${S.photo.of(taken ? born(taken) : '')}
      onError=${() => isNoPicture(id)}
    />`;
  return html` <span class="photo ${size}" role="img" aria-label=${id ? S.photo.notHere : S.photo.none}>
    <svg class="photo__bust" viewBox="0 0 60 72" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <use href="#bust" />
    </svg>
    <span aria-hidden="true">${subject.given_names.slice(0, 1)}${subject.family_name.slice(0, 1)}</span>
  </span>`;
}

/** On a screen about one person: also of those who are not on the list. @param {{subject: Subject}} props */
export function Portrait({ subject }) {
  const { photo_id: id } = subject;
  useEffect(() => {
    if (id) void lookUpPhoto(id);
  }, [id]);
  return html`<${Photo} subject=${subject} size="photo--large" />`;
}

/** Of a photo that no longer need look like them. @param {{subject: Subject}} props */
export const PhotoAge = ({ subject: { photo_id: id, photo_taken_on: taken } }) =>
  id && taken && isOverAYearOld(taken, now())
    ? html`<div>
        <dt>${S.photo.old}</dt>
        <dd>${dayOf(taken)}</dd>
      </div>`
    : null;

/** Why to take care, before anything is done with them; since when, where more is said of them. @param {{warnings: import('../types').Warning[], children?: Children}} props */
export const PersonWarnings = ({ warnings, children }) =>
  warnings.length === 0
    ? null
    : html`<section class="note note--bad warnings">
        <${Icon} name="alert" />
        <div>
          <h2>${S.warnings.title(warnings.length)}</h2>
          <ul>
            ${warnings.map(
              (it) =>
                html`<li key=${it.warning_id}>
                  <strong>${it.title}</strong> <span>${it.says}</span>
                  ${children ? html`<small>${S.warnings.since(dayAndClock(it.recorded_at))}</small>` : null}
                </li>`,
            )}
          </ul>
          ${children}
        </div>
      </section>`;

/** The one that comes first, and how many there are. @param {{warnings: import('../types').Warning[]}} props */
export const WarningTag = ({ warnings: [first, ...others] }) =>
  first
    ? html`<span class="tag tag--bad tag--icon"><${Icon} name="alert" />${first.title}</span>${others.length > 0
          ? html`<span class="tag tag--bad">${S.warnings.title(others.length + 1)}</span>`
          : null}`
    : null;

/** @param {{tone?: '' | 'bad' | 'ok' | 'warn' | 'info', children?: Children}} props */
export const Tag = ({ tone = '', children }) => html`<span class="tag ${tone && `tag--${tone}`}">${children}</span>`;

/** @param {{tone?: '' | 'bad' | 'ok' | 'warn' | 'info', icon: string, title: Children, children?: Children, live?: boolean}} props */
export const Note = ({ tone = '', icon, title, children, live = false }) =>
  html` <div class="note ${tone && `note--${tone}`}" role=${live ? 'status' : undefined}>
    <${Icon} name=${icon} />
    <div><strong>${title}</strong>${children ? html`<span>${children}</span>` : null}</div>
  </div>`;

/** An error that has to be read: takes the focus when it comes. @param {{children?: Children}} props */
export const Wrong = ({ children }) =>
  children
    ? html`<div class="note note--bad" role="alert">
        <${Icon} name="alert" />
        <div>${children}</div>
      </div>`
    : null;

/** @param {{title: Children, children?: Children}} props */
export const Head = ({ title, children }) =>
  html`<div class="head">
    <h1 tabindex="-1">${title}</h1>
    ${children}
  </div>`;

/** @param {{icon?: string, title: Children, count?: Children, tone?: string, id?: string}} props */
export const Group = ({ icon, title, count, tone = '', id }) =>
  html` <h2 class="group ${tone && `group--${tone}`}" id=${id}>
    ${icon ? html`<${Icon} name=${icon} />` : null}${title}${count !== undefined ? html`<small>${count}</small>` : null}
  </h2>`;

/**
 * One of several, as large targets.
 * @param {{legend: Children, hint?: Children, name: string, value: string, options: [string, Children, Children?][], onChange: (value: string) => void, isHidden?: boolean}} props
 */
export const Choices = ({ legend, hint, name, value, options, onChange, isHidden = false }) =>
  html` <fieldset class="choices">
    <legend class=${isHidden ? 'vh' : ''}>${legend}</legend>
    ${hint ? html`<p class="hint">${hint}</p>` : null}
    ${options.map(
      ([key, title, about]) =>
        html` <label class="choice" key=${key}>
          <input type="radio" name=${name} value=${key} checked=${value === key} onChange=${() => onChange(key)} />
          <span><b>${title}</b>${about ? html`<small>${about}</small>` : null}</span>
        </label>`,
    )}
  </fieldset>`;

/** @param {{id: string, label: Children, hint?: Children, value: string, onInput: (value: string) => void, rows?: number, type?: string, max?: number, isOptional?: boolean, autocomplete?: string, error?: string, inputmode?: string}} props */
export function Field({
  id,
  label,
  hint,
  value,
  onInput,
  rows = 0,
  type = 'text',
  max = 200,
  isOptional = false,
  autocomplete = 'off',
  error = '',
  inputmode,
}) {
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const shared = {
    id,
    value,
    maxlength: max,
    autocomplete,
    inputmode,
    'aria-describedby': described,
    'aria-invalid': error ? 'true' : undefined,
    onInput: (/** @type {any} */ event) => onInput(event.currentTarget.value),
  };
  return html` <div class="field ${error && 'field--bad'}">
    <label for=${id}>${label}${isOptional ? html` <small>(${S.optional})</small>` : null}</label>
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : null}
    ${error ? html`<p class="field__error" id="${id}-error">${error}</p>` : null}
    ${rows > 0 ? html`<textarea rows=${rows} ...${shared}></textarea>` : html`<input type=${type} ...${shared} />`}
  </div>`;
}

/** Not pressed twice: what it starts has to end first. @param {{children?: Children, onClick: () => Promise<unknown> | void, busy?: Children, tone?: string, icon?: string, disabled?: boolean}} props */
export function Button({ children, onClick, busy, tone = '', icon, disabled = false }) {
  const [runs, setRuns] = useState(false);
  const isPressed = useRef(false);
  const press = async () => {
    if (isPressed.current) return;
    isPressed.current = true;
    setRuns(true);
    try {
      await onClick();
    } finally {
      isPressed.current = false;
      setRuns(false);
    }
  };
  return html`<button
    type="button"
    class="btn btn--block ${tone && `btn--${tone}`}"
    disabled=${disabled}
    aria-busy=${runs}
    onClick=${press}
  >
    ${icon ? html`<${Icon} name=${icon} />` : null}${runs && busy ? busy : children}
  </button>`;
}

/** @param {{href: string, children?: Children, tone?: string, icon?: string}} props */
export const LinkButton = ({ href, children, tone = '', icon }) =>
  html`<a href=${href} class="btn btn--block ${tone && `btn--${tone}`}"
    >${icon ? html`<${Icon} name=${icon} />` : null}${children}</a
  >`;

export const Busy = () => html`<p class="busy" role="status">${S.loading}</p>`;
