// Where things stand in the repository.

import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
export const inRoot = (path) => `${root}/${path}`;

export const pkg = inRoot('www/pkg');
export const dist = inRoot('dist');
export const wasmFile = `${pkg}/dynamo_playground_bg.wasm`;
export const wasmTarget = 'wasm32-unknown-unknown';
/** Where cargo installs what the tests need and no package manager has. */
export const cargoTools = inRoot('target/tools');
