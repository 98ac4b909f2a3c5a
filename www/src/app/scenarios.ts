/** What a scenario is to the page, and the ring that it opens on. */

export interface ScenarioJson {
  title?: string;
  note?: string;
  seed?: string | number;
  config?: Record<string, unknown>;
  script?: { at_ms: number; [act: string]: unknown }[];
  [field: string]: unknown;
}

/** A scenario on offer, by a short name and the sentence of what to watch for. */
export interface Offer {
  id: string;
  name: string;
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

export const opening = (): Offer => {
  const title = OPENING.title ?? '';
  return { id: 'opening', name: title, title, scenario: OPENING };
};

/** How many writes a node may answer before its disk has them (§6.1); 0 where none. */
export const writeBufferOf = ({ config }: ScenarioJson): number =>
  Number(config?.write_buffer ?? 0);

/** The same scenario from another seed. */
export const reseeded = (scenario: ScenarioJson, seed: string): ScenarioJson => ({
  ...scenario,
  seed,
});
