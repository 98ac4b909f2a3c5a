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
import { ExperimentPanel } from './frame/experiments';
import { guide, lineNow, strip } from './frame/guide';
import { keyPanel, type Settings, settingsRows } from './frame/keyhelp';
import { LaterPanel } from './frame/later';
import { LiveRegion } from './frame/live';
import { ScenarioMenu } from './frame/menu';
import { PanicPanel } from './frame/panic';
import { Sheet } from './frame/sheet';
import { setup, shareButton, top } from './frame/top';
import { Inspector } from './inspector/inspector';
import { sign } from './parts/sign';
import { RealGuide } from './peer/guide';
import { newSecret, type RingLink, readLink, writeLink } from './peer/link';
import { forget, formerName, remember } from './peer/rings';
import { legend } from './stage/corners';
import { Stage } from './stage/stage';
import { sheets } from './styles';
import { Tables } from './tables/tables';
import { THEMES, type Theme, TimeBar } from './time/time';

/** An address that leads to a run; what it packs is read when there is one. */
const RUN_LINK = /^#run=/;

/** What opens over the page: where the focus goes then, and whence it came. */
interface Panel {
  panel(): { isOpen: boolean; close(): void };
  first: string;
  opener: string;
}

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
  #setting!: LaterPanel;
  #share!: LaterPanel;
  #menu!: ScenarioMenu;
  #experiments!: ExperimentPanel;
  #real: RealGuide | null = null;
  #sheet = new Sheet(() => this.requestUpdate());
  #theme: Theme = 'dark';
  #letters = true;
  #drawer = false;
  #keysShown = false;
  #wasFatal = false;
  /** What stands open. */
  #wasOpen: Panel | null = null;
  #panels: readonly Panel[] = [
    { panel: () => this.#setting, first: '.setpanel', opener: 'button.nrw' },
    { panel: () => this.#share, first: '.sharepanel', opener: 'button.share' },
    { panel: () => this.#menu, first: '.menu input', opener: 'button.scenario' },
    { panel: () => this.#experiments, first: '.experiment', opener: 'button.scenario' },
  ];
  #phone = matchMedia('(max-width: 719px)');
  #middle = matchMedia('(max-width: 1199px)');
  /** The top bar has room for everything. */
  #roomy = matchMedia('(min-width: 900px)');
  #forced = matchMedia('(forced-colors: active)');
  #render = () => this.requestUpdate();
  #recoloured = () => this.#stage.themed();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#begin();
    window.addEventListener('hashchange', this.#linked);
    this.#phone.addEventListener('change', this.#render);
    this.#middle.addEventListener('change', this.#render);
    this.#roomy.addEventListener('change', this.#render);
    this.#forced.addEventListener('change', this.#recoloured);
    window.addEventListener('keydown', this.#keys);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#phone.removeEventListener('change', this.#render);
    this.#middle.removeEventListener('change', this.#render);
    this.#roomy.removeEventListener('change', this.#render);
    this.#forced.removeEventListener('change', this.#recoloured);
    window.removeEventListener('keydown', this.#keys);
    window.removeEventListener('hashchange', this.#linked);
    this.#stop();
  }

  #stop(): void {
    this.#app.removeEventListener('change', this.#changed);
    this.#live.stop();
    this.#experiments.close();
    this.#tables.stop();
    this.#stage.detach();
    this.#time.detach();
    this.#app.stop();
  }

  /** As the address says: a node of a real ring, or a simulated one. */
  #begin(): void {
    let link: RingLink | null = null;
    let trouble: unknown = null;
    try {
      link = readLink(location.hash);
    } catch (error) {
      trouble = error;
    }
    this.#start(link);
    const app = this.#app;
    // What is loaded first wipes away what was said before.
    if (trouble) this.playground.ready.then(() => app.say(trouble)).catch(() => {});
  }

  /** Somebody put another ring's link into this very tab. */
  #linked = (): void => {
    this.#stop();
    this.#begin();
  };

  /** Joins a ring, or founds one that nobody knows yet. */
  #enter = (known: RingLink | null): void => {
    const enter = async () => {
      const link = known ?? { ring: await this.#app.freshSeed(), secret: newSecret(), via: '' };
      this.#goTo(writeLink(link));
    };
    enter().catch((error: unknown) => this.#app.say(error));
  };

  #goTo(fragment: string): void {
    history.pushState(null, '', fragment || location.pathname + location.search);
    this.#stop();
    this.#begin();
  }

  #start(link: RingLink | null): void {
    const app = new App(link);
    this.#app = app;
    this.#real = link && new RealGuide(app, this.#endings());
    this.#desk = new Desk(app);
    this.#tables = new Tables(app);
    this.#stage = new Stage(app, this, this.#tables);
    this.#inspector = new Inspector(app, this.#desk);
    this.#time = new TimeBar(app);
    this.#panic = new PanicPanel(app);
    const changed = this.#panelChanged;
    const setting = {
      ...{ title: 'Settings of the ring', what: 'The settings', look: 'setpanel' },
      load: async (close: () => void) =>
        new (await import('./frame/settings-form')).SettingsForm(app, changed, close),
    };
    this.#setting = new LaterPanel(setting, changed);
    const share = {
      ...{ title: 'Share', what: 'What shares a run', look: 'sharepanel' },
      load: async (close: () => void) =>
        new (await import('./frame/share-form')).ShareForm(app, changed, close),
    };
    this.#share = new LaterPanel(share, changed);
    this.#experiments = new ExperimentPanel(app, this.#panelChanged);
    this.#menu = new ScenarioMenu(app, this.#panelChanged, {
      enter: this.#enter,
      experiment: (name) => void this.#experiments.open(name),
    });
    this.#live = new LiveRegion(this.#render);
    app.addEventListener('change', this.#changed);
    // Where the inspector is a sheet's tab, what was touched comes up.
    app.addEventListener('inspect', () => this.#sheet.choose('insp'));
    app.addEventListener('told', () => {
      this.#sheet.choose('insp');
      const seen = () =>
        this.renderRoot.querySelector('.because')?.scrollIntoView({ block: 'nearest' });
      void this.updateComplete.then(seen);
      this.#live.say(app.why?.sentences[0]?.text ?? 'The log has nothing of it any more.');
    });
    app.addEventListener('opened', () => {
      this.#live.say(`${app.snap?.ring.title || 'A scenario'} is open.`);
    });
    const drawStage = app.draw;
    app.draw = (real) => {
      drawStage(real);
      this.#time.draw(real);
    };
    const ready = link ? this.#join(app, link) : this.#open(app);
    // Whoever waits for `ready` gets the reason; the page shows it anyhow.
    ready.catch((error: unknown) => app.say(error));
    app.player.start();
    this.playground = face(app, ready);
  }

  /** The run that the address leads to, or else the page's own ring. */
  async #open(app: App): Promise<void> {
    let trouble: unknown = null;
    if (RUN_LINK.test(location.hash)) {
      try {
        const { openRun } = await import('./app/share');
        await openRun(app, location.hash);
        // Whatever is opened next is not what the address leads to.
        const leave = () => history.replaceState(null, '', location.pathname + location.search);
        app.addEventListener('opened', leave, { once: true });
        return;
      } catch (error) {
        trouble = error;
      }
    }
    await app.load(app.source);
    app.play();
    if (trouble) app.say(trouble);
  }

  async #join(app: App, link: RingLink): Promise<void> {
    try {
      const name = await app.join(formerName(link.ring));
      remember(link, name);
      // For whoever embeds the page: what to call this tab is theirs to say.
      const detail = { name, ring: link.ring };
      this.dispatchEvent(new CustomEvent('dynamo-node', { detail, bubbles: true }));
    } catch (error) {
      if (this.#app === app) this.#real?.refuse(error);
      throw error;
    }
  }

  #endings() {
    const back = () => this.#goTo('');
    const asAnother = () => this.#goTo(this.#app.link ? writeLink(this.#app.link) : '');
    const guard = (work: Promise<unknown>) => work.catch((e: unknown) => this.#app.say(e));
    return {
      back,
      asAnother,
      close: () => void guard(this.#app.close().then(back)),
      leave: () => {
        const ring = this.#app.link?.ring ?? '';
        return guard(
          this.#app.leave().then(() => {
            forget(ring);
            back();
          }),
        );
      },
    };
  }

  #changed = (): void => {
    this.#live.hear(this.#app.marks, this.#app.frame.nextEvent);
    this.requestUpdate();
  };

  protected override updated(): void {
    this.#stage.attach();
    this.#time.attach();
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
    return html`<div class="app ${app.fatal ? 'stopped' : ''} ${app.link ? 'real' : ''}">
      ${top(app, phone, {
        toggleKeys: this.#toggleKeys,
        settings: this.#setting,
        share: this.#roomy.matches ? this.#share : null,
        menu: this.#menu,
        enter: this.#enter,
      })}
      ${wide ? this.#wideGuide() : nothing} ${wide || phone ? nothing : this.#folded()}
      <main class="stage" aria-label="Stage">
        ${this.#stage.template()} ${phone ? nothing : this.#desk.template()} ${this.#notice()}
        ${this.#panic.template()}
      </main>
      ${phone ? this.#bottomSheet() : this.#aside()}
      ${app.link ? nothing : this.#time.template(this.#theme, this.#setTheme)}
      ${this.#setting.template()} ${this.#share.template()}
      ${this.#menu.template()} ${this.#experiments.template()}
      ${this.#keysShown ? keyPanel(this.#settings(), this.#toggleKeys, app.link !== null) : nothing}
      <div class="unseen" role="status" aria-live="polite" data-testid="live">${
        this.#live.text
      }</div>
    </div>`;
  }

  #wideGuide(): TemplateResult {
    return html`<aside class="guide" aria-label="Guide" tabindex="0">
      ${this.#real?.template() ?? guide(this.#app, this.#menu.name(), true)}</aside>`;
  }

  #aside(): TemplateResult {
    return html`<aside class="insp" aria-label="Inspector">${this.#inspector.template()}</aside>`;
  }

  #folded(): TemplateResult {
    const toggle = () => {
      this.#drawer = !this.#drawer;
      this.requestUpdate();
    };
    const { real } = this.#app;
    const told = this.#real ? `This tab is node ${real?.name ?? '…'}` : lineNow(this.#app);
    const whole = () =>
      this.#real?.template() ?? html`${guide(this.#app, this.#menu.name(), true)} ${this.#more()}`;
    return strip(told, this.#drawer, toggle, whole);
  }

  /** What has no room in a narrow page's bars. */
  #more(): TemplateResult | typeof nothing {
    if (this.#real) return nothing;
    const numbers = setup(this.#app, this.#setting);
    return html`<section class="more"><h3>This run</h3>${numbers}${
      this.#roomy.matches ? nothing : html`<p>${shareButton(this.#share, 'btn')}</p>`
    }</section>`;
  }

  #bottomSheet(): TemplateResult {
    return this.#sheet.template({
      guide: () => html`<aside class="guide" aria-label="Guide">${
        this.#real?.template() ?? guide(this.#app, this.#menu.name(), false)
      }
        ${this.#more()}
        ${
          this.#real
            ? nothing
            : html`<section class="more"><h3>Step by</h3>${this.#time.steps()}</section>`
        }
        <section class="more"><h3>Page</h3>${settingsRows(this.#settings())}</section>
        <section class="more"><h3>Messages seen so far</h3>${legend(this.#app)}</section></aside>`,
      desk: () => this.#desk.template(),
      insp: () => this.#aside(),
      ...(this.#real ? {} : { checks: () => checksBox(this.#app) }),
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

  /** One at a time: what opens takes the focus, and gives it back when it closes. */
  #panelChanged = (): void => {
    this.requestUpdate();
    const was = this.#wasOpen;
    const others = this.#panels.filter((one) => one !== was);
    const now = others.find((one) => one.panel().isOpen) ?? (was?.panel().isOpen ? was : null);
    if (now === was) return;
    this.#wasOpen = now;
    if (was?.panel().isOpen) was.panel().close();
    const selector = now ? now.first : was?.opener;
    if (selector) void this.updateComplete.then(() => this.#focus(selector));
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
    const away = () => {
      if (this.#keysShown) this.#toggleKeys();
      else if (this.#wasOpen) this.#wasOpen.panel().close();
      else app.unselect();
    };
    if (app.link) {
      // A real ring has no other moment and no other speed, and nobody kills but the tab itself.
      const none = () => {};
      const help = this.#toggleKeys;
      return {
        toggle: none,
        step: none,
        marker: none,
        speed: none,
        kill: none,
        why: none,
        help,
        escape: away,
      };
    }
    return {
      toggle: () => this.#time.toggle(),
      step: (way) => guard(way < 0 ? app.back() : app.step()),
      marker: (way) => guard(app.marker(way)),
      speed: (factor) => this.#time.faster(factor),
      help: this.#toggleKeys,
      escape: away,
      kill: () => this.#killOrRestart(),
      why: () => guard(this.#why()),
    };
  }

  /** Of the node that has the focus, or else of what the inspector shows. */
  async #why(): Promise<void> {
    const app = this.#app;
    const node = this.#stage.focusedNode(this.renderRoot as ShadowRoot);
    if (node >= 0) app.select({ tab: 'node', node });
    await app.pull();
    await app.askWhy();
  }

  #killOrRestart(): void {
    const index = this.#stage.focusedNode(this.renderRoot as ShadowRoot);
    if (index < 0) return;
    const node = this.#app.nodeName(index);
    const down = this.#app.frame.nodeState(index) === 1;
    void this.#app.act(down ? { restart: { node } } : { crash: { node, disk: 'keep' } });
  }
}
