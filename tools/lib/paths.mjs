// Where things stand in the repository.

import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
export const inRoot = (path) => `${root}/${path}`;

export const pkg = inRoot('www/pkg');
export const dist = inRoot('dist');
/**
 * The modules in it: what each is called, the feature of the crate that makes it, and how it is
 * compiled (`Cargo.toml`). A page waits for the first or the second, and they keep up with their
 * rings easily; whoever asks for an experiment waits for what it plays.
 */
export const modules = [
  { name: 'dynamo_playground', feature: 'world', profile: 'wasm' },
  { name: 'dynamo_peer', feature: 'peer', profile: 'wasm' },
  { name: 'dynamo_swarm', feature: 'swarm', profile: 'wasm-fast' },
];
export const wasmFile = ({ name }) => `${pkg}/${name}_bg.wasm`;
export const wasmTarget = 'wasm32-unknown-unknown';
/** Where cargo installs what the tests need and no package manager has. */
export const cargoTools = inRoot('target/tools');
