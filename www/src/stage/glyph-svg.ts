/** A glyph as SVG, for the legend, the panels and stacks at rest. */

import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import type { Glyph } from './glyphs';

export interface GlyphOptions {
  x?: number;
  y?: number;
  scale?: number;
  turn?: number;
  letter?: string;
}

export function drawGlyph(glyph: Glyph, o: GlyphOptions = {}): SVGTemplateResult {
  const { x = 0, y = 0, scale = 1, turn = 0, letter = '' } = o;
  const text = glyph.letter === 'owner' ? letter : glyph.letter;
  return svg`<g class="g ${glyph.family}" transform="translate(${x} ${y}) scale(${scale})">
    ${glyph.parts.map(
      (part) => svg`<path class=${part.paint} d=${part.d}
        transform=${glyph.turns && turn ? `rotate(${turn})` : nothing}
        stroke-dasharray=${part.dash?.join(' ') ?? nothing} />`,
    )}
    ${text ? svg`<text class="on" y=${glyph.letterY}>${text}</text>` : nothing}
  </g>`;
}

/** A glyph in a line of text. The words beside it name it, so it is hidden from readers. */
export function inlineGlyph(glyph: Glyph, o: GlyphOptions = {}): TemplateResult {
  const box = glyph.turns && !o.turn ? '-12 -14 32 28' : '-16 -15 32 30';
  return html`<svg class="gl" viewBox=${box} aria-hidden="true">${drawGlyph(glyph, o)}</svg>`;
}

export const diamond = (scale = 1): SVGTemplateResult =>
  svg`<path class="dia" d="M0 ${-13 * scale}L${10 * scale} 0L0 ${13 * scale}L${-10 * scale} 0Z" />`;

export const inlineDiamond = (): TemplateResult =>
  html`<svg class="gl" viewBox="-14 -14 28 28" aria-hidden="true">${diamond(0.92)}</svg>`;
