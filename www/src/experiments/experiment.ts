/** What an experiment is to the panel that shows it. */

import type { TemplateResult } from 'lit';

export interface Experiment {
  readonly title: string;
  body(): TemplateResult;
  /** Gives up what is under way. */
  stop(): void;
}
