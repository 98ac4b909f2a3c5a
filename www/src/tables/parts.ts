/** What the tables share. */

import { html, nothing, type TemplateResult } from 'lit';

/** More rows than this nobody reads; how many there are is said. */
export const ROWS_MAX = 60;

export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly unknown[])[],
  all = rows.length,
): TemplateResult {
  const more = all - rows.length;
  const [, ...others] = heads;
  const row = ([first, ...cells]: readonly unknown[]) => html`<tr role="row">
    <th scope="row" role="rowheader">${first}</th>
    ${cells.map((c, i) => html`<td role="cell" data-head=${others[i] ?? ''}>${c}</td>`)}</tr>`;
  return html`<table role="table">
    <caption>${caption}${more > 0 ? `: the first ${rows.length} of ${all}` : nothing}</caption>
    ${headsOf(heads)}
    <tbody role="rowgroup">${rows.map(row)}
      ${rows.length ? nothing : emptyRow(heads.length)}
    </tbody>
  </table>`;
}

/** The roles are written out: drawn as blocks, on a narrow page, a table would lose them. */
export const headsOf = (heads: readonly unknown[]): TemplateResult =>
  html`<thead role="rowgroup"><tr role="row">
    ${heads.map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>`;

const emptyRow = (columns: number): TemplateResult =>
  html`<tr role="row"><td role="cell" colspan=${columns}>None at this moment.</td></tr>`;

export const listOf = (names: readonly string[], none = 'nobody'): string =>
  names.length ? names.join(', ') : none;
