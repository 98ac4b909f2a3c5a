/** Membership: each row believes, each column is whom about; the truth stands in the heads. */

import { html, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { MEMBERS_MAX } from '../engine/protocol';
import type { WorldNode } from '../engine/types';
import { headsOf, listOf, ROWS_MAX, table } from './parts';

/** Of a wider matrix, which nobody reads, only those who are wrong are listed. */
export function membershipTable(app: App): TemplateResult {
  const nodes = Object.entries(app.snap?.state.nodes ?? {});
  return nodes.length > MEMBERS_MAX ? wrongOnes(app) : matrix(nodes);
}

type Named = [string, WorldNode];

/** The words, and whether they differ from the truth. */
function belief(row: Named, about: Named): { text: string; wrong: boolean } {
  const [name, node] = row;
  const [other, truth] = about;
  if (name === other) return { text: 'itself', wrong: false };
  if (node.state === 'crashed') return { text: '–', wrong: false };
  if (!node.members?.includes(other)) return { text: 'unknown', wrong: truth.state !== 'left' };
  const suspects = node.suspects?.includes(other) ?? false;
  const answers = truth.state === 'up';
  return { text: suspects ? 'suspect' : 'up', wrong: suspects === answers };
}

function matrix(nodes: readonly Named[]): TemplateResult {
  const cell = (row: Named, about: Named) => {
    const { text, wrong } = belief(row, about);
    return html`<td role="cell" data-head=${about[0]} class=${wrong ? 'off-truth' : ''}
      ><span>${text}${wrong ? ', wrong' : ''}</span></td>`;
  };
  const heads = nodes.map(([name, node]) => html`${name}<small> is ${node.state}</small>`);
  return html`<table role="table">
    <caption>Membership, what each node (row) believes of each other (column)</caption>
    ${headsOf(['Node', ...heads])}
    <tbody role="rowgroup">${nodes.map(
      (row) => html`<tr role="row"><th scope="row" role="rowheader">${row[0]}</th>
        ${nodes.map((about) => cell(row, about))}</tr>`,
    )}</tbody>
  </table>`;
}

function wrongOnes(app: App): TemplateResult {
  const beliefs = app.snap?.beliefs ?? [];
  const rows = beliefs.slice(0, ROWS_MAX).map((one) => {
    const names = one.by.filter((by) => by.wrong).map((by) => app.nodeName(by.node));
    const more = one.wrong - names.length;
    return [
      app.nodeName(one.about),
      one.truth,
      one.wrong,
      listOf(names) + (more > 0 ? ` and ${more} more` : ''),
    ];
  });
  const caption = 'Membership, nodes that somebody is wrong about';
  return table(caption, ['Node', 'It is', 'Wrong about it', 'Who'], rows, beliefs.length);
}
