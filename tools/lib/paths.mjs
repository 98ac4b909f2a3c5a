// Where things stand in the repository.

import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
export const inRoot = (path) => `${root}/${path}`;

export const pkg = inRoot('www/pkg');
export const dist = inRoot('dist');
/** The modules in it: what each is called, and the feature of the crate that makes it. */
export const modules = [
  { name: 'dynamo_playground', feature: 'world' },
  { name: 'dynamo_peer', feature: 'peer' },
  { name: 'dynamo_swarm', feature: 'swarm' },
];
export const wasmFile = ({ name }) => `${pkg}/${name}_bg.wasm`;
export const wasmTarget = 'wasm32-unknown-unknown';
/** Where cargo installs what the tests need and no package manager has. */
export const cargoTools = inRoot('target/tools');
