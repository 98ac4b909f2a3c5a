/** What a tab's node is called. */

/** A, B, C … Z, A1 … Z1, A2: as the simulation numbers its nodes. */
export function* letters(): Generator<string> {
  for (let round = 0; ; round++) {
    for (let i = 0; i < 26; i++) yield String.fromCharCode(65 + i) + (round > 0 ? round : '');
  }
}

/**
 * Where nodes of other machines are in the ring, a letter would be somebody's already: four random
 * letters that can be said aloud, one of ten thousand.
 */
export function* syllables(random: () => number = Math.random): Generator<string> {
  const of = (set: string) => set.charAt(Math.floor(random() * set.length));
  const syllable = () => of('bcdfghjklmnprstvwxyz') + of('aeiou');
  for (;;) {
    const word = syllable() + syllable();
    yield word.charAt(0).toUpperCase() + word.slice(1);
  }
}
