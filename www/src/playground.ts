/**
 * `<dynamo-playground>`: the page. It lays out the parts, turns keys into acts, and carries
 * `playground`, the face for automation and for people who script it.
 */

import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { App } from './app/app';
import { face, type Playground } from './app/face';
import { type Deeds, deedOf } from './app/keys';
import { Desk } from './desk/desk';
import { checksBox } from './frame/checks';
import { guide, strip } from './frame/guide';
import { keyPanel, type Settings, settingsRows } from './frame/keyhelp';
import { LiveRegion } from './frame/live';
import { PanicPanel } from './frame/panic';
import { Sheet } from './frame/sheet';
import { setup, top } from './frame/top';
import { Inspector } from './inspector/inspector';
import { sign } from './parts/sign';
import { legend } from './stage/corners';
import { Stage } from './stage/stage';
import { sheets } from './styles';
import { Tables } from './tables/tables';
import { THEMES, type Theme, TimeBar } from './time/time';

export class DynamoPlayground extends LitElement {
  static override styles = sheets;

  playground!: Playground;
  #app!: App;
  #stage!: Stage;
  #desk!: Desk;
  #inspector!: Inspector;
  #time!: TimeBar;
  #live!: LiveRegion;
  #tables!: Tables;
  #panic!: PanicPanel;
  #sheet = new Sheet(() => this.requestUpdate());
  #theme: Theme = 'dark';
  #letters = true;
  #drawer = false;
  #keysShown = false;
  #wasFatal = false;
  #phone = matchMedia('(max-width: 719px)');
  #middle = matchMedia('(max-width: 1199px)');
  #forced = matchMedia('(forced-colors: active)');
  #render = () => this.requestUpdate();
  #recoloured = () => this.#stage.themed();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#start();
    this.#phone.addEventListener('change', this.#render);
    this.#middle.addEventListener('change', this.#render);
    this.#forced.addEventListener('change', this.#recoloured);
    window.addEventListener('keydown', this.#keys);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#phone.removeEventListener('change', this.#render);
    this.#middle.removeEventListener('change', this.#render);
    this.#forced.removeEventListener('change', this.#recoloured);
    window.removeEventListener('keydown', this.#keys);
    this.#app.removeEventListener('change', this.#changed);
    this.#live.stop();
    this.#tables.stop();
    this.#stage.detach();
    this.#app.stop();
  }

  #start(): void {
    const app = new App();
    this.#app = app;
    this.#desk = new Desk(app);
    this.#tables = new Tables(app);
    this.#stage = new Stage(app, this, this.#tables);
    this.#inspector = new Inspector(app, this.#desk);
    this.#time = new TimeBar(app);
    this.#panic = new PanicPanel(app);
    this.#live = new LiveRegion(this.#render);
    app.addEventListener('change', this.#changed);
    // Where the inspector is a sheet's tab, what was touched comes up.
    app.addEventListener('inspect', () => this.#sheet.choose('insp'));
    app.addEventListener('opened', () => {
      this.#live.say(`${app.snap?.ring.title || 'A scenario'} is open.`);
    });
    const drawStage = app.draw;
    app.draw = (real) => {
      drawStage(real);
      this.#time.draw();
    };
    const ready = app.load(app.source).then(() => app.play());
    // Whoever waits for `ready` gets the reason; the page shows it anyhow.
    ready.catch((error: unknown) => app.say(error));
    app.player.start();
    this.playground = face(app, ready);
  }

  #changed = (): void => {
    this.#live.hear(this.#app.marks, this.#app.frame.nextEvent);
    this.requestUpdate();
  };

  protected override updated(): void {
    this.#stage.attach();
    this.#tables.written();
    this.#live.written();
    const fatal = this.#app.fatal !== null;
    // What takes the place of the ring takes the focus with it.
    if (fatal && !this.#wasFatal) this.#focus('.panic[tabindex]');
    this.#wasFatal = fatal;
  }

  #focus(selector: string): void {
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }

  protected override render(): TemplateResult {
    const app = this.#app;
    const phone = this.#phone.matches;
    const wide = !this.#middle.matches;
    return html`<div class="app ${app.fatal ? 'stopped' : ''}">
      ${top(app, phone, { toggleKeys: this.#toggleKeys })}
      ${wide ? this.#wideGuide() : nothing} ${wide || phone ? nothing : this.#folded()}
      <main class="stage" aria-label="Stage">
        ${this.#stage.template()} ${phone ? nothing : this.#desk.template()} ${this.#notice()}
        ${this.#panic.template()}
      </main>
      ${phone ? this.#bottomSheet() : this.#aside()}
      ${this.#time.template(this.#theme, this.#setTheme)}
      ${this.#keysShown ? keyPanel(this.#settings(), this.#toggleKeys) : nothing}
      <div class="unseen" role="status" aria-live="polite" data-testid="live">${
        this.#live.text
      }</div>
    </div>`;
  }

  #wideGuide(): TemplateResult {
    return html`<aside class="guide" aria-label="Guide" tabindex="0">
      ${guide(this.#app, true)}</aside>`;
  }

  #aside(): TemplateResult {
    return html`<aside class="insp" aria-label="Inspector">${this.#inspector.template()}</aside>`;
  }

  #folded(): TemplateResult {
    const toggle = () => {
      this.#drawer = !this.#drawer;
      this.requestUpdate();
    };
    return strip(this.#app, this.#drawer, toggle, this.#more());
  }

  /** What has no room in a narrow page's bars. */
  #more(): TemplateResult {
    return html`<section class="more"><h3>This run</h3>${setup(this.#app)}</section>`;
  }

  #bottomSheet(): TemplateResult {
    return this.#sheet.template({
      guide: () => html`<aside class="guide" aria-label="Guide">${guide(this.#app, false)}
        ${this.#more()}
        <section class="more"><h3>Step by</h3>${this.#time.steps()}</section>
        <section class="more"><h3>Page</h3>${settingsRows(this.#settings())}</section>
        <section class="more"><h3>Messages seen so far</h3>${legend(this.#app)}</section></aside>`,
      desk: () => this.#desk.template(),
      insp: () => this.#aside(),
      checks: () => checksBox(this.#app),
      tables: () => this.#tables.region(),
    });
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

  #settings(): Settings {
    return {
      theme: this.#theme,
      letters: this.#letters,
      setTheme: this.#setTheme,
      setLetters: (on) => {
        this.#letters = on;
        this.requestUpdate();
      },
    };
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
    const next = this.#keysShown ? '.allkeys' : '[aria-label="All keys"]';
    void this.updateComplete.then(() => this.#focus(next));
  };

  #keys = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const path = event.composedPath();
    const at = path[0] as Element;
    if (at !== document.body && !path.includes(this)) return;
    const press = {
      key: event.key,
      code: event.code,
      shift: event.shiftKey,
      typing: at.matches?.('input:not([type=range], [type=checkbox]), select, textarea') ?? false,
      onButton: at.matches?.('button, summary, input, [role=tab]') ?? false,
      onStage: path.some((part) => part instanceof Element && part.classList.contains('stage')),
    };
    const act = deedOf(press, this.#deeds(), this.#letters);
    if (!act) return;
    event.preventDefault();
    act();
  };

  #deeds(): Deeds {
    const app = this.#app;
    const guard = (work: Promise<unknown>) => void work.catch((e: unknown) => app.say(e));
    return {
      toggle: () => this.#time.toggle(),
      step: (way) => guard(way < 0 ? app.back() : app.step()),
      marker: (way) => guard(app.marker(way)),
      speed: (factor) => this.#time.faster(factor),
      help: this.#toggleKeys,
      escape: () => {
        if (this.#keysShown) this.#toggleKeys();
        else app.unselect();
      },
      kill: () => this.#killOrRestart(),
    };
  }

  #killOrRestart(): void {
    const index = this.#stage.focusedNode(this.renderRoot as ShadowRoot);
    if (index < 0) return;
    const node = this.#app.nodeName(index);
    const down = this.#app.frame.nodeState(index) === 1;
    void this.#app.act(down ? { restart: { node } } : { crash: { node, disk: 'keep' } });
  }
}
