/** The inspector of a real ring: what this node is and holds, and believes of the others. */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import type { NodeView } from '../engine/types';
import { hintRows, row, storedRows } from '../inspector/node-tab';
import { sign } from '../parts/sign';
import { count, seconds } from '../parts/text';

const suspicionOf = (app: App, name: string): boolean =>
  (app.real && app.snap?.state.nodes[app.real.name]?.suspects?.includes(name)) ?? false;

export function realRing(app: App): TemplateResult {
  const ring = app.snap?.ring;
  const nodes = ring?.nodes ?? [];
  const me = app.real?.name;
  return html`<div><h2>Ring ${app.link?.ring}</h2>
      <p class="isub">N ${ring?.n}, R ${ring?.r}, W ${ring?.w}, ${ring?.partitions}
        partitions</p></div>
    <section><h3>Members, as ${me ?? 'this node'} believes</h3>
      <ul aria-label="Members">${nodes.map(({ name, index }) => {
        const suspected = suspicionOf(app, name);
        const words =
          name === me
            ? html`${sign('ok')}this tab`
            : suspected
              ? html`${sign('wait')}suspected`
              : html`${sign('ok')}believed up`;
        return html`<li class="rr two"><button class="link"
            @click=${() => app.select({ tab: 'node', node: index })}>${name}</button>
          <span class="what">${words}</span></li>`;
      })}</ul>
      ${nodes.length ? nothing : html`<p class="note">It knows nobody yet.</p>`}</section>`;
}

export function realNode(app: App): TemplateResult {
  const view = app.snap?.node;
  if (!view) return html`<p class="note">No node is chosen. Click one on the ring.</p>`;
  return view.name === app.real?.name ? thisNode(app, view) : otherNode(app, view);
}

function thisNode(app: App, view: NodeView): TemplateResult {
  const suspects = view.suspects.map(
    (one) => html`<span>${one.node}: ${one.why}, since ${seconds(one.since_ms)} s</span>`,
  );
  const life = view.incarnation === null ? '' : `, incarnation ${view.incarnation}`;
  return html`<div><div class="ih"><h2>Node ${view.name}</h2></div>
      <p class="isub">This tab, ${count(view.partitions, 'partition')}${life}</p></div>
    <section><h3>Belief</h3>${row('it suspects', suspects.length ? suspects : 'nobody')}</section>
    ${hintRows(app, view)} ${storedRows(app, view)}`;
}

function otherNode(app: App, view: NodeView): TemplateResult {
  const me = app.real?.name ?? '';
  const hints = app.snap?.state.nodes[me]?.hints.filter((hint) => hint.for === view.name) ?? [];
  const address = app.snap?.ring.nodes[view.index]?.address;
  const way = address ? html`<code>${address}</code>` : 'a channel between tabs';
  const belief = suspicionOf(app, view.name)
    ? html`${sign('wait')}suspects it`
    : html`${sign('ok')}believes it up`;
  return html`<div><div class="ih"><h2>Node ${view.name}</h2></div>
      <p class="isub">Another node, ${count(view.partitions, 'partition')}</p></div>
    <section><h3>What ${me} knows of it</h3>
      ${row(me, belief)} ${row('reached by', way)}
      ${row('hints for it', hints.length ? count(hints.length, 'hint') : 'none')}</section>
    <p class="note">What it stores, and what it believes, only its own tab shows.</p>
    ${suspicionOf(app, view.name) ? removal(app, view.name) : nothing}`;
}

/** Suspicion alone takes nobody out of the ring: that is for people to say (§4.8.1). */
function removal(app: App, name: string): TemplateResult {
  const remove = () => app.remove(name).catch((error: unknown) => app.say(error));
  return html`<div class="acts2"><button class="btn" @click=${remove}
      >Take ${name} out of the ring</button></div>
    <p class="note">If it will not come back: the others then take over what it owns.</p>`;
}
