/**
 * What is known when the engine is gone. It is put together on the page's side of the worker, from
 * the last answers that came: a module that trapped cannot be asked any more.
 */

import type { Fatal } from './protocol';

export interface Report {
  /** False when the engine never ran. */
  started: boolean;
  /** What happened: the panic's own message. */
  what: string;
  at_ms: number;
  /** The last event that was handled in full, and its sentence where the page has it. */
  event: number;
  told: string;
  seed: string;
  build: string;
  /** Of the last good moment. */
  digest: string;
  /** Repeats the run, with the command that the engine died of. */
  scenario: string;
}

/** What the page last knew of a run that went well. */
export interface LastGood {
  at_ms: number;
  event: number;
  told: string;
  digest: string;
  /** With every command that was taken. */
  scenario: string;
}

/** What the engine was asked when it died, if that changes what happens. */
export type Deed = { load: string } | { command: string } | null;

interface ScenarioText {
  seed?: string | number;
  script?: unknown[];
}

function parse(text: string): ScenarioText {
  try {
    return JSON.parse(text) as ScenarioText;
  } catch {
    return {};
  }
}

/** The scenario that leads to where the engine died. */
function leadingThere(good: LastGood, deed: Deed): string {
  if (deed && 'load' in deed) return deed.load;
  if (!deed || !good.scenario) return good.scenario;
  const scenario = parse(good.scenario);
  const entry = { at_ms: good.at_ms, ...(parse(deed.command) as object) };
  // What a step back left undone is given up by acting, as the engine itself does it.
  const past = (scenario.script ?? []).filter((one) => atOf(one) <= good.at_ms);
  return JSON.stringify({ ...scenario, script: [...past, entry] }, null, 2);
}

const atOf = (entry: unknown): number => (entry as { at_ms?: number }).at_ms ?? 0;

export function reportOf(fatal: Fatal, good: LastGood, deed: Deed): Report {
  const scenario = leadingThere(good, deed);
  return {
    started: fatal.started,
    what: fatal.message,
    at_ms: good.at_ms,
    event: good.event,
    told: good.told,
    seed: String(parse(scenario).seed ?? ''),
    build: BUILD,
    digest: good.digest,
    scenario,
  };
}

/** Whole seconds: a moment that people can say. */
export const lastGoodSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** A built page's files are named by what is in them; the name stands for the whole build. */
export const BUILD = /-([\w-]{8})\.js(?:[?#]|$)/.exec(import.meta.url)?.[1] ?? 'development';
