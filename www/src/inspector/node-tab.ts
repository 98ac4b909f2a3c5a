/** A node: what it stores, believes and holds for others, and what can befall it. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import { writeBufferOf } from '../app/scenarios';
import type { Change, NodeView } from '../engine/types';
import { sign } from '../parts/sign';
import { count, seconds } from '../parts/text';
import { inlineGlyph } from '../stage/glyph-svg';
import { GLYPHS, HINT } from '../stage/glyphs';
import { valued } from './cards';
import type { Leaver } from './leave';
import { why } from './why';

const KEYS_SHOWN = 12;
const PHIS_SHOWN = 12;
const SLOWER = 20;

export const row = (name: string, what: unknown) =>
  html`<div class="rr two"><b>${name}</b> <span class="what">${what}</span></div>`;

function actions(app: App, view: NodeView, leaver: Leaver): TemplateResult {
  const { name, state } = view;
  const button = (text: string, command: object) =>
    html`<button class="btn" @click=${() => app.act(command)}>${text}</button>`;
  if (state === 'left') return html``;
  if (state === 'crashed') {
    const heal = button('Disk well', { disk: { node: name, is: 'well' } });
    return html`<div class="acts2">${button(`Restart ${name}`, { restart: { node: name } })}
      ${view.disk === 'failing' ? heal : nothing}</div>`;
  }
  return html`<div class="acts2">
    ${button(`Kill ${name}`, { crash: { node: name, disk: 'keep' } })}
    ${button('Kill and lose disk', { crash: { node: name, disk: 'lose' } })}
    ${
      state === 'paused'
        ? button('Resume', { resume: { node: name } })
        : button('Pause', { pause: { node: name } })
    } ${leaver.button(name)}</div>${leaver.plan(name)} ${rarer(app, view)}`;
}

/** What befalls a node less often: its disk, its pace. */
function rarer(app: App, { name, index, disk }: NodeView): TemplateResult {
  const button = (text: string, command: object) =>
    html`<button class="btn" @click=${() => app.act(command)}>${text}</button>`;
  const isSlow = app.frame.nodeSlow(index) > 1;
  return html`<details class="rarer"><summary>Rarer faults</summary><div class="acts2">
    ${button('Kill amid a flush', { crash: { node: name, disk: 'torn' } })}
    ${
      disk === 'well'
        ? html`${button('Disk full', { disk: { node: name, is: 'full' } })}
            ${button('Disk failing', { disk: { node: name, is: 'failing' } })}`
        : button('Disk well', { disk: { node: name, is: 'well' } })
    }
    ${button('Back up its disk', { backup: { node: name } })}
    ${button('Kill, disk of the backup', { crash: { node: name, disk: 'old' } })}
    ${
      isSlow
        ? button('Normal pace', { slow: { node: name, factor: 1 } })
        : button('20 times slower', { slow: { node: name, factor: SLOWER } })
    }</div></details>`;
}

function stateWords(view: NodeView): unknown {
  const kept = view.state === 'crashed' ? ', disk kept' : '';
  const ill = view.disk && view.disk !== 'well' ? `, disk ${view.disk}` : kept;
  const disk = view.disk_lost ? ', disk lost' : ill;
  const kind = view.state === 'up' ? 'ok' : view.state === 'crashed' ? 'bad' : 'off';
  return html`${sign(kind)}${view.state}${disk}`;
}

/** What a crash would take with it. */
function bufferRow(app: App, { buffered = 0 }: NodeView): TemplateResult | typeof nothing {
  const max = writeBufferOf(app.source);
  if (!max) return nothing;
  const share = Math.min(100, (buffered / max) * 100);
  return row(
    'write buffer',
    html`<span>${buffered} of ${count(max, 'write')}</span><span class="gauge" role="meter"
      aria-label="Write buffer" aria-valuemin="0" aria-valuemax=${max} aria-valuenow=${buffered}
      ><i style="width:${share.toFixed(1)}%"></i></span>`,
  );
}

export function storedRows(app: App, view: NodeView): TemplateResult {
  const more = view.keys.length - KEYS_SHOWN;
  return html`<section><h3>Stores ${count(view.keys.length, 'key')}</h3>
    ${view.keys.slice(0, KEYS_SHOWN).map(
      (entry) => html`<div class="rr two"><button class="link"
        @click=${() => app.select({ tab: 'key', key: entry.key })}>${entry.key}</button>
        <span class="what">${entry.versions.map(valued)}${
          entry.versions.length > 1 ? 'siblings' : nothing
        }</span></div>`,
    )}
    ${more > 0 ? html`<p class="note">and ${more} more</p>` : nothing}</section>`;
}

export function hintWhy(app: App, holder: number, target: string, key: string) {
  const hint = { holder, target: app.nodeIndex(target), key };
  return why(app, { hint }, `is there a hint for ${target}`);
}

export function hintRows(app: App, view: NodeView): TemplateResult | typeof nothing {
  const glyph = GLYPHS[HINT];
  if (!view.hints.length || !glyph) return nothing;
  return html`<section><h3>Holds ${count(view.hints.length, 'hint')}</h3>
    ${view.hints.map(
      (hint) => html`<div class="rr two"><span class="what"
          >${inlineGlyph(glyph, { letter: hint.for })} for ${hint.for}</span>
        <span class="what"><code>${hint.key}</code>${hint.versions.map(valued)}
          ${hintWhy(app, view.index, hint.for, hint.key)}</span></div>`,
    )}</section>`;
}

/** How late each other's heartbeat is, for how regular it was; the greatest first. */
function phiRow(view: NodeView): TemplateResult | typeof nothing {
  const phis = Object.entries(view.phi ?? {}).sort((a, b) => b[1] - a[1]);
  if (!phis.length) return nothing;
  const one = ([name, phi]: [string, number]) =>
    html`<span class="fig"><b>${name}</b> ${phi.toFixed(2)}</span>`;
  const more = phis.length - PHIS_SHOWN;
  return row(
    'its phi of',
    html`${phis.slice(0, PHIS_SHOWN).map(one)}${more > 0 ? `and ${more} more` : nothing}`,
  );
}

/** While clients wait too long, handoff, anti-entropy and transfers take fewer slices (§6.5). */
function yieldsRow({ yields }: NodeView): TemplateResult | typeof nothing {
  if (!yields) return nothing;
  const { slices, of, late, requests } = yields;
  const words = `${slices} of ${of} slices; in a minute ${requests} requests, ${late} late answers`;
  return row('background', words);
}

/** Where tokens are not partitions (strategy 2), tokens are what is counted. */
function owned(app: App, view: NodeView): string {
  const ring = app.snap?.ring;
  const zone = ring?.nodes[view.index]?.zone;
  const tokens = count(view.partitions, ring?.strategy === 2 ? 'token' : 'partition');
  return zone ? `${tokens}, in zone ${zone}` : tokens;
}

/** Two nodes with the same root hold the same records (§4.7). */
function merkleRow(app: App, view: NodeView): TemplateResult | typeof nothing {
  const root = app.snap?.state.nodes[view.name]?.merkle_root;
  if (!root || !view.keys.length) return nothing;
  return html`<section><h3>Anti-entropy</h3>${row('Merkle root', html`<code>${root}</code>`)}
    </section>`;
}

/** Who was told, and when by that one's clock. Those who founded the ring were told by nobody. */
export const changeWords = ({ node, change, at_ms, by }: Change): string => {
  if (at_ms === 0 && by === node) return 'since the ring began';
  return `${change}, ${by === node ? 'it was told itself' : `${by} was told`}, ${seconds(at_ms)} s`;
};

function historyRows(view: NodeView): TemplateResult | typeof nothing {
  const history = view.history ?? [];
  if (!history.length) return nothing;
  return html`<section><h3>Member</h3>${history.map((one) =>
    row(one.change === 'joined' ? 'came' : 'went', changeWords(one)),
  )}</section>`;
}

function believes(app: App, who: string, whom: string, short?: string) {
  const belief = { node: app.nodeIndex(who), whom: app.nodeIndex(whom) };
  return why(app, { belief }, `does ${who} suspect ${whom}`, short);
}

/** Who suspects it, as one list to read, and then why each does. */
function suspectors(app: App, { name, suspected_by: by }: NodeView) {
  if (!by.length) return 'nobody';
  const asks = by.map((who) => believes(app, who, name, by.length > 1 ? `Why ${who}?` : 'Why?'));
  return html`<span>${by.join(', ')}</span> <span class="asks">${asks}</span>`;
}

export function nodeTab(app: App, leaver: Leaver): TemplateResult {
  const view = app.snap?.node;
  if (!view) return html`<p class="note">No node is chosen. Click one on the ring.</p>`;
  const suspects = view.suspects.map(
    (s) => html`<span>${s.node}: ${s.why}, since ${seconds(s.since_ms)} s
      ${believes(app, view.name, s.node)}</span>`,
  );
  const life = view.incarnation === null ? '' : `, incarnation ${view.incarnation}`;
  return html`<div><div class="ih"><h2>Node ${view.name}</h2></div>
      <p class="isub">${owned(app, view)}${life}</p></div>
    ${actions(app, view, leaver)}
    <section><h3>Truth and belief</h3>
      ${row('it is', stateWords(view))} ${bufferRow(app, view)}
      ${row('suspected by', suspectors(app, view))}
      ${row('it suspects', suspects.length ? suspects : 'nobody')}
      ${phiRow(view)}
      ${yieldsRow(view)}
      ${view.coordinating.length ? row('coordinates', view.coordinating.join(', ')) : nothing}
    </section>
    ${hintRows(app, view)} ${storedRows(app, view)} ${merkleRow(app, view)}
    ${historyRows(view)}`;
}
