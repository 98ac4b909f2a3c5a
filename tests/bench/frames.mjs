// What a frame costs the page's main thread: milliseconds of processor time, from a trace of the
// built page playing rings of three sizes. The aims are those of the first two.

import { chromium } from '@playwright/test';
import { build, preview } from 'vite';
import { inRoot } from '../../tools/lib/paths.mjs';
import { provisionChromium } from '../../tools/provision/browser.mjs';

const VIEWPORT = { width: 1440, height: 900 };
const PLAYED_MS = 5000;
const LATENCY_MS = [2000, 4000];
/** A node's round of gossip has about so many milliseconds of messages on their way. */
const IN_FLIGHT_MS = 9000;
const SIZES = [
  { nodes: 64, messages: 500, aim_ms: 4 },
  { nodes: 1000, messages: 2000, aim_ms: 8 },
  { nodes: 1000, messages: 5000 },
];

/** A ring at rest whose gossip alone has so many messages in flight. */
const scenarioOf = ({ nodes, messages }) => ({
  version: 1,
  title: 'Frames',
  seed: 'mallard-42',
  config: {
    nodes,
    gossip_interval_ms: Math.round((nodes * IN_FLIGHT_MS) / messages),
    suspect_after_ms: 600_000,
    anti_entropy: false,
    network: { latency_ms: LATENCY_MS },
  },
  script: [],
  until_ms: 3_600_000,
});

/** Gives one row a size: what was on the page, and what its frames cost. */
export async function measureFrames() {
  const outDir = inRoot('target/bench-site');
  const config = {
    configFile: inRoot('www/vite.config.ts'),
    root: inRoot('www'),
    logLevel: 'warn',
  };
  await build({ ...config, build: { outDir } });
  const server = await preview({ ...config, build: { outDir }, preview: { port: 0 } });
  const browser = await chromium.launch({
    executablePath: (await provisionChromium()) || undefined,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const rows = [];
    for (const size of SIZES) {
      rows.push(await measure(browser, server.resolvedUrls.local[0], size));
    }
    return rows;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function measure(browser, url, size) {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await page.goto(url);
  await page.getByRole('button', { name: /^Node A,/ }).waitFor();
  const inFlight = await page.evaluate(
    async (scenario) => {
      const { playground } = document.querySelector('dynamo-playground');
      await playground.ready;
      await playground.pause();
      await playground.load(scenario);
      await playground.seek(20_000);
      const { counters } = await playground.state();
      await playground.run();
      return counters.messages_sent - counters.messages_delivered - counters.messages_lost;
    },
    JSON.stringify(scenarioOf(size)),
  );
  const { frames, spent_ms, longest_ms } = await traced(page);
  await page.close();
  const per_frame_ms = spent_ms / Math.max(1, frames);
  return { ...size, in_flight: inFlight, frames, per_frame_ms, longest_ms };
}

/** Frames and the main thread's work while the page plays. */
async function traced(page) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const ended = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'devtools.timeline'] },
  });
  await page.waitForTimeout(PLAYED_MS);
  await session.send('Tracing.end');
  await ended;
  return summed(events);
}

/** Of several renderers the page's is the one that fires animation frames. */
export function summed(events) {
  const fired = events.filter(({ name }) => name === 'FireAnimationFrame');
  const [first] = fired;
  if (!first) return { frames: 0, spent_ms: 0, longest_ms: 0 };
  const { pid, tid } = first;
  const tasks = events.filter(
    (event) => event.pid === pid && event.tid === tid && event.name.endsWith('::RunTask'),
  );
  const spent = tasks.map(({ tdur = 0 }) => tdur / 1000);
  return {
    frames: fired.length,
    spent_ms: spent.reduce((sum, ms) => sum + ms, 0),
    longest_ms: Math.max(0, ...spent),
  };
}

/** For people: a line a size. */
export function tableOf(rows) {
  const line = ({ nodes, in_flight, frames, per_frame_ms, aim_ms = '', longest_ms }) =>
    String(nodes).padStart(7) +
    String(in_flight).padStart(11) +
    String(frames).padStart(8) +
    per_frame_ms.toFixed(2).padStart(12) +
    String(aim_ms).padStart(5) +
    longest_ms.toFixed(1).padStart(12);
  const head = '  nodes  in flight  frames  ms a frame  aim  longest ms';
  return ['', head, ...rows.map(line), ''].join('\n');
}
