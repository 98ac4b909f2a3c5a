/**
 * `<dynamo-playground>`: the page. It lays out the parts, turns keys into acts, and carries
 * `playground`, the face for automation and for people who script it.
 */

import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { App } from './app/app';
import type { ScenarioJson } from './app/scenarios';
import { Desk } from './desk/desk';
import type { StepKind, WorldState } from './engine/types';
import { checksBox } from './frame/checks';
import { guide, strip } from './frame/guide';
import { keyPanel } from './frame/keyhelp';
import { LiveRegion } from './frame/live';
import { panicPanel } from './frame/panic';
import { top } from './frame/top';
import { Inspector } from './inspector/inspector';
import { sign } from './parts/sign';
import { Stage } from './stage/stage';
import { sheets } from './styles';
import { THEMES, type Theme, TimeBar } from './time/time';

export interface Playground {
  ready: Promise<void>;
  load(scenario: ScenarioJson | string): Promise<void>;
  command(command: object | string): Promise<string>;
  seek(ms: number): Promise<void>;
  run(): Promise<void>;
  pause(): Promise<void>;
  step(kind: StepKind): Promise<boolean>;
  state(): Promise<WorldState>;
  digest(): Promise<string>;
}

type Sheet = 'guide' | 'desk' | 'insp' | 'checks';
const SHEETS: readonly [Sheet, string][] = [
  ['guide', 'Guide'],
  ['desk', 'Desk'],
  ['insp', 'Inspect'],
  ['checks', 'Checks'],
];

export class DynamoPlayground extends LitElement {
  static override styles = sheets;

  playground!: Playground;
  #app!: App;
  #stage!: Stage;
  #desk!: Desk;
  #inspector!: Inspector;
  #time!: TimeBar;
  #live!: LiveRegion;
  #theme: Theme = 'dark';
  #sheet: Sheet = 'desk';
  #drawer = false;
  #keysShown = false;
  #phone = matchMedia('(max-width: 719px)');
  #middle = matchMedia('(max-width: 1199px)');
  #render = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#start();
    this.#phone.addEventListener('change', this.#render);
    this.#middle.addEventListener('change', this.#render);
    window.addEventListener('keydown', this.#keys);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#phone.removeEventListener('change', this.#render);
    this.#middle.removeEventListener('change', this.#render);
    window.removeEventListener('keydown', this.#keys);
    this.#app.removeEventListener('change', this.#changed);
    this.#live.stop();
    this.#stage.detach();
    this.#app.stop();
  }

  #start(): void {
    const app = new App();
    this.#app = app;
    this.#desk = new Desk(app);
    this.#stage = new Stage(app, this);
    this.#inspector = new Inspector(app, this.#desk);
    this.#time = new TimeBar(app);
    this.#live = new LiveRegion(this.#render);
    app.addEventListener('change', this.#changed);
    // Where the inspector is a sheet's tab, what was touched comes up.
    app.addEventListener('inspect', () => {
      this.#sheet = 'insp';
    });
    const drawStage = app.draw;
    app.draw = (real) => {
      drawStage(real);
      this.#time.draw();
    };
    const ready = app.load(app.source).then(() => {
      app.play();
    });
    ready.catch((error: unknown) => app.say(error));
    app.player.start();
    this.playground = face(app, ready);
  }

  #changed = (): void => {
    this.#live.say(this.#app.notice || this.#app.sentence());
    this.requestUpdate();
  };

  protected override updated(): void {
    this.#stage.attach();
  }

  protected override render(): TemplateResult {
    const app = this.#app;
    const phone = this.#phone.matches;
    const wide = !this.#middle.matches;
    return html`<div class="app">
      ${top(app, { toggleKeys: this.#toggleKeys })}
      ${wide ? html`<aside class="guide" aria-label="Guide" tabindex="0">${guide(app, true)}</aside>` : nothing}
      ${wide || phone ? nothing : this.#folded()}
      <main class="stage" aria-label="Stage">
        ${this.#stage.template()} ${phone ? nothing : this.#desk.template()} ${this.#notice()}
        ${app.fatal ? panicPanel(app.fatal) : nothing}
      </main>
      ${phone ? this.#bottomSheet() : this.#aside()}
      ${this.#time.template(this.#theme, this.#setTheme)}
      ${this.#keysShown ? keyPanel(this.#toggleKeys) : nothing}
      <div class="unseen" role="status" aria-live="polite">${this.#live.text}</div>
    </div>`;
  }

  #aside(): TemplateResult {
    return html`<aside class="insp" aria-label="Inspector">${this.#inspector.template()}</aside>`;
  }

  #folded(): TemplateResult {
    const toggle = () => {
      this.#drawer = !this.#drawer;
      this.requestUpdate();
    };
    return strip(this.#app, this.#drawer, toggle);
  }

  #bottomSheet(): TemplateResult {
    const panes: Record<Sheet, () => TemplateResult> = {
      guide: () => html`<aside class="guide" aria-label="Guide">${guide(this.#app, false)}</aside>`,
      desk: () => this.#desk.template(),
      insp: () => this.#aside(),
      checks: () => checksBox(this.#app),
    };
    const choose = (sheet: Sheet) => {
      this.#sheet = sheet;
      this.requestUpdate();
    };
    return html`<div class="sheet" role="region" aria-label="Details">
      <div class="stabs" role="tablist" aria-label="Details">
        ${SHEETS.map(
          ([id, text]) => html`<button role="tab" aria-selected=${this.#sheet === id}
            @click=${() => choose(id)}>${text}</button>`,
        )}</div>
      <div class="pane">${panes[this.#sheet]()}</div></div>`;
  }

  #notice(): TemplateResult | typeof nothing {
    const app = this.#app;
    // A stopped engine says so once, in its own panel.
    if (!app.notice || app.fatal) return nothing;
    const close = () => {
      app.notice = '';
      app.changed();
    };
    return html`<p class="notice" role="alert">${sign('bad')}<span>${app.notice}</span>
      <button class="btn" @click=${close}>Close</button></p>`;
  }

  #setTheme = (theme: Theme): void => {
    this.#theme = THEMES.includes(theme) ? theme : 'dark';
    this.dataset.theme = this.#theme;
    this.#stage.themed();
    this.requestUpdate();
  };

  #toggleKeys = (): void => {
    this.#keysShown = !this.#keysShown;
    this.requestUpdate();
  };

  // ── keys: none acts while somebody types; letters act only on the stage ─────────────────────

  #keys = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.composedPath()[0] as Element;
    const outside = at !== document.body && !event.composedPath().includes(this);
    if (outside || at.matches?.('input:not([type=range]), select, textarea')) return;
    const act = this.#acts()[event.key];
    if (!act) return;
    if (event.key === ' ' && at.matches?.('button, [role=tab]')) return;
    event.preventDefault();
    act(event);
  };

  #acts(): Record<string, (event: KeyboardEvent) => void> {
    const guard = (work: Promise<unknown>) => void work.catch((e: unknown) => this.#app.say(e));
    return {
      ' ': () => this.#time.toggle(),
      ',': () => guard(this.#app.back()),
      '.': () => guard(this.#app.step()),
      '[': () => this.#time.faster(1 / 2),
      ']': () => this.#time.faster(2),
      '?': this.#toggleKeys,
      k: (event) => this.#killOrRestart(event),
      K: (event) => this.#killOrRestart(event),
      Escape: () => {
        if (this.#keysShown) this.#toggleKeys();
        else this.#app.unselect();
      },
    };
  }

  #killOrRestart(event: KeyboardEvent): void {
    const onStage = event
      .composedPath()
      .some((part) => part instanceof Element && part.classList.contains('stage'));
    const index = onStage ? this.#stage.focusedNode(this.renderRoot as ShadowRoot) : -1;
    if (index < 0) return;
    const node = this.#app.nodeName(index);
    const down = this.#app.frame.nodeState(index) === 1;
    void this.#app.act(down ? { restart: { node } } : { crash: { node, disk: 'keep' } });
  }
}

/** The automation face. Errors are refusals with the engine's own sentence. */
function face(app: App, ready: Promise<void>): Playground {
  return {
    ready,
    load: (scenario) => app.load(scenario),
    command: (command) => app.command(command),
    seek: (ms) => app.seek(ms),
    run: async () => app.play(),
    pause: () => app.pause(),
    step: (kind) => app.step(kind),
    state: () => app.state(),
    digest: () => app.digest(),
  };
}
