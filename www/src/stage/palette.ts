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
  family: Record<Family, Ink>;
}

/** Forced colours are names of the system's; a canvas is given what they stand for. */
function resolver(host: Element): (colour: string) => string {
  if (!matchMedia('(forced-colors: active)').matches) return (colour) => colour;
  const probe = document.createElement('span');
  host.shadowRoot?.append(probe);
  const known = new Map<string, string>();
  queueMicrotask(() => probe.remove());
  return (colour) => {
    const found = known.get(colour);
    if (found) return found;
    probe.style.color = colour;
    const resolved = getComputedStyle(probe).color;
    known.set(colour, resolved);
    return resolved;
  };
}

export function readPalette(host: Element): Palette {
  const style = getComputedStyle(host);
  const text = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const resolve = resolver(host);
  const token = (name: string) => resolve(text(name));
  const ink = (family: string): Ink => {
    const dash = text(`dash-${family}`);
    return {
      body: token(`${family}-body`),
      on: token(`${family}-on`),
      path: token(`${family}-path`),
      edge: token(`${family}-edge`),
      width: Number.parseFloat(text(`w-${family}`)) || 1.5,
      dash: dash && dash !== 'none' ? dash.split(' ').map(Number) : [],
    };
  };
  const bad = token('bad');
  return {
    stage: token('stage'),
    ink1: token('ink-1'),
    ink2: token('ink-2'),
    bad,
    sans: text('sans'),
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
