/** Keys: where they lie, and who holds which version. */

import type { TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { Version } from '../engine/types';
import { clockText, valueText } from '../parts/text';
import { nameOf } from '../parts/versions';
import { listOf, ROWS_MAX, table } from './parts';

const HEADS = ['Key', 'Partition', 'Preference list', 'Value', 'Clock', 'Held by', 'As hint by'];

interface Held {
  version: Version;
  by: string[];
}

export function keyTable(app: App): TemplateResult {
  const keys = keysOf(app);
  const shown = keys.slice(0, ROWS_MAX);
  app.wanted = shown.filter((key) => !app.places.has(key));
  const rows = shown.flatMap((key) => rowsOf(app, key));
  return table(
    `Keys, a row for each version`,
    HEADS,
    rows,
    rows.length + keys.length - shown.length,
  );
}

function keysOf(app: App): string[] {
  const nodes = Object.values(app.snap?.state.nodes ?? {});
  const stored = nodes.flatMap((node) => Object.keys(node.keys));
  const hinted = nodes.flatMap((node) => node.hints.map((hint) => hint.key));
  return [...new Set([...stored, ...hinted])].sort();
}

function rowsOf(app: App, key: string): unknown[][] {
  const held = new Map<string, Held>();
  const hints: string[] = [];
  for (const [holder, node] of Object.entries(app.snap?.state.nodes ?? {})) {
    for (const version of node.keys[key] ?? []) {
      const name = nameOf(version);
      const one = held.get(name) ?? { version, by: [] };
      one.by.push(holder);
      held.set(name, one);
    }
    for (const hint of node.hints) if (hint.key === key) hints.push(`${holder} for ${hint.for}`);
  }
  const place = app.places.get(key);
  const list = place?.list.map((node) => app.nodeName(node)) ?? [];
  const where = [key, place?.partition ?? '', listOf(list, '')];
  const apart = listOf([...new Set(hints)], 'nobody');
  if (!held.size) return [[...where, 'only a hint', '', 'nobody', apart]];
  return [...held.values()].map(({ version, by }) => {
    return [...where, valueText(version.value), clockText(version.clock), listOf(by), apart];
  });
}
