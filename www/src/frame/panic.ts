/** The engine is gone: what happened, where, and the run as a scenario to hand on. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { lastGoodSecond, type Report } from '../engine/report';
import { saveJson } from '../parts/save';
import { sign } from '../parts/sign';
import { seconds } from '../parts/text';

export class PanicPanel {
  #app: App;
  /** The report that the sentence on copying is about. */
  #for: Report | null = null;
  #copied: 'yes' | 'no' | '' = '';

  constructor(app: App) {
    this.#app = app;
  }

  template(): TemplateResult | typeof nothing {
    const report = this.#app.fatal;
    if (!report) return nothing;
    if (this.#for !== report) {
      this.#for = report;
      this.#copied = '';
    }
    if (this.#app.link && report.started) return ended(report);
    return report.started ? this.#stopped(report) : unstarted(report);
  }

  #stopped(report: Report): TemplateResult {
    const at = seconds(report.at_ms);
    return html`<div class="panic" role="alertdialog" aria-labelledby="panic-title"
      aria-describedby="panic-text" tabindex="-1">
      <h2 id="panic-title">${sign('bad')} The engine stopped at ${at} s</h2>
      <p id="panic-text">That is a bug in the program, not a fault in the ring. What you see behind
        is the last good moment${this.#app.kept ? '; going back in time works' : ''}.</p>
      <dl><dt>what</dt><dd><code>${report.what}</code></dd>
        <dt>after event</dt>
        <dd><code>${report.event}</code>${report.told && `, ${report.told}`}</dd>
        <dt>seed, build</dt><dd><code>${report.seed || 'none'}</code>,
          <code>${report.build}</code></dd>
        <dt>digest</dt><dd><code>${spaced(report.digest)}</code></dd></dl>
      ${this.#copied === 'no' ? byHand(report) : nothing}
      <div class="acts2">
        <button class="go" @click=${() => this.#copy(report)}>${this.#copyWord()}</button>
        <button class="btn" @click=${() => save(report)}>Save report</button>
        ${this.#back(report)}
      </div>
      <p class="unseen" role="status">${this.#copied === 'yes' ? 'Copied.' : ''}</p>
    </div>`;
  }

  #copyWord(): string {
    return this.#copied === 'yes' ? 'Copied' : 'Copy scenario';
  }

  #back(report: Report): TemplateResult {
    if (!this.#app.kept) {
      return html`<button class="btn" @click=${() => location.reload()}>Start again</button>`;
    }
    const back = () => this.#app.recover().catch((error: unknown) => this.#app.say(error));
    const to = seconds(lastGoodSecond(report.at_ms));
    return html`<button class="btn" @click=${back}>Back to ${to} s</button>`;
  }

  async #copy(report: Report): Promise<void> {
    try {
      await navigator.clipboard.writeText(report.scenario);
      this.#copied = 'yes';
    } catch {
      // No clipboard over plain http, or not allowed: then the text itself is shown.
      this.#copied = 'no';
    }
    this.#app.changed();
  }
}

/** A real node that cannot go on: its journal is as good as its last answer. */
function ended(report: Report): TemplateResult {
  return html`<div class="panic" role="alert" tabindex="-1">
    <h2>${sign('bad')} This node has stopped</h2>
    <p>${report.what}</p>
    <p>What it had acknowledged is in its journal in this browser, and with the other members.</p>
    <div class="acts2">
      <button class="go" @click=${() => location.reload()}>Start it again</button>
      <a class="btn" href="#">Back to the simulation</a></div>
  </div>`;
}

function unstarted(report: Report): TemplateResult {
  return html`<div class="panic" role="alert">
    <h2>${sign('bad')} The engine did not start</h2>
    <p>${report.what}</p>
    <div class="acts2">
      <button class="btn" @click=${() => location.reload()}>Try again</button></div>
  </div>`;
}

const byHand = (report: Report): TemplateResult => html`<textarea readonly
  aria-label="Scenario that repeats the run, to copy by hand"
  .value=${report.scenario}></textarea>`;

const spaced = (digest: string): string => digest.replace(/(.{4})(?=.)/g, '$1 ');

function save(report: Report): void {
  const { scenario, ...rest } = report;
  const whole = { ...rest, browser: navigator.userAgent, scenario: JSON.parse(scenario || 'null') };
  saveJson(`dynamo-report-${report.seed || 'run'}-${report.event}.json`, whole);
}
