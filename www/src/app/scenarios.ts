/** Scenarios that the menu offers: the page's own ring and those of the test suite. */

export interface ScenarioJson {
  title?: string;
  seed?: string | number;
  config?: Record<string, unknown>;
  script?: unknown[];
  [field: string]: unknown;
}

export interface Offer {
  id: string;
  title: string;
  scenario: ScenarioJson;
}

const HOUR_MS = 3_600_000;

/**
 * The ring the page opens on. Its links are long (20 to 70 ms, across a continent), so that a
 * message is seen to travel at 100 ms a second; the timeouts have grown with them.
 */
const OPENING: ScenarioJson = {
  version: 1,
  title: 'A cart in six places',
  seed: 'mallard-42',
  config: {
    nodes: 6,
    n: 3,
    r: 2,
    w: 2,
    replica_timeout_ms: 250,
    request_timeout_ms: 2000,
    network: { latency_ms: [20, 70] },
  },
  script: [],
  until_ms: HOUR_MS,
};

const files = import.meta.glob<ScenarioJson>('../../../tests/scenarios/*.json', {
  eager: true,
  import: 'default',
});

export const OFFERS: readonly Offer[] = [
  { id: 'opening', title: OPENING.title ?? 'Opening', scenario: OPENING },
  ...Object.entries(files).map(([path, scenario]) => {
    const id = path.replace(/^.*\//, '').replace(/\.json$/, '');
    return { id, title: scenario.title ?? id, scenario };
  }),
];

export const opening = (): Offer => OFFERS[0] as Offer;

/** The same scenario from another seed. */
export const reseeded = (scenario: ScenarioJson, seed: string): ScenarioJson => ({
  ...scenario,
  seed,
});
