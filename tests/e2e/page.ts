/** The page as a person finds it: by role and name. */

import { expect, type Locator, type Page } from '@playwright/test';

/** The automation face, as a test's own code in the page sees it. */
export interface Face {
  ready: Promise<void>;
  load(scenario: object | string): Promise<void>;
  command(command: object): Promise<string>;
  seek(ms: number): Promise<void>;
  run(): Promise<void>;
  pause(): Promise<void>;
  step(kind: string): Promise<boolean>;
  state(): Promise<{ now_ms: number; ops: Record<string, { outcome: string }> }>;
  digest(): Promise<string>;
  scenario(): Promise<string>;
}

export class Playground {
  readonly page: Page;
  readonly sentence: Locator;
  readonly answers: Locator;
  readonly tasks: Locator;

  constructor(page: Page) {
    this.page = page;
    this.sentence = page.getByTestId('sentence');
    this.answers = page.getByRole('list', { name: 'Answers' }).getByRole('listitem');
    this.tasks = page.getByRole('list', { name: 'Tasks' }).getByRole('listitem');
  }

  static async open(page: Page): Promise<Playground> {
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));
    await page.goto('/');
    const playground = new Playground(page);
    await expect(playground.node('A')).toBeVisible();
    expect(failures).toEqual([]);
    return playground;
  }

  /** Loads a scenario and stands at this moment of it, paused. */
  async at(scenario: object, ms: number): Promise<void> {
    await this.page.evaluate(
      async ([text, at]) => {
        const { playground } = document.querySelector('dynamo-playground') as unknown as {
          playground: Face;
        };
        await playground.ready;
        await playground.pause();
        await playground.load(text as string);
        await playground.pause();
        await playground.seek(at as number);
      },
      [JSON.stringify(scenario), ms],
    );
  }

  node(name: string): Locator {
    return this.page.getByRole('button', { name: new RegExp(`^Node ${name},`) });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The node's accessible name: what it is, for eyes and ears alike. */
  async named(name: string): Promise<string> {
    return (await this.node(name).getAttribute('aria-label')) ?? '';
  }

  /** Real seconds are dear: virtual time may run a hundred times faster than on opening. */
  async hurry(): Promise<void> {
    await this.page.getByRole('slider', { name: 'Speed' }).fill('1000');
  }

  async slowly(): Promise<void> {
    await this.page.getByRole('slider', { name: 'Speed' }).fill('600');
  }

  async put(value: string, via: string): Promise<void> {
    await this.button('Put').click();
    await this.page.getByLabel('value').fill(value);
    await this.page.getByLabel('via').selectOption(via);
    await this.button('Send').click();
  }

  async get(via: string): Promise<void> {
    await this.button('Get').click();
    await this.page.getByLabel('via').selectOption(via);
    await this.button('Send').click();
  }

  /** The newest answer, once it is there. */
  async accepted(text: RegExp): Promise<void> {
    await expect(this.answers.first()).toContainText(text, { timeout: 15_000 });
  }

  /** Who wears this number in the key's preference list, read where people read it. */
  async replica(place: number): Promise<string> {
    const panel = this.page.getByRole('tabpanel');
    const row = panel
      .locator('.rr')
      .filter({ has: this.page.getByText(String(place), { exact: true }) });
    return (await row.first().locator('b').first().textContent())?.trim() ?? '';
  }
}
