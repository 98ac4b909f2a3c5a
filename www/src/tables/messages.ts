/** Messages: in flight, and those that were lost just now. */

import type { TemplateResult } from 'lit';
import type { App } from '../app/app';
import { seconds } from '../parts/text';
import { glyphOf } from '../stage/glyphs';
import { opName, wordsOf } from '../stage/scene';
import { ROWS_MAX, table } from './parts';

const HEADS = ['Message', 'From', 'To', 'For', 'Request', 'Sent', 'Then'];
const WHY = ['lost on the way', 'stopped by a cut', 'nobody is there'];

export function messageTable(app: App): TemplateResult {
  const { frame, snap } = app;
  const request = (op: number) => (snap ? opName(wordsOf(snap), op) : '');
  const name = (node: number) => app.nodeName(node);
  const rows: unknown[][] = [];
  for (let i = 0; i < frame.messages && rows.length < ROWS_MAX; i++) {
    rows.push([
      glyphOf(frame.kind(i)).name,
      name(frame.from(i)),
      name(frame.to(i)),
      name(frame.letter(i)) || '–',
      request(frame.op(i)) || '–',
      `${seconds(frame.sent(i))} s`,
      `arrives at ${seconds(frame.arrives(i))} s`,
    ]);
  }
  for (let i = frame.lost - 1; i >= 0 && rows.length < ROWS_MAX; i--) {
    rows.push([
      glyphOf(frame.lostKind(i)).name,
      name(frame.lostFrom(i)),
      name(frame.lostTo(i)),
      '–',
      '–',
      `${seconds(frame.lostSent(i))} s`,
      `${WHY[frame.lostReason(i)] ?? 'lost'} at ${seconds(frame.lostDied(i))} s`,
    ]);
  }
  const all = frame.inFlight + frame.lost;
  const caption = `Messages, ${frame.inFlight} in flight, ${frame.lost} lost lately`;
  return table(caption, HEADS, rows, all);
}
