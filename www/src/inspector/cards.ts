/** Versions as cards: value, and the clock as small columns. Siblings fan; where a card is ahead
 * of another its column is framed, so that "neither covers the other" is seen. */

import { html, nothing, type TemplateResult } from 'lit';
import type { OpView, Version } from '../engine/types';
import { sign } from '../parts/sign';
import { clockText, valueText } from '../parts/text';
import { type Covered, makerOf } from '../parts/versions';

const BAR_PX = 26;

function actors(versions: readonly Version[]): string[] {
  return [...new Set(versions.flatMap((v) => Object.keys(v.clock)))].sort();
}

function column(version: Version, all: readonly Version[], actor: string, top: number) {
  const mine = version.clock[actor] ?? 0;
  const counters = all.map((v) => v.clock[actor] ?? 0);
  const differ = all.length > 1 && Math.min(...counters) !== Math.max(...counters);
  const mark = !differ ? '' : mine === Math.max(...counters) ? 'more' : 'less';
  const height = Math.round((mine / top) * BAR_PX);
  return html`<span class="col ${mark}"><b>${mine}</b><i style="height:${height}px"></i
    ><u>${actor}</u></span>`;
}

/** `p4, via B`, and whatever else was kept with the version. */
function footer(version: Version, ops: readonly OpView[]): string {
  const maker = makerOf(version, ops);
  const parts = maker ? [maker.id, `via ${maker.via ?? 'nobody'}`] : [];
  for (const [name, text] of Object.entries(version.metadata ?? {})) parts.push(`${name}: ${text}`);
  return parts.join(', ');
}

/** What the version says: a value, or that there is none any more. */
export const content = (version: Version): unknown =>
  version.deleted ? html`${sign('tomb')} deleted` : valueText(version.value);

/** `compares`: whether the clocks alone tell what covers what, so that their columns are held
 * against each other. */
export function cards(
  versions: readonly Version[],
  ops: readonly OpView[],
  compares = true,
): TemplateResult {
  const names = actors(versions);
  const top = Math.max(2, ...versions.flatMap((v) => Object.values(v.clock)));
  return html`<div class="fan ${versions.length > 1 ? 'many' : ''}">
    ${versions.map((version) => {
      const note = footer(version, ops);
      const beside = compares ? versions : [version];
      return html`<div class="card"><div class="val">${content(version)}</div>
        <div class="clock" role="img" aria-label="clock ${clockText(version.clock)}">
          ${names.map((actor) => column(version, beside, actor, top))}</div>
        ${note ? html`<div class="cf">${note}</div>` : nothing}</div>`;
    })}
  </div>`;
}

/** What was there before: a line each, struck through, with an arrow to what covers it. */
export function covered(past: readonly Covered[], alive: number, word = 'covered'): TemplateResult {
  const last = alive > 1 ? `${word} by each` : `${word} by`;
  return html`<ol class="past">
    ${past.map(
      ({ version, op }, i) => html`<li><div class="gone"><s>${content(version)}</s>
          <code>${clockText(version.clock)}</code><span>${op.id}</span></div>
        <p><svg viewBox="0 0 10 16" aria-hidden="true"><path d="M5 1V14M2 10.5L5 14.5L8 10.5" />
          </svg>${i === past.length - 1 ? last : `${word} by`}</p></li>`,
    )}</ol>`;
}

/** In words, for two that are siblings: which column each is ahead in. */
export function disagreement(versions: readonly Version[]): string {
  const [a, b] = versions;
  if (!a || !b || versions.length !== 2) return '';
  const parts: string[] = [];
  for (const actor of actors(versions)) {
    const mine = a.clock[actor] ?? 0;
    const yours = b.clock[actor] ?? 0;
    if (mine !== yours) parts.push(`${actor} has ${mine} against ${yours}`);
  }
  return parts.length > 1 ? `Neither covers the other: ${parts.join(', ')}.` : '';
}

export const chip = (version: Version): TemplateResult =>
  html`<code class="chip">${clockText(version.clock)}</code>`;

/** A chip that also says when the version is a tombstone. */
export const marked = (version: Version): TemplateResult =>
  html`${chip(version)}${version.deleted ? html`<span>${content(version)}</span>` : nothing}`;

/** A chip with its value, where no card stands beside it. */
export const valued = (version: Version): TemplateResult =>
  html`<span class="valued">${chip(version)} ${content(version)}</span>`;
