/**
 * Messages in flight on one canvas. Position is data: a message is where its times say it is.
 * One of them is the hero, larger and named; all others are quiet.
 */

import { FrameView } from '../engine/frame';
import { isBackground, isGossip, RANKS, rankOf } from './crowd';
import { type Flow, flowsOf, layersOf, partOf, ribbon } from './flows';
import { type Curve, flight, type Geometry, hasWords, nodeAt, split } from './geometry';
import { type Context, GlyphPainter } from './glyph-canvas';
import { type Family, glyphOf, LOST_KIND, STORES } from './glyphs';
import type { Palette } from './palette';
import { opName, type Scene } from './scene';
import { type Box, spotOf, tagSpot } from './words';

const ECHO_MS = 900;
const LOST_MS = 900;
const FLASH_MS = 240;
/** Under this a flight is a flash of its path: nobody could follow it. */
const SEEN_MS = 120;
const NAMED_MS = 500;
const REDUCED_MAX = 12;
/** With more in flight each has a short tail: whole ways would cover each other, and cost most. */
const TAILS_FROM = 150;
const TAIL_PX = 24;
/** And gossip among so many is smaller than the requests that it surrounds. */
const CROWD_SCALE = 0.65;

/** Where the page says what to try, before the first act. */
const FIRST: Box = { left: -130, right: 130, top: -64, bottom: 64 };

interface Flown {
  from: number;
  to: number;
  kind: number;
  arrives: number;
  seen: number;
}

/** What is of one family is drawn in one stroke. */
function byFamily<T>(
  things: readonly T[],
  familyOf: (thing: T) => Family,
  curveOf: (thing: T) => Curve,
): Map<Family, Curve[]> {
  const families = new Map<Family, Curve[]>();
  for (const thing of things) {
    const family = familyOf(thing);
    const curves = families.get(family) ?? [];
    curves.push(curveOf(thing));
    families.set(family, curves);
  }
  return families;
}

export class Messages {
  #context: Context;
  #painter: GlyphPainter;
  #palette: Palette;
  #frame = new FrameView();
  #scene!: Scene;
  #flown = new Map<number, Flown>();
  #echoes: { node: number; at: number }[] = [];
  #flashes: { curve: Curve; kind: number; at: number }[] = [];
  #lost = new Map<number, number>();
  #ways = new Set<number>();
  #hero = -1;
  /** Which of the listed messages are drawn; reused, as there is one list a frame. */
  #shown: number[] = [];
  /** How many events had happened when the echoes were last told anew. */
  #handled = -1;
  #drawn = '';
  #before = 0;

  constructor(context: Context, palette: Palette) {
    this.#context = context;
    this.#palette = palette;
    this.#painter = new GlyphPainter(this.#context, palette);
  }

  repaint(palette: Palette): void {
    this.#palette = palette;
    this.#painter = new GlyphPainter(this.#context, palette);
    this.#drawn = '';
  }

  /** Whether something moves by itself: then it wants to be drawn again, also of the same frame. */
  draw(real: number, frame: FrameView, scene: Scene): boolean {
    const { geometry: g, reduced } = scene;
    const isNewScene = scene !== this.#scene;
    this.#frame = frame;
    this.#scene = scene;
    this.#follow(real);
    // Without motion a picture changes when something happens, and not as time passes.
    const mark = `${frame.digest} ${frame.handled} ${frame.messages}`;
    if (reduced && mark === this.#drawn && !isNewScene) return false;
    this.#drawn = mark;
    this.#painter.begin(g.width, g.height, scene.ratio);
    for (const echo of this.#echoes) {
      this.#echo(g, echo.node, reduced ? 0 : (real - echo.at) / ECHO_MS);
    }
    if (scene.flowsFrom < RANKS) this.#flows(g);
    for (const flash of this.#flashes)
      this.#flash(flash.curve, flash.kind, (real - flash.at) / FLASH_MS);
    this.#flights(g, reduced);
    this.#dead(real, g, reduced);
    return !reduced && this.#echoes.length + this.#flashes.length > 0;
  }

  #flows(g: Geometry): void {
    const flows = flowsOf(this.#frame, g, this.#scene.hidden, this.#scene.flowsFrom);
    const most = Math.max(1, ...flows.map((flow) => flow.count));
    const { threads, ribbons, told } = layersOf(flows);
    const curve = (flow: Flow) => ribbon(g, flow, most);
    for (const [family, curves] of byFamily(threads, (flow) => flow.family, curve)) {
      this.#painter.threads(curves, family);
    }
    for (const flow of ribbons) {
      const { a, c, b, width } = ribbon(g, flow, most);
      this.#context.globalAlpha = told.includes(flow) ? 1 : 0.7;
      this.#painter.flow(a, c, b, flow.family, width);
    }
    this.#context.globalAlpha = 1;
    if (!hasWords(g)) return;
    const taken: Box[] = this.#scene.acted ? [] : [FIRST];
    for (const flow of told) {
      const text = flow.count.toLocaleString('en');
      const at = tagSpot(ribbon(g, flow, most), this.#painter.tagWidth(text), taken);
      this.#painter.tag(flow.glyph, at, text);
    }
  }

  /** Learns which messages came and went since the last frame: echoes and flashes. */
  #follow(real: number): void {
    const frame = this.#frame;
    const { geometry: g, playing, rate, reduced, flowsFrom } = this.#scene;
    if (frame.now < this.#before) this.#forget();
    this.#before = frame.now;
    // Without motion an echo stands still until the next event.
    if (reduced && frame.handled !== this.#handled) this.#echoes = [];
    this.#handled = frame.handled;
    const onScreen = (virtual: number) => (virtual / rate) * 1000;
    for (let i = 0; i < frame.messages; i++) {
      // Of so many nobody follows one: only their sum is drawn.
      if (rankOf(frame, i) >= flowsFrom) continue;
      const id = frame.id(i);
      const known = this.#flown.get(id);
      if (known) {
        known.seen = real;
        continue;
      }
      const flown = {
        from: frame.from(i),
        to: frame.to(i),
        kind: frame.kind(i),
        arrives: frame.arrives(i),
        seen: real,
      };
      this.#flown.set(id, flown);
      const brief = playing && onScreen(flown.arrives - frame.sent(i)) < SEEN_MS;
      if (brief && !reduced && this.#flashes.length < 60) {
        this.#flashes.push({
          curve: flight(g, flown.from, flown.to, id),
          kind: flown.kind,
          at: real,
        });
      }
    }
    for (const [id, flown] of this.#flown) {
      if (flown.seen === real) continue;
      this.#flown.delete(id);
      const stored = STORES.has(flown.kind) && flown.arrives <= frame.now;
      if (stored) this.#echoes.push({ node: flown.to, at: real });
    }
    if (!reduced) this.#echoes = this.#echoes.filter((echo) => real - echo.at < ECHO_MS);
    this.#flashes = this.#flashes.filter((flash) => real - flash.at < FLASH_MS);
  }

  #name(node: number): string {
    return this.#scene.names[node] ?? '';
  }

  #forget(): void {
    this.#flown.clear();
    this.#lost.clear();
    this.#echoes = [];
    this.#flashes = [];
    this.#hero = -1;
  }

  #flights(g: Geometry, reduced: boolean): void {
    this.#choose(reduced ? REDUCED_MAX : Number.POSITIVE_INFINITY);
    const hero = this.#chooseHero();
    if (this.#shown.length > TAILS_FROM) this.#tails(g);
    else for (const i of this.#shown) this.#trail(g, i, reduced);
    for (const i of this.#shown) if (i !== hero) this.#glyph(g, i, false, reduced);
    if (hero >= 0) this.#glyph(g, hero, true, reduced);
  }

  /** Where there is room for a few only, requests come before the gossip around them. */
  #choose(most: number): void {
    const frame = this.#frame;
    const { hidden, flowsFrom } = this.#scene;
    this.#shown.length = 0;
    for (let rank = 0; rank < flowsFrom; rank++) {
      for (let i = 0; i < frame.messages && this.#shown.length < most; i++) {
        if (!hidden.includes(frame.kind(i)) && rankOf(frame, i) === rank) this.#shown.push(i);
      }
    }
  }

  #part(i: number, reduced: boolean): number {
    if (reduced) return 0.5;
    const frame = this.#frame;
    const sent = frame.sent(i);
    const whole = frame.arrives(i) - sent;
    return whole > 0 ? Math.max(0, Math.min(1, (frame.now - sent) / whole)) : 1;
  }

  #trail(g: Geometry, i: number, reduced: boolean): void {
    const frame = this.#frame;
    const curve = flight(g, frame.from(i), frame.to(i), frame.id(i));
    const u = this.#part(i, reduced);
    const { l, at, r } = split(curve, u);
    this.#painter.trail(curve.a, l, at, glyphOf(frame.kind(i)).family, g.k);
    this.#painter.ahead(at, r, curve.b, glyphOf(frame.kind(i)).family);
  }

  /** The last bit of each way, a stroke for each family. */
  #tails(g: Geometry): void {
    const frame = this.#frame;
    const tail = (i: number): Curve => {
      const curve = flight(g, frame.from(i), frame.to(i), frame.id(i));
      const { l: c, at: b } = split(curve, this.#part(i, false));
      const { a } = curve;
      const long = Math.hypot(b.x - a.x, b.y - a.y);
      const { at, r } = split({ a, c, b }, Math.max(0, 1 - TAIL_PX / Math.max(long, 1)));
      return { a: at, c: r, b };
    };
    const families = byFamily(this.#shown, (i) => glyphOf(frame.kind(i)).family, tail);
    for (const [family, curves] of families) this.#painter.tails(curves, family, g.k);
  }

  /** The newest request's latest message, kept while it flies; hints come before the rest. */
  #chooseHero(): number {
    const frame = this.#frame;
    const { playing, rate, acted } = this.#scene;
    let best = -1;
    let bestRank = -1;
    for (const i of this.#shown) {
      const kind = frame.kind(i);
      if (!acted || isGossip(kind)) continue; // never the hero
      const seen = ((frame.arrives(i) - frame.sent(i)) / rate) * 1000;
      if (playing && seen < NAMED_MS) continue;
      if (frame.id(i) === this.#hero) return i;
      const hint = glyphOf(kind).family === 'hint' ? 1e9 : 0;
      const rank = hint + (frame.op(i) + 1) * 1e4 + (frame.sent(i) % 1e4);
      if (rank > bestRank) {
        bestRank = rank;
        best = i;
      }
    }
    this.#hero = best >= 0 ? frame.id(best) : -1;
    return best;
  }

  #glyph(g: Geometry, i: number, hero: boolean, reduced: boolean): void {
    const frame = this.#frame;
    const curve = flight(g, frame.from(i), frame.to(i), frame.id(i));
    const { at, angle } = split(curve, this.#part(i, reduced));
    const kind = frame.kind(i);
    const glyph = glyphOf(kind);
    const letter = this.#name(frame.letter(i));
    const isCrowd = this.#shown.length > TAILS_FROM && isBackground(kind);
    const usual = glyph.family === 'member' ? 0.95 : 1.05;
    const scale = (hero ? 1.25 : isCrowd ? CROWD_SCALE : usual) * g.k;
    if (hero) this.#painter.ground(at, 27 * g.k);
    this.#painter.glyph(glyph, at, angle, scale, letter);
    if (!hero || g.phone) return;
    const owner = glyph.letter === 'owner' && letter ? ` for ${letter}` : '';
    const way = `${this.#name(frame.from(i))} to ${this.#name(frame.to(i))}`;
    const op = opName(this.#scene, frame.op(i));
    const { taken } = this.#scene;
    const sub = op ? `${op}, ${way}` : way;
    const head = glyph.name + owner;
    const spot = spotOf(g, at, angle, this.#painter.wide(head, sub), taken);
    this.#painter.label(spot, head, sub);
  }

  /** Lost ones stay where they died for a moment; of many on one way the newest stands for all. */
  #dead(real: number, g: Geometry, reduced: boolean): void {
    const frame = this.#frame;
    const { playing, rate, hidden, flowsFrom } = this.#scene;
    if (hidden.includes(LOST_KIND)) return;
    this.#ways.clear();
    for (let i = frame.lost - 1; i >= 0; i--) {
      const id = frame.lostId(i);
      const first = this.#lost.get(id) ?? real;
      this.#lost.set(id, first);
      const fresh = frame.now - frame.lostDied(i) < (LOST_MS / 1000) * rate * 1.5;
      const gone = playing && !reduced && real - first > LOST_MS;
      if (!fresh || gone) continue;
      // Of what is a flow, the newest stands for all to one part of the ring.
      const isSign = flowsFrom > (isBackground(frame.lostKind(i)) ? 2 : 1);
      const to = frame.lostTo(i);
      const way = isSign ? frame.lostFrom(i) * g.nodes + to : -1 - partOf(g, to);
      if (this.#ways.has(way)) continue;
      this.#ways.add(way);
      this.#drawLost(g, i, isSign);
    }
    if (this.#lost.size > 256) this.#lost.clear();
  }

  #drawLost(g: Geometry, i: number, hasTrail: boolean): void {
    const frame = this.#frame;
    const curve = flight(g, frame.lostFrom(i), frame.lostTo(i), frame.lostId(i));
    const part = Math.max(0.06, Math.min(1, frame.lostFraction(i)));
    const { l, at } = split(curve, Math.min(part, 1 - 14 / g.s));
    if (hasTrail) this.#painter.trail(curve.a, l, at, glyphOf(frame.lostKind(i)).family, g.k);
    this.#painter.cross(at, g.k);
  }

  #echo(g: Geometry, node: number, u: number): void {
    const at = nodeAt(g, node);
    const c = this.#context;
    c.globalAlpha = 0.5 * (1 - u);
    c.lineWidth = 1;
    c.setLineDash([]);
    c.strokeStyle = this.#palette.ink2;
    c.beginPath();
    c.arc(at.x, at.y, g.disc + 2 + 12 * (1 - (1 - u) ** 2), 0, Math.PI * 2);
    c.stroke();
    c.globalAlpha = 1;
  }

  #flash(curve: Curve, kind: number, u: number): void {
    if (this.#scene.hidden.includes(kind)) return;
    this.#context.globalAlpha = Math.max(0, 0.8 * (1 - u));
    this.#painter.trail(curve.a, curve.c, curve.b, glyphOf(kind).family, 1);
    this.#context.globalAlpha = 1;
  }
}
