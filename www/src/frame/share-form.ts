/** What there is to hand on: a link to this moment of this run, and the run as a file. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { type Run, runOf, writeRun } from '../app/share';
import { saveJson } from '../parts/save';
import { sign } from '../parts/sign';
import { figure, seconds } from '../parts/text';

export class ShareForm {
  #changed: () => void;
  #close: () => void;
  #run: Run | null = null;
  #address = '';
  #trouble = '';
  #copied: 'yes' | 'no' | '' = '';

  constructor(app: App, changed: () => void, close: () => void) {
    this.#changed = changed;
    this.#close = close;
    void this.#make(app);
  }

  async #make(app: App): Promise<void> {
    try {
      this.#run = await runOf(app);
      this.#address = new URL(await writeRun(this.#run), location.href).href;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
    this.#changed();
  }

  template(): TemplateResult {
    const run = this.#run;
    return html`${this.#trouble ? this.#refused() : this.#link()}
      <div class="acts2">
        <button class="go" ?disabled=${!this.#address} @click=${this.#copy}>${
          this.#copied === 'yes' ? 'Copied' : 'Copy link'
        }</button>
        <button class="btn" ?disabled=${!run} @click=${this.#save}>Save run</button>
        <button class="btn" @click=${this.#close}>Close</button></div>
      <p class="unseen" role="status">${this.#copied === 'yes' ? 'Copied.' : ''}</p>`;
  }

  #refused(): TemplateResult {
    return html`<p class="why" role="alert">${sign('bad')}<span>${this.#trouble}</span></p>`;
  }

  #link(): TemplateResult {
    const run = this.#run;
    if (!run || !this.#address) return html`<p class="note" role="status">Packing…</p>`;
    const whole = (event: Event) => (event.target as HTMLInputElement).select();
    return html`<p>This run at ${seconds(run.at_ms)} s, with all that was done so far and what is
        selected. Whoever opens it can go back, on, and act.</p>
      <label class="f"><span>link to this moment</span>
        <input readonly .value=${this.#address} @focus=${whole} /></label>
      <p class="note">${figure(this.#address.length)} characters. ${
        this.#copied === 'no' ? 'Copy them from the field.' : nothing
      } The file is a scenario: the command line plays it too.</p>`;
  }

  #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.#address);
      this.#copied = 'yes';
    } catch {
      // No clipboard without a secure context, or not allowed: the field has it.
      this.#copied = 'no';
    }
    this.#changed();
  };

  #save = (): void => {
    const { scenario } = this.#run ?? {};
    if (scenario) saveJson(`dynamo-run-${scenario.seed ?? 'run'}.json`, scenario);
  };
}
