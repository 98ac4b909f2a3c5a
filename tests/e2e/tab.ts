/** A tab that is a real node, as a person finds it; and the ways to end one. */

import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test';

interface OwnNode {
  keys: Record<string, unknown>;
  hints: { for: string; key: string }[];
}

interface Face {
  command(command: object): Promise<string>;
  state(): Promise<{
    ops: Record<string, { outcome: string; versions?: { value?: string }[] }>;
    nodes: Record<string, OwnNode>;
  }>;
}

export interface Outcome {
  outcome: string;
  values: string[];
}

export class Tab {
  readonly page: Page;
  readonly answers: Locator;

  constructor(page: Page) {
    this.page = page;
    this.answers = page.getByRole('list', { name: 'Answers' }).getByRole('listitem');
  }

  static async open(context: BrowserContext, address: string): Promise<Tab> {
    const page = await context.newPage();
    await page.goto(address);
    return new Tab(page);
  }

  /** From the simulated ring, by the button. */
  static async found(context: BrowserContext, suffix = ''): Promise<Tab> {
    const tab = await Tab.open(context, `/${suffix}`);
    await tab.page.getByRole('button', { name: 'Join as a node' }).click();
    await tab.isMember();
    return tab;
  }

  async isMember(): Promise<void> {
    await expect(
      this.page.getByRole('status').filter({ hasText: /It is (a member|alone)/ }),
    ).toBeVisible({ timeout: 20_000 });
  }

  /** Until it believes in so many, and in no more. */
  async sees(members: number): Promise<void> {
    const list = this.page.getByRole('list', { name: 'Members' }).getByRole('listitem');
    await this.inspect('This ring');
    await expect(list).toHaveCount(members, { timeout: 20_000 });
  }

  async inspect(tab: string): Promise<void> {
    await this.page.getByRole('tab', { name: tab, exact: true }).click();
  }

  async name(): Promise<string> {
    const title = this.page.getByRole('heading', { name: /^This tab is node / });
    return (await title.innerText()).replace('This tab is node ', '');
  }

  /** The link that invites another tab. */
  invitation(): Promise<string> {
    return this.page.getByLabel('link to this ring').inputValue();
  }

  async #choose(op: 'Put' | 'Get' | 'Delete', key: string): Promise<void> {
    const group = this.page.getByRole('group', { name: 'Operation' });
    await group.getByRole('button', { name: op }).click();
    await this.page.getByLabel('key', { exact: true }).fill(key);
  }

  async #send(answer: RegExp): Promise<void> {
    const before = await this.answers.first().innerText();
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(this.answers.first()).not.toHaveText(before);
    await expect(this.answers.first()).toContainText(answer, { timeout: 15_000 });
  }

  async put(key: string, value: string): Promise<void> {
    await this.#choose('Put', key);
    await this.page.getByLabel('value').fill(value);
    await this.#send(/accepted/);
  }

  async get(key: string, answer: RegExp): Promise<void> {
    await this.#choose('Get', key);
    await this.#send(answer);
    await this.answers
      .first()
      .getByRole('button', { name: /^Operation/ })
      .click();
  }

  async delete(key: string): Promise<void> {
    await this.#choose('Delete', key);
    await this.#send(/accepted/);
  }

  // ── many at once, by the face for automation ────────────────────────────────────────────────

  /** Asks and waits for the answer, without a person's hands. */
  ask(command: object): Promise<Outcome> {
    return this.page.evaluate(async (json) => {
      const { playground } = document.querySelector('dynamo-playground') as unknown as {
        playground: Face;
      };
      const name = await playground.command(json);
      for (;;) {
        const op = (await playground.state()).ops[name];
        if (op && op.outcome !== 'pending') {
          // A put that was passed on twice has two versions of one value.
          const values = new Set((op.versions ?? []).map((version) => version.value ?? ''));
          return { outcome: op.outcome, values: [...values] };
        }
        await new Promise((wait) => setTimeout(wait, 5));
      }
    }, command);
  }

  /** What a get says; one that came to no answer in time, on a starved machine, is asked again. */
  async read(key: string): Promise<Outcome> {
    for (let tries = 1; ; tries++) {
      const answer = await this.ask({ get: { key } });
      if (answer.outcome === 'ok' || tries === 3) return answer;
    }
  }

  /** Puts one key after another, for as long as the tab lives; tells of each that was accepted. */
  async putOnAndOn(prefix: string, accepted: (key: string) => void): Promise<void> {
    await this.page.exposeFunction('acceptedPut', accepted);
    await this.page.evaluate((start) => {
      const { playground } = document.querySelector('dynamo-playground') as unknown as {
        playground: Face;
      };
      const told = (window as unknown as { acceptedPut(key: string): Promise<void> }).acceptedPut;
      const one = async (key: string) => {
        const name = await playground.command({ put: { key, value: key } });
        for (;;) {
          const outcome = (await playground.state()).ops[name]?.outcome;
          if (outcome === 'ok') return told(key);
          if (outcome !== 'pending') return;
          await new Promise((wait) => setTimeout(wait, 1));
        }
      };
      const loop = async (lane: number) => {
        for (let i = 0; ; i++) await one(`${start}-${lane}-${i}`);
      };
      for (let lane = 0; lane < 4; lane++) void loop(lane);
    }, prefix);
  }

  /** The keys that this very node stores, hints apart. */
  async stored(): Promise<string[]> {
    return Object.keys((await this.#own()).keys);
  }

  /** The keys of the hints that it holds for another. */
  async hints(owner: string): Promise<string[]> {
    const { hints } = await this.#own();
    return hints.filter((hint) => hint.for === owner).map((hint) => hint.key);
  }

  async #own(): Promise<OwnNode> {
    const name = await this.name();
    return this.page.evaluate(async (me) => {
      const { playground } = document.querySelector('dynamo-playground') as unknown as {
        playground: Face;
      };
      const own = (await playground.state()).nodes[me];
      if (!own) throw new Error(`${me} does not know itself`);
      return own;
    }, name);
  }

  /** The renderer dies, between one instruction and the next; nobody is told. */
  async kill(): Promise<void> {
    const crashed = this.page.waitForEvent('crash');
    const session = await this.page.context().newCDPSession(this.page);
    // The answer never comes: who would give it is dead.
    session.send('Page.crash').catch(() => {});
    await crashed;
    await this.page.close();
  }
}
