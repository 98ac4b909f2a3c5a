/** What the scrubber shows: the past, from the log, and never a future that was not. */

import type { Fault, LogEvent, OpView } from '../engine/types';

export interface FaultBar {
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

/** Crashes and pauses last until the node is back, cuts until the heal; an open one until now. */
export function faultBars(faults: readonly Fault[], now: number): FaultBar[] {
  const open = new Map<string, FaultBar>();
  const bars: FaultBar[] = [];
  const begin = (id: string, from: number, text: string) => {
    if (open.has(id)) return;
    const bar = { from, to: now, text };
    open.set(id, bar);
    bars.push(bar);
  };
  const end = (id: string, at: number) => {
    const bar = open.get(id);
    if (bar) bar.to = at;
    open.delete(id);
  };
  for (const fault of faults) {
    const at = fault.at_ms;
    const { crash, pause, slow, cut } = fault;
    const back = fault.restart ?? fault.resume;
    if (crash) begin(crash.node, at, `${crash.node} crashed`);
    if (pause) begin(pause.node, at, `${pause.node} paused`);
    if (slow) end(`slow ${slow.node}`, at);
    if (slow && slow.factor > 1) begin(`slow ${slow.node}`, at, `${slow.node} slow`);
    if (cut) begin(`cut ${at}`, at, `${cut.from.join('')} | ${cut.to.join('')}`);
    if (back) end(back.node, at);
    if (fault.heal) for (const id of [...open.keys()]) end(id, at);
  }
  return bars;
}

export interface ClientMark {
  at: number;
  kind: OpView['kind'];
  text: string;
}

/** Operations close together share one mark, as their names would run into each other. */
export function clientMarks(ops: readonly OpView[], span: number, near = span / 36): ClientMark[] {
  const marks: ClientMark[] = [];
  for (const op of [...ops].reverse()) {
    const last = marks.at(-1);
    if (last && op.started_ms - last.at < near) last.text += ` ${op.id}`;
    else marks.push({ at: op.started_ms, kind: op.kind, text: op.id });
  }
  return marks;
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
