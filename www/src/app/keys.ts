/** Keys that act: none while somebody types, letters only on the stage, most can be off. */

export interface Deeds {
  toggle(): void;
  step(way: -1 | 1): void;
  marker(way: -1 | 1): void;
  speed(factor: number): void;
  help(): void;
  escape(): void;
  /** K: kill the focused node, or start it again. */
  kill(): void;
  /** W: why is it so, of what is chosen. */
  why(): void;
}

export interface KeyPress {
  key: string;
  code: string;
  shift: boolean;
  /** Somebody types there: the key is a character. */
  typing: boolean;
  /** A button or a tab has focus: Space is its own. */
  onButton: boolean;
  onStage: boolean;
}

/** What a key does here, or nothing. */
export function deedOf(press: KeyPress, deeds: Deeds, letters: boolean): (() => void) | null {
  if (press.typing) return null;
  if (press.key === 'Escape') return deeds.escape;
  if (press.key === ' ') return press.onButton ? null : deeds.toggle;
  if (!letters) return null;
  // With Shift the two keys give other characters, and on each keyboard others.
  const comma = press.key === ',' || (press.shift && press.code === 'Comma');
  const stop = press.key === '.' || (press.shift && press.code === 'Period');
  if (comma || stop) {
    const way = comma ? -1 : 1;
    return () => (press.shift ? deeds.marker(way) : deeds.step(way));
  }
  if (press.key === '[') return () => deeds.speed(1 / 2);
  if (press.key === ']') return () => deeds.speed(2);
  if (press.key === '?') return deeds.help;
  if (press.key.toLowerCase() === 'k' && press.onStage) return deeds.kill;
  if (press.key.toLowerCase() === 'w' && press.onStage) return deeds.why;
  return null;
}
