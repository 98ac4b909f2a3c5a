/** The stage's corners: the key's list, the legend of signs seen so far, what beliefs mean. */

import { html, nothing, svg, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Belief, Holder, KeyView, Walk } from '../engine/types';
import { clockText, figure } from '../parts/text';
import { beliefSign, isCrowd } from './beliefs';
import { cellOf, type Geometry, middleOf, polar } from './geometry';
import { inlineDiamond, inlineGlyph } from './glyph-svg';
import { GLYPHS, LOST, LOST_KIND } from './glyphs';
import { stateWord } from './names';

function holds(holder: Holder | undefined): string {
  const [one] = holder?.versions ?? [];
  if (!holder || !one) return 'nothing yet';
  return holder.versions.length > 1
    ? `${holder.versions.length} siblings`
    : one.deleted
      ? 'deleted'
      : clockText(one.clock);
}

const LIST = { width: 190, head: 42, row: 21 };

/** The list stands at the left unless the walk's own numbers would run into it. */
export function listSide(g: Geometry, view: KeyView): 'left' | 'right' {
  const bottom = LIST.head + view.walk.length * LIST.row;
  const meets = view.walk.some((step) => {
    const at = polar(middleOf(cellOf(g, step.partition)), g.badge);
    return at.x + g.width / 2 < LIST.width && at.y + g.height / 2 < bottom;
  });
  return meets ? 'right' : 'left';
}

type Run = [Walk, ...Walk[]];

/** A walk in lines: more than two positions that are skipped in a row are one. */
export function runsOf(walk: readonly Walk[]): Run[] {
  const runs: Run[] = [];
  for (const step of walk) {
    const last = runs.at(-1);
    if (last && step.skipped !== undefined && last[0].skipped !== undefined) last.push(step);
    else runs.push([step]);
  }
  return runs.flatMap((run) => (run.length > 2 ? [run] : run.map((step): Run => [step])));
}

/** Each reason once, with how often. */
function skipped(app: App, run: Run): TemplateResult {
  const names = [...new Set(run.map((step) => app.nodeName(step.node)))];
  const reasons = new Map<string, number>();
  for (const { skipped: why = '' } of run) {
    const reason = why.startsWith('already')
      ? 'listed'
      : why.replace('its zone is on the list', 'zone listed');
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return html`<div class="pr skip"><span class="n"></span><b></b>
    <span class="w">skipped: ${names.join(', ')} ${[...reasons].map(
      ([why, times]) => html`<br />${times} × ${why}`,
    )}</span></div>`;
}

export function keyList(app: App, view: KeyView, side: 'left' | 'right'): TemplateResult {
  const n = app.snap?.ring.n ?? 0;
  return html`<div class="plist ${side}">
    <div class="ph">${inlineDiamond()}<code>${view.key}</code></div>
    ${runsOf(view.walk).map((run) => {
      const [step] = run;
      if (run.length > 1) return skipped(app, run);
      const name = app.nodeName(step.node);
      if (step.skipped !== undefined) {
        return html`<div class="pr skip"><span class="n"></span><b>${name}</b>
          <span class="w">skipped: ${step.skipped}</span></div>`;
      }
      const words = wordsFor(app, view, step.node, (step.place ?? 0) > n);
      return html`<div class="pr ${words.told ? 'told' : ''}"><span class="n">${step.place}</span>
        <b>${name}</b><span class="w">${words.text}</span></div>`;
    })}
  </div>`;
}

/** What is worth saying of a place: that it is down, for whom it stands in, or what it holds. */
function wordsFor(app: App, view: KeyView, node: number, stands: boolean) {
  const mine = view.holders.filter((h) => h.node === node);
  const hint = mine.find((h) => h.kind === 'hint');
  const state = stateWord(app.frame.nodeState(node));
  if (state !== 'up') return { text: state, told: true };
  if (stands) {
    const owner = hint?.hint_for === undefined ? '' : ` for ${app.nodeName(hint.hint_for)}`;
    return { text: `stands in${owner}`, told: true };
  }
  const replica = mine.find((h) => h.kind === 'replica');
  // What another real node holds only it can tell.
  if (app.link && app.nodeName(node) !== app.real?.name) return { text: '', told: false };
  return { text: holds(replica), told: false };
}

export function legend(app: App): TemplateResult | typeof nothing {
  const kinds = [
    ...GLYPHS.map((glyph, kind) => ({ glyph, kind })),
    { glyph: LOST, kind: LOST_KIND },
  ].filter((k) => app.seen.has(k.kind));
  if (!kinds.length) return nothing;
  const toggle = (kind: number) => {
    if (!app.hidden.delete(kind)) app.hidden.add(kind);
    app.changed();
  };
  const letter = app.nodeName(0);
  return html`<ul class="legend" aria-label="Messages seen so far">
    ${kinds.map(
      ({ glyph, kind }) => html`<li><button aria-pressed=${!app.hidden.has(kind)}
        title="Show or hide" @click=${() => toggle(kind)}>
        ${inlineGlyph(glyph, { letter })}<span>${glyph.name}</span></button></li>`,
    )}
  </ul>`;
}

/** More than these nobody counts. */
const MANY = 12;

export function beliefKey(app: App): TemplateResult | typeof nothing {
  const wrong = app.snap?.beliefs ?? [];
  const about = wrong[0];
  if (!about) return nothing;
  const many = wrong.length > MANY ? `${figure(wrong.length)} nodes` : 'a node';
  const who = wrong.length === 1 ? app.nodeName(about.about) : many;
  const row = (words: string, inner: unknown) => html`<li><span>${words}</span>
    <svg class="gl" viewBox="-11 -11 22 22" aria-hidden="true">${inner}</svg></li>`;
  const ringed = (belief: string) => svg`<circle class="wrong" r="8.6" />${beliefSign(belief, 5)}`;
  const right = ({ truth }: Belief) => (truth === 'crashed' ? 'suspect' : 'up');
  // Of a crowd only some of the wrong ones are told.
  const isRight = (one: Belief, belief: string) =>
    isCrowd(one) && one.others > one.wrong && right(one) === belief;
  const any = (belief: 'up' | 'suspect', isWrong: boolean) =>
    wrong.some(
      (one) =>
        one.by.some((by) => by.belief === belief && by.wrong === isWrong) ||
        (!isWrong && isRight(one, belief)),
    );
  return html`<ul class="lens" aria-label="Beliefs">
    <li class="bt">What ${app.real?.name ?? 'the others'} believe${
      app.real ? 's' : ''
    } of ${who}</li>
    ${any('up', false) ? row('up', beliefSign('up', 5)) : nothing}
    ${any('suspect', false) ? row('suspects it', beliefSign('suspect', 5)) : nothing}
    ${any('up', true) ? row('up: wrong', ringed('up')) : nothing}
    ${any('suspect', true) ? row('suspects it: wrong', ringed('suspect')) : nothing}
  </ul>`;
}
