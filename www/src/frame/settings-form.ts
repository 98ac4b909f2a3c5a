/**
 * The ring's settings as a form. A ring keeps those that it was made with, so other settings make
 * it anew, and the form says so.
 */

import { html, nothing, type TemplateResult } from 'lit';
import type { App } from '../app/app';
import {
  BUFFER_FLUSH,
  COORDINATION,
  DETECTOR,
  type Draft,
  DURABLE_REPLICA,
  draftOf,
  isBuffered,
  isTruncated,
  type Path,
  QUORUM,
  type Refusal,
  refusalOf,
  STRATEGY,
  scenarioOf,
  VERSIONING,
  WRITE_BUFFER,
} from '../app/settings';
import { sign } from '../parts/sign';
import { count } from '../parts/text';

const STRATEGIES: readonly [string, string][] = [
  ['1', '1: random tokens cut the ring'],
  ['2', '2: random tokens, equal parts'],
  ['3', '3: equal parts, a token each'],
];

const VERSIONINGS: readonly [string, string][] = [
  ['vector-clock', 'a clock for each version'],
  ['record-clock', 'a clock for each record'],
  ['dotted', 'dotted clocks'],
  ['last-write-wins', 'last write wins'],
];

const QUORUMS: readonly [string, string][] = [
  ['sloppy', 'sloppy: the first N that are up'],
  ['strict', 'strict: the first N alone count'],
  ['primaries', 'primaries: no stand-ins at all'],
];

const COORDINATIONS: readonly [string, string][] = [
  ['server', 'server: any node that is up'],
  ['client', 'client: a home, by its own view'],
];

const DETECTORS: readonly [string, string][] = [
  ['stale', 'gossip: a heartbeat too old'],
  ['phi', 'gossip: by phi'],
  ['local', 'local: own requests alone'],
];

export class SettingsForm {
  #app: App;
  #changed: () => void;
  #close: () => void;
  #draft: Draft;
  #keepsScript = true;
  #refusal: Refusal | null = null;

  /** For the ring that is shown. `changed` is told when there is something else to show. */
  constructor(app: App, changed: () => void, close: () => void) {
    this.#app = app;
    this.#changed = changed;
    this.#close = close;
    const { n = '', r = '', w = '', nodes = [] } = app.snap?.ring ?? {};
    this.#draft = draftOf(app.source, {
      nodes: String(nodes.length),
      n: String(n),
      r: String(r),
      w: String(w),
    });
  }

  template(): TemplateResult {
    const draft = this.#draft;
    const entries = this.#app.source.script?.length ?? 0;
    return html`<form novalidate @submit=${this.#submit}>
      <fieldset class="quads"><legend>Nodes and quorum</legend>
        ${this.#number('nodes', 'nodes')} ${this.#number('n', 'N', 'copies of every key')}
        ${this.#number('r', 'R', 'answers a get waits for')}
        ${this.#number('w', 'W', 'answers a put waits for')}
      </fieldset>
      <fieldset><legend>Quorum</legend>${this.#choice(QUORUM, 'who counts', QUORUMS)}</fieldset>
      <fieldset><legend>Clients</legend>
        ${this.#choice(COORDINATION, 'ask', COORDINATIONS)}
        ${
          draft[COORDINATION] === 'client'
            ? this.#number('client_poll_ms', 'poll every, s', 'for the view of a node')
            : nothing
        }
      </fieldset>
      <fieldset><legend>Partitioning</legend>
        ${this.#choice(STRATEGY, 'strategy', STRATEGIES)}
        ${
          draft[STRATEGY] === '3'
            ? nothing
            : this.#number('partitioning.tokens_per_node', 'tokens each')
        }
        ${draft[STRATEGY] === '1' ? nothing : this.#number('partitioning.partitions', 'partitions')}
      </fieldset>
      <fieldset><legend>Versions</legend>
        ${this.#choice(VERSIONING, 'versioning', VERSIONINGS)}
        ${isTruncated(draft) ? this.#number('clock_entries_max', 'clock up to') : nothing}
      </fieldset>
      <fieldset><legend>Failure detection</legend>
        ${this.#choice(DETECTOR, 'how', DETECTORS)}
        ${draft[DETECTOR] === 'stale' ? this.#number('suspect_after_ms', 'after, in s') : nothing}
        ${draft[DETECTOR] === 'phi' ? this.#number('suspect_phi', 'phi from') : nothing}
      </fieldset>
      <fieldset><legend>Repair</legend>
        ${this.#flag('read_repair', 'read repair')}
        ${this.#flag('hinted_handoff', 'hinted handoff')}
        ${this.#flag('anti_entropy', 'anti-entropy')}
        ${
          draft.anti_entropy === 'true'
            ? this.#number('anti_entropy_interval_ms', 'every, in s')
            : nothing
        }
        ${this.#flag('admission_control', 'yields to clients')}
        ${
          draft.admission_control === 'true'
            ? this.#number('admission_p99_ms', 'above, in ms', 'the 99th percentile of a minute')
            : nothing
        }
      </fieldset>
      <fieldset><legend>Machines</legend>
        ${this.#number('service_ms', 'work, in ms', 'on each message and request')}
        ${this.#number('queue_max', 'queue up to', 'what comes then is lost or refused')}
      </fieldset>
      <fieldset><legend>Disks</legend>
        ${this.#number(WRITE_BUFFER, 'write buffer', 'answered before the disk has them')}
        ${
          isBuffered(draft)
            ? html`${this.#number(BUFFER_FLUSH, 'flush, in ms', 'after the first of them came')}
                ${this.#flag(DURABLE_REPLICA, 'one replica writes to its disk first')}`
            : nothing
        }
      </fieldset>
      ${entries ? this.#script(entries) : nothing}
      <p class="note" id="set-note">The ring starts anew at 0 s, with the same seed. What you did
        since is not done again.</p>
      ${this.#why('')}
      <div class="acts2"><button class="go" aria-describedby="set-note">Start a ring with
        these</button><button type="button" class="btn" @click=${this.#close}>Close</button></div>
      </form>`;
  }

  #script(entries: number): TemplateResult {
    const change = (event: Event) => {
      this.#keepsScript = (event.target as HTMLInputElement).checked;
    };
    return html`<label class="check"><input type="checkbox" .checked=${this.#keepsScript}
      @change=${change} />with the scenario’s own script, ${count(entries, 'entry', 'entries')}
      </label>`;
  }

  #number(path: Path, name: string, help = ''): TemplateResult {
    const refused = this.#refusal?.path === path;
    const described = [help && `set-${path}-help`, refused && `set-${path}-why`];
    return html`<label class="pick" title=${help || nothing}><span>${name}</span>
        <input id="set-${path}" inputmode="decimal" autocomplete="off" .value=${this.#text(path)}
          placeholder="default" aria-invalid=${refused}
          aria-describedby=${described.filter(Boolean).join(' ') || nothing}
          @input=${this.#take(path)} /></label>
      ${help ? html`<span class="unseen" id="set-${path}-help">${help}</span>` : nothing}
      ${this.#why(path)}`;
  }

  #choice(path: Path, name: string, options: readonly [string, string][]): TemplateResult {
    const chosen = this.#text(path);
    return html`<label class="pick"><span>${name}</span><select id="set-${path}"
      @change=${this.#take(path)}>${options.map(
        ([value, words]) =>
          html`<option value=${value} .selected=${value === chosen}>${words}</option>`,
      )}</select></label>${this.#why(path)}`;
  }

  #flag(path: Path, name: string): TemplateResult {
    const change = (event: Event) =>
      this.#set(path, String((event.target as HTMLInputElement).checked));
    return html`<label class="check"><input type="checkbox" id="set-${path}"
      .checked=${this.#text(path) === 'true'} @change=${change} />${name}</label>
      ${this.#why(path)}`;
  }

  /** The engine's own words, at the field that they name. */
  #why(path: Path): TemplateResult | typeof nothing {
    if (this.#refusal?.path !== path) return nothing;
    return html`<p class="why" id="set-${path}-why" role="alert">${sign('bad')}
      <span>${this.#refusal.text}</span></p>`;
  }

  #text(path: Path): string {
    return this.#draft[path] ?? '';
  }

  #set(path: Path, value: string): void {
    this.#draft[path] = value;
    this.#changed();
  }

  #take(path: Path) {
    return (event: Event) =>
      this.#set(path, (event.target as HTMLInputElement | HTMLSelectElement).value);
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    void this.#start(scenarioOf(this.#app.source, this.#draft, this.#keepsScript), form);
  };

  async #start(scenario: App['source'], form: HTMLFormElement): Promise<void> {
    try {
      await this.#app.load(scenario);
      this.#close();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#refusal = refusalOf(message);
      this.#changed();
      const { path } = this.#refusal;
      if (path) form.querySelector<HTMLElement>(`[id="set-${path}"]`)?.focus();
    }
  }
}
