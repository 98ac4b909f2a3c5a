/** A key: where it lies, who holds what, and its versions side by side. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Desk } from '../desk/desk';
import type { Holder, KeyView, Version } from '../engine/types';
import { sign } from '../parts/sign';
import { clockText, count } from '../parts/text';
import { inlineDiamond, inlineGlyph } from '../stage/glyph-svg';
import { GLYPHS, HINT } from '../stage/glyphs';
import { cards, chip, disagreement } from './cards';

function held(app: App, holder: Holder): TemplateResult {
  const glyph = GLYPHS[HINT];
  const down = holder.state === 'up' ? nothing : html`${sign('bad')} ${holder.state}`;
  if (holder.kind === 'hint') {
    const owner = holder.hint_for === undefined ? '' : app.nodeName(holder.hint_for);
    return html`${glyph ? inlineGlyph(glyph, { letter: owner }) : nothing}
      ${holder.versions.map(chip)} for ${owner}, at rest ${down}`;
  }
  if (!holder.versions.length) return html`nothing yet ${down}`;
  const words = holder.versions.length > 1 ? 'siblings' : '';
  return html`${holder.versions.map(chip)} ${words} ${holder.state === 'up' ? nothing : 'on disk,'} ${down}`;
}

function holderRow(app: App, n: number, holder: Holder): TemplateResult {
  const stand = holder.kind === 'hint' || (holder.place ?? 0) > n;
  return html`<div class="rr">
    ${holder.place ? html`<span class="num ${stand ? 'stand' : ''}">${holder.place}</span>` : html`<span></span>`}
    <b>${app.nodeName(holder.node)}</b><span class="what">${held(app, holder)}</span></div>`;
}

/** Every version that somebody up holds, once: what a get could meet. */
function alive(view: KeyView): Version[] {
  const found = new Map<string, Version>();
  for (const holder of view.holders) {
    for (const version of holder.versions) found.set(clockText(version.clock), version);
  }
  const all = [...found.values()];
  return all.filter((v) => !all.some((other) => other !== v && covers(other, v)));
}

function covers(a: Version, b: Version): boolean {
  return Object.entries(b.clock).every(([actor, counter]) => (a.clock[actor] ?? 0) >= counter);
}

export function keyTab(app: App, desk: Desk): TemplateResult {
  const view = app.snap?.key;
  const ring = app.snap?.ring;
  if (!view || !ring)
    return html`<p class="note">No key is chosen. Put one, or click its diamond.</p>`;
  const versions = alive(view);
  const get = app.snap?.ops.find(
    (op) => op.key === view.key && op.kind === 'get' && op.outcome === 'ok',
  );
  const mergeable = get && get.versions.length > 1 && versions.length > 1;
  return html`<div><div class="ih">${inlineDiamond()}<h2><code>${view.key}</code></h2></div>
      <p class="isub">partition ${view.partition} of ${ring.partitions}, at
        <code>${view.position.slice(0, 8)}…</code></p></div>
    <section><h3>What each one holds</h3>${view.holders.map((h) => holderRow(app, ring.n, h))}</section>
    ${
      versions.length
        ? html`<section><h3>${versions.length > 1 ? `${count(versions.length, 'sibling')}` : 'Newest version'}</h3>
            ${cards(versions)}
            <p class="note">${disagreement(versions)}</p></section>`
        : nothing
    }
    ${
      mergeable
        ? html`<div class="acts2"><button class="btn" @click=${() => desk.merge(get)}>Merge…</button></div>`
        : nothing
    }`;
}
