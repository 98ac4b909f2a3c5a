/** A trap and a failed start, as sentences: what people are told, and what they hand on. */

/** What ends an engine: a trap of the module, or its stack running over. The rest is a refusal. */
export function isTrap(error: Error): boolean {
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return true;
  // Firefox's own word for a stack that ran over.
  return error.name === 'InternalError';
}

/**
 * The panic hook writes `panicked at src/x.rs:35:9:`, the message, and a stack. People get the
 * message and the place; a trap without a panic has only the platform's word for it.
 */
export function trapText(error: Error, panic: string): string {
  const told = /^panicked at (\S+?):\d+:\n([\s\S]*?)(\n\nStack:|$)/.exec(panic);
  if (!told) return error.message;
  const [, place, message] = told;
  return `${(message ?? '').trim()} (${place})`;
}

/** Why the module never ran: no network, no wasm, or a server that sends it as something else. */
export function unstartedText(thrown: unknown): string {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  if (typeof WebAssembly === 'undefined') {
    return 'This browser has no WebAssembly, or it is switched off, and the ring runs on it.';
  }
  if (thrown instanceof WebAssembly.CompileError) {
    return `What the server sent as the WebAssembly module is not one. ${why}`;
  }
  return `The WebAssembly module could not be loaded. ${why}`;
}

/** What the page itself must have before it asks for a worker. */
export function missing(): string {
  if (typeof Worker === 'undefined') {
    return 'This browser has no Web Workers, or they are switched off, and the ring runs in one.';
  }
  return typeof WebAssembly === 'undefined' ? unstartedText(null) : '';
}
