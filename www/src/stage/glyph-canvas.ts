/** Draws glyphs, trails and labels on the canvas from the same parts as the SVG signs. */

import type { Curve, Point } from './geometry';
import type { Family, Glyph, Part } from './glyphs';
import { isQuiet, LOST } from './glyphs';
import type { Ink, Palette } from './palette';
import { type Spot, TAG } from './words';

const PATHS = new Map<string, Path2D>();

function pathOf(d: string): Path2D {
  let path = PATHS.get(d);
  if (!path) {
    path = new Path2D(d);
    PATHS.set(d, path);
  }
  return path;
}

const NO_DASH: number[] = [];
const AHEAD_DASH = [2, 5];
const THREAD_ALPHA = 0.4;
/** No sign is wider or higher, at scale 1. */
const SPRITE = 36;
const SPRITES_MAX = 512;

/** Of a canvas on the page, or of one in a worker that has no page. */
export type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** What is copied many times over is a bitmap: a canvas is asked for its newest state each time. */
type Sprite = ImageBitmap | HTMLCanvasElement;

function sprite(side: number, paint: (context: Context) => void): Sprite {
  if (typeof OffscreenCanvas === 'undefined') {
    const canvas = document.createElement('canvas');
    canvas.width = side;
    canvas.height = side;
    const context = canvas.getContext('2d');
    if (context) paint(context);
    return canvas;
  }
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  if (context) paint(context);
  return canvas.transferToImageBitmap();
}

/** The whole pixel at which to begin, and by how many halves of one to begin within it. */
function place(at: number): { whole: number; within: number } {
  const halves = Math.round(at * 2);
  const whole = Math.floor(halves / 2);
  return { whole, within: halves / 2 - whole };
}

function stroke(c: Context, path: Path2D, colour: string, width: number): void {
  c.strokeStyle = colour;
  c.lineWidth = width;
  c.stroke(path);
}

export class GlyphPainter {
  #c: Context;
  #p: Palette;
  #sprites = new Map<string, Sprite>();
  /** Pixels of the canvas to one of the drawing. */
  #ratio = 1;
  /** The ring's, in pixels of the canvas. */
  #middle: Point = { x: 0, y: 0 };

  constructor(context: Context, palette: Palette) {
    this.#c = context;
    this.#p = palette;
  }

  /** Begins a picture: an empty canvas whose middle is the ring's. */
  begin(width: number, height: number, ratio: number): void {
    const c = this.#c;
    const across = Math.round(width * ratio);
    const down = Math.round(height * ratio);
    if (c.canvas.width !== across) c.canvas.width = across;
    if (c.canvas.height !== down) c.canvas.height = down;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, across, down);
    c.setTransform(ratio, 0, 0, ratio, across / 2, down / 2);
    this.#ratio = ratio;
    this.#middle = { x: across / 2, y: down / 2 };
  }

  /** What a message has behind it, in its family's stroke. */
  trail(a: Point, control: Point, b: Point, family: Family, k: number): void {
    this.#curves([{ a, c: control, b }], family, this.#wide(family, k));
  }

  #wide(family: Family, k: number): number {
    return this.#p.family[family].width * Math.max(0.8, Math.min(1.1, k));
  }

  /** The short tails of many of one family: in one stroke, or as the dots that it would be. */
  tails(curves: readonly Curve[], family: Family, k: number): void {
    const { dash } = this.#p.family[family];
    const wide = this.#wide(family, k);
    const [dot = 0, gap = 0] = dash;
    // As much ink as a dash with its round ends.
    const side = Math.sqrt(wide * (dot + (wide * Math.PI) / 4));
    if (dash.length === 2 && dot < wide) this.#dots(curves, family, side, dot + gap);
    else this.#curves(curves, family, wide);
  }

  /** Squares: at this size nobody tells them from discs, which cost five times as much. */
  #dots(curves: readonly Curve[], family: Family, side: number, apart: number): void {
    const c = this.#c;
    c.fillStyle = this.#p.family[family].path;
    for (const { a, c: control, b } of curves) {
      const long = Math.hypot(b.x - a.x, b.y - a.y);
      const step = apart / Math.max(long, apart);
      for (let u = 0; u <= 1; u += step) {
        const [near, far] = [(1 - u) * (1 - u), u * u];
        const middle = 1 - near - far;
        const x = near * a.x + middle * control.x + far * b.x;
        const y = near * a.y + middle * control.y + far * b.y;
        c.fillRect(x - side / 2, y - side / 2, side, side);
      }
    }
  }

  #curves(curves: readonly Curve[], family: Family, width: number): void {
    const c = this.#c;
    const ink = this.#p.family[family];
    c.strokeStyle = ink.path;
    c.lineWidth = width;
    c.lineCap = family === 'hint' ? 'butt' : 'round';
    c.setLineDash(ink.dash);
    c.beginPath();
    for (const { a, c: control, b } of curves) {
      c.moveTo(a.x, a.y);
      c.quadraticCurveTo(control.x, control.y, b.x, b.y);
    }
    c.stroke();
    c.setLineDash(NO_DASH);
  }

  /** What it has before it: dotted. Gossip shows none, it is quiet. */
  ahead(a: Point, control: Point, b: Point, family: Family): void {
    if (isQuiet(family)) return;
    const c = this.#c;
    c.globalAlpha = 0.75;
    c.strokeStyle = this.#p.family[family].path;
    c.lineWidth = family === 'read' ? 1 : 1.25;
    c.lineCap = 'butt';
    c.setLineDash(AHEAD_DASH);
    this.#curve(a, control, b);
    c.setLineDash(NO_DASH);
    c.globalAlpha = 1;
  }

  /** Clear ground under the hero. */
  ground(at: Point, radius: number): void {
    const c = this.#c;
    c.globalAlpha = 0.9;
    c.fillStyle = this.#p.stage;
    c.beginPath();
    c.arc(at.x, at.y, radius, 0, Math.PI * 2);
    c.fill();
    c.globalAlpha = 1;
  }

  glyph(glyph: Glyph, at: Point, angle: number, scale: number, letter: string): void {
    if (glyph.turns) {
      this.#paint(this.#c, glyph, at, angle, scale, letter);
      return;
    }
    const ratio = this.#ratio;
    const { x, y } = this.#middle;
    const pixels = Math.ceil(SPRITE * scale * ratio);
    const left = place(at.x * ratio + x - pixels / 2);
    const top = place(at.y * ratio + y - pixels / 2);
    const image = this.#sprite(glyph, scale, letter, pixels, left.within, top.within);
    const c = this.#c;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(image, left.whole, top.whole);
    c.setTransform(ratio, 0, 0, ratio, x, y);
  }

  /**
   * What does not turn is painted once and copied: paths cost ten times as much. For each half of
   * a pixel anew: what is copied to whole pixels costs a third of what is weighed between them.
   */
  #sprite(
    glyph: Glyph,
    scale: number,
    letter: string,
    pixels: number,
    right: number,
    down: number,
  ): Sprite {
    const owner = glyph.letter === 'owner' ? letter : '';
    const key = `${glyph.name} ${pixels} ${right} ${down} ${owner}`;
    const known = this.#sprites.get(key);
    if (known) return known;
    const half = pixels / 2;
    const middle = { x: (half + right) / this.#ratio, y: (half + down) / this.#ratio };
    const image = sprite(pixels + 1, (context) => {
      context.scale(this.#ratio, this.#ratio);
      this.#paint(context, glyph, middle, 0, scale, letter);
    });
    // Owners' letters make many: what is drawn now is painted anew soon enough.
    if (this.#sprites.size >= SPRITES_MAX) this.#sprites.clear();
    this.#sprites.set(key, image);
    return image;
  }

  #paint(c: Context, glyph: Glyph, at: Point, angle: number, scale: number, letter: string): void {
    const ink = this.#p.family[glyph.family];
    c.save();
    c.translate(at.x, at.y);
    c.scale(scale, scale);
    c.save();
    if (glyph.turns) c.rotate(angle);
    for (const part of glyph.parts) this.#part(c, part, ink);
    c.restore();
    const text = glyph.letter === 'owner' ? letter : glyph.letter;
    if (text) {
      c.fillStyle = ink.on;
      c.font = `700 ${glyph.letter === 'owner' ? 11 : 12}px ${this.#p.sans}`;
      c.textAlign = 'center';
      const back = glyph.turns ? -0.6 : 0;
      c.fillText(text, Math.cos(angle) * back, Math.sin(angle) * back + glyph.letterY);
    }
    c.restore();
  }

  cross(at: Point, scale: number): void {
    this.glyph(LOST, at, 0, scale, '');
  }

  /** Flows that are only a texture: so thin and faint that the dial stays legible. */
  threads(curves: readonly Curve[], family: Family): void {
    const c = this.#c;
    c.globalAlpha = THREAD_ALPHA;
    this.#curves(curves, family, 1);
    c.globalAlpha = 1;
  }

  /** Many messages as one: a width for their number, an arrowhead for their way. */
  flow(a: Point, control: Point, b: Point, family: Family, width: number): void {
    const c = this.#c;
    const ink = this.#p.family[family];
    c.strokeStyle = ink.path;
    c.lineWidth = isQuiet(family) ? Math.min(1.5, width) : width;
    c.lineCap = isQuiet(family) ? 'round' : 'butt';
    c.setLineDash(ink.dash.map((part) => part * Math.max(1, c.lineWidth / 4)));
    this.#curve(a, control, b);
    c.setLineDash(NO_DASH);
    if (isQuiet(family)) return;
    const angle = Math.atan2(b.y - control.y, b.x - control.x);
    const size = Math.max(5, width * 1.1);
    c.save();
    c.translate(b.x, b.y);
    c.rotate(angle);
    c.fillStyle = ink.path;
    c.beginPath();
    c.moveTo(size, 0);
    c.lineTo(-size, size * 0.8);
    c.lineTo(-size, -size * 0.8);
    c.fill();
    c.restore();
  }

  #fonts(): [string, string] {
    return [`600 15px ${this.#p.sans}`, `400 12px ${this.#p.sans}`];
  }

  /** How wide the two lines of a label are. */
  wide(head: string, sub: string): number {
    const [bold, light] = this.#fonts();
    const c = this.#c;
    c.font = bold;
    const first = c.measureText(head).width;
    c.font = light;
    return Math.max(first, c.measureText(sub).width);
  }

  tagWidth(text: string): number {
    this.#c.font = this.#tagFont();
    return this.#c.measureText(text).width + 48;
  }

  /** A flow's sign and count, on clear ground. */
  tag(glyph: Glyph, at: Point, text: string): void {
    const c = this.#c;
    const wide = this.tagWidth(text);
    c.fillStyle = this.#p.stage;
    c.strokeStyle = this.#p.ink2;
    c.lineWidth = 1;
    c.beginPath();
    c.roundRect(at.x - wide / 2, at.y - TAG, wide, 2 * TAG, TAG);
    c.fill();
    c.stroke();
    this.glyph(glyph, { x: at.x - wide / 2 + 20, y: at.y }, 0, 0.7, '');
    c.font = this.#tagFont();
    c.fillStyle = this.#p.ink1;
    c.textAlign = 'left';
    c.fillText(text, at.x - wide / 2 + 38, at.y + 5);
  }

  #tagFont(): string {
    return `600 14px ${this.#p.sans}`;
  }

  label({ x, y, align }: Spot, head: string, sub: string): void {
    const c = this.#c;
    const [bold, light] = this.#fonts();
    c.textAlign = align;
    c.lineJoin = 'round';
    c.lineWidth = 4;
    c.strokeStyle = this.#p.stage;
    const line = (text: string, y: number, font: string, fill: string) => {
      c.font = font;
      c.strokeText(text, x, y);
      c.fillStyle = fill;
      c.fillText(text, x, y);
    };
    line(head, y, bold, this.#p.ink1);
    line(sub, y + 16, light, this.#p.ink2);
  }

  #curve(a: Point, control: Point, b: Point): void {
    const c = this.#c;
    c.beginPath();
    c.moveTo(a.x, a.y);
    c.quadraticCurveTo(control.x, control.y, b.x, b.y);
    c.stroke();
  }

  #part(c: Context, part: Part, ink: Ink): void {
    const path = pathOf(part.d);
    c.setLineDash(part.dash ?? NO_DASH);
    c.lineCap = 'round';
    switch (part.paint) {
      case 'body':
        c.fillStyle = ink.body;
        c.fill(path);
        stroke(c, path, ink.edge, 1.5);
        break;
      case 'hollow':
        c.fillStyle = this.#p.stage;
        c.fill(path);
        stroke(c, path, ink.path, 2.25);
        break;
      case 'sign':
        stroke(c, path, ink.on, 2.2);
        break;
      case 'flap':
        stroke(c, path, ink.on, 1.4);
        break;
      case 'head':
        stroke(c, path, ink.path, 2.25);
        break;
      case 'cross':
        stroke(c, path, ink.path, 3);
        break;
    }
    c.setLineDash(NO_DASH);
  }
}
