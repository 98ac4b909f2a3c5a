/** The face for automation: `document.querySelector('dynamo-playground').playground`. */

import type { StepKind, WorldState } from '../engine/types';
import type { App } from './app';
import type { ScenarioJson } from './scenarios';

/** Every call is answered by the engine itself; a refusal rejects with the engine's sentence. */
export interface Playground {
  /**
   * Fulfilled once the first scenario is loaded, drawn from the engine's own answers, and running;
   * rejected with the reason when the engine cannot start. It is about the page's start alone: a
   * later `load` has a promise of its own, and a page that has stopped is known by its calls.
   */
  ready: Promise<void>;
  load(scenario: ScenarioJson | string): Promise<void>;
  /** Acts now; answers with the operation's name for a put or a get. */
  command(command: object | string): Promise<string>;
  seek(ms: number): Promise<void>;
  run(): Promise<void>;
  /** Fulfilled when nothing moves any more. */
  pause(): Promise<void>;
  /** False when there was nothing left to do. */
  step(kind: StepKind): Promise<boolean>;
  state(): Promise<WorldState>;
  digest(): Promise<string>;
  /** The scenario as JSON text, with every command so far in its script: it repeats the run. */
  scenario(): Promise<string>;
}

export function face(app: App, ready: Promise<void>): Playground {
  return {
    ready,
    load: (scenario) => app.load(scenario),
    command: (command) => app.command(command),
    seek: (ms) => app.seek(ms),
    run: async () => app.play(),
    pause: () => app.pause(),
    step: (kind) => app.step(kind),
    state: () => app.state(),
    digest: () => app.digest(),
    scenario: () => app.scenario(),
  };
}
