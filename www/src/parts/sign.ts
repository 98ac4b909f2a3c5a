/** Small signs that stand before words: a status is never told by hue alone. */

import { html, svg, type TemplateResult } from 'lit';

export type SignKind = 'ok' | 'bad' | 'wait' | 'count' | 'off' | 'tomb';

const PATHS: Record<SignKind, string> = {
  ok: 'M2 6.5L5 9.3L10 3',
  bad: 'M2.5 2.5L9.5 9.5M2.5 9.5L9.5 2.5',
  wait: 'M10.4 6A4.4 4.4 0 1 1 1.6 6A4.4 4.4 0 1 1 10.4 6M6 3.4V6L8 7.2',
  count: 'M2 4H10M2 8H10M4.6 2L3.8 10M8.2 2L7.4 10',
  off: 'M2.5 6H9.5',
  tomb: 'M2.3 11V5A3.7 3.7 0 0 1 9.7 5V11ZM6 3.6V8.4M4.3 5.2H7.7',
};

export const sign = (kind: SignKind): TemplateResult =>
  html`<span class="sg ${kind}" aria-hidden="true"
    ><svg viewBox="0 0 12 12">${svg`<path d=${PATHS[kind]} />`}</svg></span>`;

const ICONS = {
  start: 'M3 3V13M13 3L5.5 8L13 13Z',
  back: 'M11 3L4 8L11 13Z',
  play: 'M4 2.5L13.5 8L4 13.5Z',
  pause: 'M4.5 3V13M11.5 3V13',
  step: 'M4 3L11 8L4 13ZM13 3V13',
};

export const icon = (name: keyof typeof ICONS): TemplateResult =>
  html`<svg class="ti ${name}" viewBox="0 0 16 16" aria-hidden="true"
    >${svg`<path d=${ICONS[name]} />`}</svg>`;
