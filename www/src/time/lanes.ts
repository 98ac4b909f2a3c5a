/** What the scrubber shows: the past, from the log, and never a future that was not. */

import type { Fault, LoadAct, LogEvent, OpView } from '../engine/types';
import { count } from '../parts/text';

/** From a moment to a later one; an open one until now. */
export interface Bar {
  from: number;
  to: number;
  text: string;
}

const SPAN_MIN_MS = 8000;

/** The axis is as long as the run needs, in steps, so that it does not creep. */
export function spanOf(now: number): number {
  let span = SPAN_MIN_MS;
  while (now > span * 0.94) span *= 2;
  return span;
}

/** Axis marks: about eight of them, at whole seconds. */
export function ticksOf(span: number): number[] {
  const step = span / 8;
  return Array.from({ length: 7 }, (_, i) => (i + 1) * step);
}

/** More names than these are a number. */
const SIDE_MAX = 12;

const side = (nodes: readonly string[]): string =>
  nodes.length > SIDE_MAX ? count(nodes.length, 'node') : nodes.join('');

/** Crashes and pauses last until the node is back, cuts until the heal, clogs as long as they were
 * asked to and no longer than until the heal; an open one until now. */
export function faultBars(faults: readonly Fault[], now: number): Bar[] {
  const open = new Map<string, Bar>();
  const bars: Bar[] = [];
  const begin = (id: string, from: number, text: string, to = now) => {
    if (open.has(id)) return;
    const bar = { from, to: Math.min(to, now), text };
    open.set(id, bar);
    bars.push(bar);
  };
  const end = (id: string, at: number) => {
    const bar = open.get(id);
    if (bar) bar.to = Math.min(bar.to, at);
    open.delete(id);
  };
  for (const fault of faults) {
    const at = fault.at_ms;
    const { crash, pause, slow, cut, clog } = fault;
    const back = fault.restart ?? fault.resume;
    if (crash) begin(crash.node, at, `${crash.node} crashed`);
    if (pause) begin(pause.node, at, `${pause.node} paused`);
    if (slow) end(`slow ${slow.node}`, at);
    if (slow && slow.factor > 1) begin(`slow ${slow.node}`, at, `${slow.node} slow`);
    // Of these several may begin at one moment.
    const link = `link ${bars.length}`;
    if (cut) begin(link, at, `${side(cut.from)} | ${side(cut.to)}`);
    if (clog) {
      const text = `${side(clog.from)}–${side(clog.to)} clogged`;
      begin(link, at, text, at + clog.for_ms);
    }
    if (back) end(back.node, at);
    if (fault.heal) for (const id of [...open.keys()]) end(id, at);
  }
  return bars;
}

/** Bars that begin together cover each other: the last, which is on top, is named for all. */
export function named(bars: readonly Bar[]): Bar[] {
  const together = (from: number) => bars.filter((bar) => bar.from === from);
  return bars.map((bar) => {
    const all = together(bar.from);
    const words = all.map(({ text }) => text.split(' '));
    // "B, C crashed" for what befell both alike.
    const isAlike = words.every((one) => one.length === 2 && one[1] === words[0]?.[1]);
    const text = isAlike
      ? `${words.map(([who]) => who).join(', ')} ${words[0]?.[1]}`
      : all.map((one) => one.text).join(', ');
    return { ...bar, text: all.at(-1) === bar ? text : '' };
  });
}

/** Loads for as long as they ask. */
export const loadBars = (loads: readonly LoadAct[], now: number): Bar[] =>
  loads.map(({ at_ms, workload: { clients, ops_per_second: rate, for_ms } }) => {
    const often = rate === undefined ? '' : `, ${count(rate, 'request')} a second`;
    const text = `${count(clients, 'client')}${often}`;
    return { from: at_ms, to: Math.min(at_ms + for_ms, now), text };
  });

export interface ClientMark {
  at: number;
  kind: OpView['kind'];
  text: string;
}

/** A sign, and room after the words. */
const MARK_LETTERS = 4;

/**
 * Operations close together share one mark, as their names would run into each other; of more than
 * two it names the first and the last. `letters` is how many the whole lane has room for.
 */
export function clientMarks(ops: readonly OpView[], span: number, letters: number): ClientMark[] {
  const marks: (ClientMark & { ids: string[] })[] = [];
  for (const op of [...ops].reverse()) {
    const last = marks.at(-1);
    const wide = ((last?.text.length ?? 0) + MARK_LETTERS) * (span / letters);
    if (!last || op.started_ms - last.at >= wide) {
      marks.push({ at: op.started_ms, kind: op.kind, text: op.id, ids: [op.id] });
    } else {
      last.ids.push(op.id);
      last.text = last.ids.length > 2 ? `${last.ids[0]}…${op.id}` : last.ids.join(' ');
    }
  }
  return marks.map(({ at, kind, text }) => ({ at, kind, text }));
}

const GOSSIP_MAX = 240;

/** Rounds of gossip, thinned evenly where they would touch. */
export function gossipTicks(marks: readonly LogEvent[], span: number): number[] {
  const ticks: number[] = [];
  const near = span / GOSSIP_MAX;
  for (const event of marks) {
    if (event.kind !== 'gossip') continue;
    const last = ticks.at(-1);
    if (last === undefined || event.at_ms - last >= near) ticks.push(event.at_ms);
  }
  return ticks;
}
