/** Which key does what. */

import { html, type TemplateResult } from 'lit';

const KEYS: readonly [string, string][] = [
  ['Space', 'play, pause'],
  [', .', 'step back, on'],
  ['[ ]', 'slower, faster'],
  ['← →', 'round the ring'],
  ['Enter', 'inspect'],
  ['K', 'kill or restart the node'],
  ['?', 'all keys'],
];

export const keyRows = (): TemplateResult => html`<div class="keyhelp">
  ${KEYS.map(([key, what]) => html`<div><kbd>${key}</kbd><span>${what}</span></div>`)}
</div>`;

export const keyPanel = (close: () => void): TemplateResult => html`<section class="allkeys"
    role="dialog" aria-label="All keys">
  <h2>Keys</h2>${keyRows()}
  <p class="note">Letters act while the stage has focus.</p>
  <div class="acts2"><button class="btn" @click=${close}>Close</button></div>
</section>`;
