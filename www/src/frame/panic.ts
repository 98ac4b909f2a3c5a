/** The engine trapped: what happened, where, and the run as a scenario to hand on. */

import { html, type TemplateResult } from 'lit';
import type { Fatal } from '../engine/protocol';
import { sign } from '../parts/sign';
import { seconds } from '../parts/text';

export function panicPanel(fatal: Fatal): TemplateResult {
  const copy = () => void navigator.clipboard?.writeText(fatal.scenario);
  if (fatal.event < 0) {
    return html`<div class="panic" role="alert"><h2>${sign('bad')} The engine did not start</h2>
      <p>${fatal.message}</p></div>`;
  }
  return html`<div class="panic" role="alert">
    <h2>${sign('bad')} The engine stopped at ${seconds(fatal.at)} s</h2>
    <p>That is a bug in the program, not a fault in the ring. What you see behind is the last good
      moment. The scenario below repeats the run.</p>
    <dl><dt>what</dt><dd><code>${fatal.message}</code></dd>
      <dt>after event</dt><dd><code>${fatal.event}</code></dd>
      <dt>seed</dt><dd><code>${fatal.seed}</code></dd>
      <dt>digest</dt><dd><code>${fatal.digest}</code></dd></dl>
    <textarea readonly aria-label="Scenario that repeats the run" .value=${fatal.scenario}></textarea>
    <div class="acts2"><button class="go" @click=${copy}>Copy scenario</button>
      <button class="btn" @click=${() => location.reload()}>Start again</button></div>
  </div>`;
}
