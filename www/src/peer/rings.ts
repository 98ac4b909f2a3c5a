/** The real rings that this browser is in, so that a tab finds its way back without the link. */

import { type RingLink, readLink, writeLink } from './link';

const RINGS = 'dynamo.rings';
const RINGS_MAX = 8;
const me = (ring: string) => `dynamo.me.${ring}`;

/** Newest first. A browser that keeps nothing for this page has none. */
export function knownRings(): RingLink[] {
  try {
    const links = JSON.parse(localStorage.getItem(RINGS) ?? '[]') as string[];
    return links.map(readLink).filter((link) => link !== null);
  } catch {
    return [];
  }
}

export function remember(link: RingLink, name: string): void {
  const others = knownRings().filter((one) => one.ring !== link.ring);
  const links = [link, ...others].slice(0, RINGS_MAX).map(writeLink);
  try {
    localStorage.setItem(RINGS, JSON.stringify(links));
    // Of this tab alone, and there again when it is loaded again.
    sessionStorage.setItem(me(link.ring), name);
  } catch {
    // Then the link alone leads back.
  }
}

export function forget(ring: string): void {
  try {
    const links = knownRings().filter((one) => one.ring !== ring);
    localStorage.setItem(RINGS, JSON.stringify(links.map(writeLink)));
    sessionStorage.removeItem(me(ring));
  } catch {
    // It keeps nothing, so nothing is to be forgotten.
  }
}

/** Whom this very tab was, before it was loaded again. */
export function formerName(ring: string): string {
  try {
    return sessionStorage.getItem(me(ring)) ?? '';
  } catch {
    return '';
  }
}

/** The whole address that makes another tab a node of this ring. */
export const addressOf = (link: RingLink): string =>
  `${location.origin}${location.pathname}${location.search}${writeLink(link)}`;
