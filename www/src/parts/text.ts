/** How figures and values are written, everywhere the same. */

import type { Clock, Value, Version } from '../engine/types';

export const seconds = (ms: number): string => (ms / 1000).toFixed(3);

export function duration(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Number(ms.toPrecision(3))} ms`;
  return `${Number((ms / 1000).toPrecision(3))} s`;
}

/** A figure of a table whose head has the unit; a dash where nothing was measured. */
export const milliseconds = (ms: number | null): string =>
  ms === null ? '–' : String(Number(ms.toPrecision(3)));

export const valueText = (value: Value | undefined): string =>
  value === undefined ? '(deleted)' : typeof value === 'string' ? value : `base64 ${value.base64}`;

export const clockText = (clock: Clock): string =>
  Object.entries(clock)
    .map(([node, counter]) => `${node}:${counter}`)
    .join(' ');

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 ? one : many}`;

/** A large number, as people read it. */
export const figure = (n: number): string => n.toLocaleString('en');

/** Of what is fetched when asked for. Some browsers never ask again for a script that failed. */
export const notLoaded = (what: string): string =>
  `${what} could not be loaded. Is the server still there? If it is, load the page again.`;

/** Bytes, as people weigh them. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6
    ? `${Number((n / 1e3).toPrecision(3))} kB`
    : `${Number((n / 1e6).toPrecision(3))} MB`;
}

/** What a shopper's cart would do with siblings: every item that any of them holds, once. */
export function merged(versions: readonly Version[]): string {
  const living = versions.filter((version) => !version.deleted);
  const items = living.flatMap((v) => valueText(v.value).split(','));
  return [...new Set(items.map((item) => item.trim()).filter(Boolean))].join(', ');
}
