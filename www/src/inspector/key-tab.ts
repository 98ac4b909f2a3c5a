/** A key: where it lies, who holds what, and its versions side by side. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Desk } from '../desk/desk';
import type { KeyView, Version } from '../engine/types';
import { sign } from '../parts/sign';
import { clockText, count } from '../parts/text';
import { alive, history, type Versioning } from '../parts/versions';
import { inlineDiamond, inlineGlyph } from '../stage/glyph-svg';
import { GLYPHS, HINT } from '../stage/glyphs';
import { stateWord } from '../stage/names';
import { cards, covered, disagreement, marked } from './cards';
import { hintWhy } from './node-tab';
import { why } from './why';

/** Siblings under one clock of the record are one chip. */
const distinct = (versions: readonly Version[]): Version[] =>
  versions.filter(
    (one, i) =>
      i === versions.findIndex((other) => clockText(other.clock) === clockText(one.clock)),
  );

/** One line for a node: its replica, its hints for others, and whether it is there to be asked. */
function row(app: App, view: KeyView, node: number): TemplateResult {
  const glyph = GLYPHS[HINT];
  const n = app.snap?.ring.n ?? 0;
  const place = view.walk.find((step) => step.node === node && step.place)?.place;
  const mine = view.holders.filter((holder) => holder.node === node);
  const replica = mine.find((holder) => holder.kind === 'replica');
  const hints = mine.filter((holder) => holder.kind === 'hint');
  const isOther = app.link !== null && app.nodeName(node) !== app.real?.name;
  const state = stateWord(app.frame.nodeState(node));
  const number =
    place === undefined
      ? html`<span></span>`
      : html`<span class="num ${place > n ? 'stand' : ''}">${place}</span>`;
  const onDisk = mine.length && !app.link ? 'on disk,' : '';
  return html`<div class="rr">${number}<b>${app.nodeName(node)}</b><span class="what">
    ${distinct(replica?.versions ?? []).map(marked)}
    ${replica && replica.versions.length > 1 ? count(replica.versions.length, 'sibling') : nothing}
    ${hints.map((hint) => {
      const owner = hint.hint_for === undefined ? '' : app.nodeName(hint.hint_for);
      return html`${glyph ? inlineGlyph(glyph, { letter: owner }) : nothing}
        ${hint.versions.map(marked)} for ${owner}, at rest ${hintWhy(app, node, owner, view.key)}`;
    })}
    ${mine.length ? nothing : isOther ? 'its own affair' : 'nothing'}
    ${state === 'up' ? nothing : html`${onDisk} ${sign(app.link ? 'wait' : 'bad')} ${state}`}
  </span></div>`;
}

/** The places of the list, then whoever else holds something of the key. */
function nodesOf(view: KeyView): number[] {
  const places = view.walk.filter((step) => step.place !== undefined).map((step) => step.node);
  return [...new Set([...places, ...view.holders.map((holder) => holder.node)])];
}

/** What the clocks on the cards are, where they are not the paper's. */
const WHAT: Record<Versioning, string> = {
  'vector-clock': '',
  'record-clock': 'One clock for the whole record: all its siblings show the same.',
  dotted: 'Each version has a dot of its own beside this clock: the dot tells siblings apart.',
  'last-write-wins': 'Not the clock decides: the greatest wall-clock stamp of a coordinator wins.',
};

const TOMBSTONE =
  ' A delete is a put of a tombstone: it covers what its context had seen, and no more.';

/** More than these few nobody reads; the log has the rest. */
const PAST_MAX = 3;

export function keyTab(app: App, desk: Desk): TemplateResult {
  const view = app.snap?.key;
  const ring = app.snap?.ring;
  if (!view || !ring)
    return html`<p class="note">No key is chosen. Put one, or click its diamond.</p>`;
  return html`<div><div class="ih">${inlineDiamond()}<h2><code>${view.key}</code></h2></div>
      <p class="isub">partition ${view.partition} of ${ring.partitions}, at
        <code>${view.position.slice(0, 8)}…</code></p></div>
    <section><h3>What ${app.link ? `${app.real?.name} holds` : 'each one holds'}</h3>
      ${nodesOf(view).map((node) => row(app, view, node))}</section>
    ${versionsOf(app, view)} ${mergeOf(app, view, desk)}`;
}

function versionsOf(app: App, view: KeyView): TemplateResult | typeof nothing {
  const versions = alive(view);
  const ops = app.snap?.ops ?? [];
  if (!versions.length) return nothing;
  const { versioning } = app;
  const compares = versioning === 'vector-clock';
  const past = history(view, ops, PAST_MAX, versioning);
  const word = versioning === 'last-write-wins' ? 'overwritten' : 'covered';
  const title = versions.length > 1 ? count(versions.length, 'sibling') : 'Newest version';
  return html`<section><h3>${title}</h3>
    <div class="asks">${why(app, { key: view.key }, 'does it have these versions')}</div>
    ${past.length ? covered(past, compares ? versions.length : 1, word) : nothing}
    ${cards(versions, ops, compares)}
    <p class="note">${compares ? disagreement(versions) : WHAT[versioning]}${
      versions.some((version) => version.deleted) ? TOMBSTONE : nothing
    }</p></section>`;
}

function mergeOf(app: App, view: KeyView, desk: Desk): TemplateResult | typeof nothing {
  const get = app.snap?.ops.find(
    (op) => op.key === view.key && op.kind === 'get' && op.outcome === 'ok',
  );
  if (!get || get.versions.length < 2 || alive(view).length < 2) return nothing;
  return html`<div class="acts2"><button class="btn"
    @click=${() => desk.merge(get)}>Merge…</button></div>`;
}
