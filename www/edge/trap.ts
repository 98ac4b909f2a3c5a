/** What ends the module: a trap, or its stack running over. The rest is a refusal. */
export function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError;
}
