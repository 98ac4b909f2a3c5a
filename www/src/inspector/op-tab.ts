/** One operation: who answered, when, and what the client was told. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { outcome } from '../desk/desk';
import type { OpView } from '../engine/types';
import { duration, seconds, valueText } from '../parts/text';
import { inlineGlyph } from '../stage/glyph-svg';
import { GLYPHS } from '../stage/glyphs';
import { cards } from './cards';
import { why } from './why';

function details(app: App, op: OpView): TemplateResult {
  const row = (name: string, what: unknown) =>
    html`<div class="rr two"><b>${name}</b> <span class="what">${what}</span></div>`;
  const kind = op.definite ? 'It never took effect.' : 'It may have taken effect.';
  return html`<section>
    ${op.value === undefined ? nothing : row('value', html`<code>${valueText(op.value)}</code>`)}
    ${row('client talks to', op.via ?? 'nobody: no node was up')}
    ${row('coordinator', op.coordinator ?? 'none yet')}
    ${row('context', op.context || 'none')} ${row('sent', `${seconds(op.started_ms)} s`)}
    ${row('outcome', html`${outcome(op)} ${why(app, { op: op.id }, `did ${op.id} end so`)}`)}
    ${op.error ? row('because', `${op.error}. ${kind}`) : nothing}
  </section>`;
}

export function opTab(app: App): TemplateResult {
  const ops = app.snap?.ops ?? [];
  const known = [...ops, ...(app.snap?.failed ?? [])];
  const op = known.find((o) => o.id === app.selection.op) ?? ops[0] ?? known[0];
  if (!op) return html`<p class="note">No put or get yet. Send one from the desk.</p>`;
  const glyph = GLYPHS[op.kind === 'get' ? 3 : 0];
  const compares = app.versioning === 'vector-clock';
  return html`<div><div class="ih">${glyph ? inlineGlyph(glyph) : nothing}
        <h2>${op.id}, ${op.kind}</h2></div>
      <p class="isub"><button class="link" @click=${() => app.select({ tab: 'key', key: op.key })}>
        <code>${op.key}</code></button></p></div>
    ${details(app, op)}
    <section><h3>Who answered</h3>
      ${op.answers.map(
        (a) => html`<div class="rr two"><b>${a.node}</b> <span class="what">
          after ${duration(a.at_ms - op.started_ms)}${
            a.stands_in_for ? `, standing in for ${a.stands_in_for}` : ''
          }</span></div>`,
      )}
      ${op.answers.length ? nothing : html`<p class="note">Nobody yet.</p>`}</section>
    ${
      op.versions.length
        ? html`<section><h3>What it says</h3>${cards(op.versions, ops, compares)}</section>`
        : nothing
    }
    <section><h3>Others</h3><div class="acts2">
      ${ops.slice(0, 12).map(
        (o) => html`<button class="btn" aria-pressed=${o.id === op.id}
          @click=${() => app.select({ op: o.id })}>${o.id}</button>`,
      )}</div></section>`;
}
