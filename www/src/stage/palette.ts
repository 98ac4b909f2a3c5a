/** The tokens as the canvas needs them: read once per theme, not once per message. */

import type { Family } from './glyphs';

export interface Ink {
  body: string;
  on: string;
  path: string;
  edge: string;
  width: number;
  dash: number[];
}

export interface Palette {
  stage: string;
  ink1: string;
  ink2: string;
  bad: string;
  sans: string;
  mono: string;
  family: Record<Family, Ink>;
}

export function readPalette(host: Element): Palette {
  const style = getComputedStyle(host);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const ink = (family: string): Ink => {
    const dash = token(`dash-${family}`);
    return {
      body: token(`${family}-body`),
      on: token(`${family}-on`),
      path: token(`${family}-path`),
      edge: token(`${family}-edge`),
      width: Number.parseFloat(token(`w-${family}`)) || 1.5,
      dash: dash && dash !== 'none' ? dash.split(' ').map(Number) : [],
    };
  };
  const bad = token('bad');
  return {
    stage: token('stage'),
    ink1: token('ink-1'),
    ink2: token('ink-2'),
    bad,
    sans: token('sans'),
    mono: token('mono'),
    family: {
      write: ink('write'),
      read: ink('read'),
      hint: ink('hint'),
      member: ink('member'),
      entropy: ink('entropy'),
      bad: { body: bad, on: bad, path: bad, edge: bad, width: 3, dash: [] },
    },
  };
}
