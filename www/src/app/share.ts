/**
 * A run as a link: `#run=1.` and then scenario, commands, moment and selection, packed. All of it
 * stands in the fragment, which no browser sends to a server.
 */

import { BUILD } from '../engine/report';
import type { App, Selection, Tab } from './app';
import type { ScenarioJson } from './scenarios';

export interface Run {
  /** With every command so far. */
  scenario: ScenarioJson;
  at_ms: number;
  /** Of the run at that moment, by which whoever opens it knows that it is the same. */
  digest: string;
  /** The page that made the link. */
  build: string;
  selection: Pick<Selection, 'tab' | 'node' | 'key' | 'op'>;
}

const FORMAT = '1';
/** Characters. Some that links pass through take no more. */
export const LINK_MAX = 64_000;
/** Bytes of what a link packs: a few can be unpacked into very many. */
const UNPACKED_MAX = 4_000_000;
const TABS: readonly Tab[] = ['ring', 'node', 'key', 'op'];

const notWhole = (why: string) => new Error(`This link to a run is not whole: ${why}`);

/** Throws a sentence when the run is too long for a link. */
export async function writeRun(run: Run): Promise<string> {
  const link = `#run=${FORMAT}.${await pack(JSON.stringify(run))}`;
  if (link.length > LINK_MAX) {
    const [found, most] = [link.length, LINK_MAX].map((n) => n.toLocaleString('en'));
    throw new Error(`This run takes ${found} characters; a link has at most ${most}. Save it.`);
  }
  return link;
}

/** Deflated, and in letters that an address may have. */
export async function pack(text: string): Promise<string> {
  const packed = await through(new CompressionStream('deflate-raw'), text, Infinity);
  const base64 = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Throws a sentence when the fragment is no whole run of this format. */
export async function readRun(fragment: string): Promise<Run> {
  const [, format, packed = ''] = /^#run=(\d+)\.([\w-]*)$/.exec(fragment) ?? [];
  if (!format) throw notWhole('after “run=” come a number, a full stop, letters and digits.');
  if (format !== FORMAT) {
    throw new Error(`This link to a run has format ${format}; this page reads format ${FORMAT}.`);
  }
  let run: unknown;
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), (it) =>
      it.charCodeAt(0),
    );
    const inflated = await through(new DecompressionStream('deflate-raw'), bytes, UNPACKED_MAX);
    run = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(inflated));
  } catch {
    throw notWhole('it was cut short, or changed on its way.');
  }
  return checked(run);
}

/** Throws as soon as more than `most` bytes come out. */
async function through(
  stream: CompressionStream | DecompressionStream,
  what: BlobPart,
  most: number,
): Promise<Uint8Array> {
  const out = new Blob([what]).stream().pipeThrough(stream);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (const reader = out.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(pieces).arrayBuffer());
    pieces.push(value);
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError(`more than ${most} bytes`);
    }
  }
}

function checked(run: unknown): Run {
  const { scenario, at_ms, digest, build, selection } = (run ?? {}) as Partial<Run>;
  const isMoment = typeof at_ms === 'number' && Number.isFinite(at_ms) && at_ms >= 0;
  if (typeof scenario !== 'object' || !scenario) throw notWhole('it has no scenario.');
  if (!isMoment) throw notWhole('its moment is to be a number of milliseconds, from 0 on.');
  const { tab = 'ring', node = -1, key = '', op = '' } = selection ?? {};
  const chosen = { tab: TABS.includes(tab) ? tab : 'ring', node: Number(node), key: `${key}` };
  const selected = { ...chosen, op: `${op}` };
  return { scenario, at_ms, digest: `${digest}`, build: `${build}`, selection: selected };
}

/** The run as it stands, paused. */
export async function runOf(app: App): Promise<Run> {
  await app.pause();
  const { tab, node, key, op } = app.selection;
  return {
    scenario: JSON.parse(await app.scenario()) as ScenarioJson,
    at_ms: app.frame.now,
    digest: await app.digest(),
    build: BUILD,
    selection: { tab, node, key, op },
  };
}

/** The run that a link leads to, paused at its moment. */
export async function openRun(app: App, fragment: string): Promise<void> {
  const { scenario, at_ms, digest, build, selection } = await readRun(fragment);
  await app.load(scenario).catch((error: unknown) => {
    throw new Error(`The scenario of this link is refused: ${(error as Error).message}`);
  });
  await app.seek(at_ms);
  const { nodes = [] } = app.snap?.ring ?? {};
  app.select({ ...selection, node: nodes[selection.node] ? selection.node : -1 });
  if ((await app.digest()) !== digest) {
    app.say(
      `This page (${BUILD}) plays the link’s run otherwise than the one that made it ` +
        `(${build}): what it shows here may differ from what was meant.`,
    );
  }
}
