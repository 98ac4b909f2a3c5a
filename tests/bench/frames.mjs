// What a frame costs the page's main thread: milliseconds of processor time, from a trace of the
// built page playing rings of three sizes. The aims are those of the first two. Pictures are those
// of the messages, which a worker draws beside the page.

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
  const { frames, spent_ms, longest_ms, parts_ms, pictures, painted_ms } = await traced(page);
  await page.close();
  const per_frame_ms = spent_ms / Math.max(1, frames);
  const per_picture_ms = painted_ms / Math.max(1, pictures);
  const parts = Object.entries(parts_ms).map(([part, ms]) => [part, ms / Math.max(1, frames)]);
  const per_part_ms = Object.fromEntries(parts);
  const counted = { frames, per_frame_ms, per_part_ms, longest_ms, pictures, per_picture_ms };
  return { ...size, in_flight: inFlight, ...counted };
}

/** The last has a worker's frames within its tasks; the first has them in none. */
const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** Frames and the main thread's work while the page plays. */
async function traced(page) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const ended = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES },
  });
  await page.waitForTimeout(PLAYED_MS);
  await session.send('Tracing.end');
  await ended;
  return summed(events);
}

const MAIN = 'CrRendererMain';

/** What a trace's events are part of; any other belongs to what it is within, at last to the rest:
 * the browser's own. */
const PART_OF = {
  FireAnimationFrame: 'script',
  FunctionCall: 'script',
  HandlePostMessage: 'script',
  TimerFire: 'script',
  EventDispatch: 'script',
  RunMicrotasks: 'script',
  UpdateLayoutTree: 'layout',
  Layout: 'layout',
  PrePaint: 'paint',
  Paint: 'paint',
  Layerize: 'paint',
  Commit: 'paint',
  MinorGC: 'gc',
  MajorGC: 'gc',
};
const PARTS = ['script', 'layout', 'paint', 'gc', 'rest'];

/**
 * Of several renderers the page's is the one whose main thread fires animation frames. A worker
 * fires them too: that one draws the pictures, and what it spends is counted apart. Time is that of
 * the processor, so neither waiting nor another thread's raster is in it.
 */
export function summed(events) {
  const threads = new Map();
  const threadOf = ({ pid, tid }) => {
    const key = `${pid} ${tid}`;
    const known = threads.get(key) ?? { pid, isMain: false, frames: 0, spans: [] };
    threads.set(key, known);
    return known;
  };
  for (const event of events) {
    const { name } = event;
    if (name === 'thread_name' && event.args.name === MAIN) threadOf(event).isMain = true;
    if (name === 'FireAnimationFrame') threadOf(event).frames += 1;
    if (event.ph === 'X') threadOf(event).spans.push(event);
  }
  const drawing = [...threads.values()].filter(({ frames }) => frames > 0);
  const main = drawing.find(({ isMain }) => isMain);
  const painters = drawing.filter((one) => !one.isMain && one.pid === main?.pid);
  const sum = (list) => list.reduce((all, one) => all + one, 0);
  const own = spentOn(main?.spans ?? []);
  return {
    frames: main?.frames ?? 0,
    spent_ms: sum(own.tasks),
    longest_ms: Math.max(0, ...own.tasks),
    parts_ms: own.parts,
    pictures: sum(painters.map(({ frames }) => frames)),
    painted_ms: sum(painters.flatMap(({ spans }) => spentOn(spans).tasks)),
  };
}

/** A thread's tasks, each within no other span, and what was spent on each part. */
function spentOn(spans) {
  const tasks = [];
  const parts = Object.fromEntries(PARTS.map((part) => [part, 0]));
  const within = [];
  spans.sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  for (const { name, ts, dur, tdur = 0 } of spans) {
    while (within.length > 0 && within.at(-1).ends <= ts) within.pop();
    const outer = within.at(-1);
    const part = PART_OF[name] ?? outer?.part ?? 'rest';
    if (outer) parts[outer.part] -= tdur / 1000;
    else tasks.push(tdur / 1000);
    parts[part] += tdur / 1000;
    within.push({ part, ends: ts + dur });
  }
  return { tasks, parts };
}

/** For people: a line a size. */
export function tableOf(rows) {
  const line = (row) =>
    String(row.nodes).padStart(7) +
    String(row.in_flight).padStart(11) +
    String(row.frames).padStart(8) +
    row.per_frame_ms.toFixed(2).padStart(12) +
    String(row.aim_ms ?? '').padStart(5) +
    PARTS.map((part) => row.per_part_ms[part].toFixed(2).padStart(8)).join('') +
    row.longest_ms.toFixed(1).padStart(12) +
    String(row.pictures).padStart(10) +
    row.per_picture_ms.toFixed(2).padStart(14);
  const parts = PARTS.map((part) => part.padStart(8)).join('');
  const before = '  nodes  in flight  frames  ms a frame  aim';
  const head = `${before}${parts}  longest ms  pictures  ms a picture`;
  return ['', head, ...rows.map(line), ''].join('\n');
}
