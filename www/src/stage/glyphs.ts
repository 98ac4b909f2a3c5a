/**
 * Every sign a message can wear, drawn once: the canvas and the SVG legend read the same parts.
 * A sign is told by shape and letter; the family gives the hue and the trail.
 */

export type Family = 'write' | 'read' | 'hint' | 'member' | 'entropy' | 'bad';
/** Gossip and hashes are everywhere and always: they stay a texture behind what is told. */
export const isQuiet = (family: Family): boolean => family === 'member' || family === 'entropy';

export type Paint = 'body' | 'hollow' | 'sign' | 'flap' | 'head' | 'cross';

export interface Part {
  paint: Paint;
  d: string;
  dash?: number[];
}

export interface Glyph {
  name: string;
  family: Family;
  parts: Part[];
  /** Points along its way; its letter stays upright. */
  turns: boolean;
  /** Letter on the body: its own, or that of the node a hint is for. */
  letter: '' | 'P' | 'G' | 'owner';
  letterY: number;
}

const POINTER = 'M20.5 0L-9.5 12.4Q-13.6 13.8 -12.2 9.8L-9 0L-12.2 -9.8Q-13.6 -13.8 -9.5 -12.4Z';
const DOT = 'M-8.5 0A8.5 8.5 0 1 1 8.5 0A8.5 8.5 0 1 1 -8.5 0Z';
const CARD = 'M-5 -10H5Q8 -10 8 -7V7Q8 10 5 10H-5Q-8 10 -8 7V-7Q-8 -10 -5 -10Z';
const ENVELOPE =
  'M-12.5 -11H12.5Q15 -11 15 -8.5V8.5Q15 11 12.5 11H-12.5Q-15 11 -15 8.5V-8.5Q-15 -11 -12.5 -11Z';
const FLAP = 'M-15 -9.5L0 -1.5L15 -9.5';
const PLUS = 'M-4.2 0H4.2M0 -4.2V4.2';
const MINUS = 'M-4.2 0H4.2';
const CIRCLE = 'M-8 0A8 8 0 1 1 8 0A8 8 0 1 1 -8 0Z';
const SQUARE = 'M-5.5 -5.5H5.5V5.5H-5.5Z';
const CROSS = 'M-3.5 -10H3.5V-3.5H10V3.5H3.5V10H-3.5V3.5H-10V-3.5H-3.5Z';

function glyph(
  name: string,
  family: Family,
  parts: Part[],
  letter: Glyph['letter'] = '',
  turns = false,
): Glyph {
  return { name, family, parts, turns, letter, letterY: letter === 'owner' ? 8.6 : 3.9 };
}

const body = (d: string): Part => ({ paint: 'body', d });
const hollow = (d: string, dash?: number[]): Part => ({
  paint: 'hollow',
  d,
  ...(dash && { dash }),
});
const sign = (d: string): Part => ({ paint: 'sign', d });

/** In the order of the frame's `kind`. */
export const GLYPHS: readonly Glyph[] = [
  glyph('put', 'write', [body(POINTER)], 'P', true),
  glyph('answer to a put', 'write', [body(DOT), sign(PLUS)]),
  glyph('refusal of a put', 'write', [body(DOT), sign(MINUS)]),
  glyph('get', 'read', [body(POINTER)], 'G', true),
  glyph('answer to a get', 'read', [body(CARD), sign(PLUS)]),
  glyph('answer: nothing', 'read', [body(CARD), sign(MINUS)]),
  glyph('read repair', 'read', [body(CROSS)]),
  glyph('hint', 'hint', [body(ENVELOPE), { paint: 'flap', d: FLAP }], 'owner'),
  glyph(
    'handoff',
    'hint',
    [body(ENVELOPE), { paint: 'flap', d: FLAP }, { paint: 'head', d: 'M18 -5L25 0L18 5' }],
    'owner',
  ),
  glyph('handoff’s answer', 'hint', [body(DOT), sign(PLUS)]),
  glyph('gossip', 'member', [hollow(CIRCLE, [3.4, 2.9])]),
  glyph('news', 'member', [
    hollow(CIRCLE),
    body('M-3.6 0A3.6 3.6 0 1 1 3.6 0A3.6 3.6 0 1 1 -3.6 0Z'),
  ]),
  glyph('probe', 'member', [hollow(SQUARE)]),
  glyph('probe’s answer', 'member', [body(SQUARE)]),
  glyph('Merkle hashes', 'entropy', [hollow('M-9 -7H9L0 9Z')]),
  glyph('passed on', 'write', [hollow(POINTER)], '', true),
  glyph('answer passed back', 'write', [hollow(DOT)]),
  glyph('read repair’s answer', 'read', [body(DOT), sign(PLUS)]),
  glyph('members and tokens', 'member', [body(CARD), sign(PLUS)]),
  glyph('wish to join', 'member', [hollow(POINTER)], '', true),
  glyph('not its home', 'bad', [body(DOT), sign(MINUS)]),
  glyph('offer of a partition', 'entropy', [hollow(ENVELOPE)]),
  glyph('offer’s answer', 'entropy', [body(DOT), sign(PLUS)]),
  glyph('records that move', 'entropy', [body(ENVELOPE), { paint: 'flap', d: FLAP }]),
  glyph('records’ answer', 'entropy', [body(DOT), sign(PLUS)]),
  glyph('Merkle hashes’ answer', 'entropy', [body('M-9 -7H9L0 9Z')]),
  glyph('hashes of keys', 'entropy', [hollow('M-9 -7H9L0 9Z'), sign(PLUS)]),
  glyph('records that differ', 'entropy', [body(CARD), sign(PLUS)]),
  glyph('records that were wanted', 'entropy', [body(CARD)]),
  glyph('wanted records’ answer', 'entropy', [body(DOT), sign(PLUS)]),
  glyph('end of a tombstone', 'entropy', [hollow(CARD), sign(MINUS)]),
  glyph('tombstone’s answer', 'entropy', [body(DOT), sign(PLUS)]),
];

export const LOST: Glyph = glyph('lost', 'bad', [{ paint: 'cross', d: 'M-7 -7L7 7M-7 7L7 -7' }]);

/** Not a kind of the engine's: the legend's row for whatever was lost. */
export const LOST_KIND = 99;
export const HINT = 7;

/** Kinds whose arrival means that something was stored. */
export const STORES: ReadonlySet<number> = new Set([0, 6, 7, 8]);

export const glyphOf = (kind: number): Glyph => GLYPHS[kind] ?? LOST;
