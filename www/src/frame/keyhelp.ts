/** Which key does what, and the page's few settings. */

import { html, type TemplateResult } from 'lit';
import { THEMES, type Theme } from '../time/time';

/** The last three act on what is there now; the others want a world that can be moved. */
const KEYS: readonly [string, string][] = [
  ['Space', 'play, pause'],
  [', .', 'step back, on'],
  ['Shift , .', 'marker before, after'],
  ['[ ]', 'slower, faster'],
  ['K', 'kill or restart the node'],
  ['W', 'why is it so'],
  ['← →', 'round the ring'],
  ['Enter', 'inspect'],
  ['?', 'all keys'],
];

export interface Settings {
  theme: Theme;
  letters: boolean;
  setTheme(theme: Theme): void;
  setLetters(on: boolean): void;
}

export const keyRows = (isReal = false): TemplateResult => html`<div class="keyhelp">
  ${KEYS.slice(isReal ? -3 : 0).map(
    ([key, what]) => html`<div><kbd>${key}</kbd><span>${what}</span></div>`,
  )}
</div>`;

export function settingsRows(settings: Settings): TemplateResult {
  const choose = (event: Event) =>
    settings.setTheme((event.target as HTMLSelectElement).value as Theme);
  const toggle = (event: Event) => settings.setLetters((event.target as HTMLInputElement).checked);
  return html`<div class="settings">
    <label class="check"><input type="checkbox" .checked=${settings.letters} @change=${toggle} />
      letters and signs act as keys</label>
    <label class="pick"><span>theme</span><select @change=${choose}>
      ${THEMES.map(
        (theme) =>
          html`<option value=${theme} .selected=${theme === settings.theme}>${theme}</option>`,
      )}</select></label>
  </div>`;
}

export const keyPanel = (
  settings: Settings,
  close: () => void,
  isReal: boolean,
): TemplateResult => html`<section
    class="allkeys" role="dialog" aria-labelledby="keys-title" tabindex="-1">
  <h2 id="keys-title">Keys</h2>${keyRows(isReal)}
  <p class="note">Letters act while the stage has focus.</p>
  ${settingsRows(settings)}
  <div class="acts2"><button class="btn" @click=${close}>Close</button></div>
</section>`;
