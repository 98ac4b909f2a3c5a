// The test runner of wasm-bindgen, built from tools/runner: no tool of another version is taken.

import { must } from '../lib/process.mjs';
import { targetFolder } from '../lib/target.mjs';

/** Gives the runner's path. Beside it stands `wasm-bindgen`, for wasm-pack. */
export async function provisionRunner() {
  await must('cargo', ['build', '-p', 'runner'], 'tools/runner does not build; see above.');
  const ending = process.platform === 'win32' ? '.exe' : '';
  return `${targetFolder()}/debug/wasm-bindgen-test-runner${ending}`;
}
