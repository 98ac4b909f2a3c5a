/** Versions as cards: value, and the clock as small columns. Siblings fan; where a card is ahead
 * of another its column is framed, so that "neither covers the other" is seen. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Version } from '../engine/types';
import { clockText, valueText } from '../parts/text';

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
  return html`<span class="col ${mark}"><b>${mine}</b><i style="height:${height}px"></i><u>${actor}</u></span>`;
}

export function cards(versions: readonly Version[]): TemplateResult {
  const names = actors(versions);
  const top = Math.max(2, ...versions.flatMap((v) => Object.values(v.clock)));
  return html`<div class="fan ${versions.length > 1 ? 'many' : ''}">
    ${versions.map((version) => {
      const note = Object.entries(version.metadata ?? {})
        .map(([name, text]) => `${name}: ${text}`)
        .join(', ');
      return html`<div class="card"><div class="val">${valueText(version.value)}</div>
        <div class="clock" role="img" aria-label="clock ${clockText(version.clock)}">
          ${names.map((actor) => column(version, versions, actor, top))}</div>
        ${note ? html`<div class="cf">${note}</div>` : nothing}</div>`;
    })}
  </div>`;
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
  html`<code class="chip" title=${valueText(version.value)}>${clockText(version.clock)}</code>`;
