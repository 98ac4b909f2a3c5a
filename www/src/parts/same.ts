/** Whether two values of plain data say the same. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  const isAsLarge = names.length === Object.keys(other).length;
  return isAsLarge && names.every((name) => name in other && isSame(one[name], other[name]));
}

/** The one that was there before, where it says the same: who has drawn it knows it again. */
export const kept = <T>(before: T | null | undefined, now: T): T =>
  before && isSame(before, now) ? before : now;
