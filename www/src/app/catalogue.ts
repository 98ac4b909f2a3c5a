/**
 * All that the menu offers: the scenarios of the test suite, and what each of them shows. Loaded
 * with the menu, not with the page.
 */

import { type Offer, opening, type ScenarioJson } from './scenarios';

export interface Group {
  /** Its number among the paper's behaviours; nothing for other groups. */
  number?: number;
  what: string;
  /** Sections of the paper. */
  paper?: string;
  offers: readonly Offer[];
}

interface Shows {
  number?: number;
  what: string;
  paper?: string;
  scenarios: string[];
}

const files = import.meta.glob<ScenarioJson>('../../../tests/scenarios/*.json', {
  eager: true,
  import: 'default',
});

const index = Object.values(
  import.meta.glob<{ behaviours: Shows[]; traces: Shows[] }>('../../../tests/shows.json', {
    eager: true,
    import: 'default',
  }),
)[0];

const OFFERS = new Map(
  Object.entries(files).map(([path, scenario]) => {
    const id = path.replace(/^.*\//, '').replace(/\.json$/, '');
    return [id, { id, name: nameOf(id), title: scenario.title ?? id, scenario }];
  }),
);

/** `slow-node` as people write it. */
function nameOf(id: string): string {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const groupOf = ({ scenarios, ...rest }: Shows): Group => ({
  ...rest,
  offers: scenarios.flatMap((id) => OFFERS.get(id) ?? []),
});

export const OPENING: Group = { what: '', offers: [opening()] };
/** The nineteen of the paper, in its order. */
export const BEHAVIOURS: readonly Group[] = (index?.behaviours ?? []).map(groupOf);
export const TRACES: readonly Group[] = (index?.traces ?? []).map(groupOf);

/** A group with those of its offers that have all these words somewhere; none when none has. */
export function found(group: Group, search: string): Group | null {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const about = `${group.what} ${group.paper ?? ''}`.toLowerCase();
  const fits = ({ name, title }: Offer) => {
    const text = `${about} ${name} ${title}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const offers = group.offers.filter(fits);
  return offers.length ? { ...group, offers } : null;
}

/** What the scenario with this title is called; the title itself where nobody knows it. */
export const called = (title: string): string =>
  [...OFFERS.values()].find((offer) => offer.title === title)?.name ?? title;
