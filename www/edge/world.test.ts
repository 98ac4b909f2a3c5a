import { expect, test, vi } from 'vitest';
import { type World, type WorldOptions, worldFace } from './world';

/** A world that needs so many slices. */
function world(slices: number): World & { freed: boolean } {
  const frame = new Float64Array(16);
  frame[11] = 1000;
  return {
    freed: false,
    advance() {
      frame[1] = 123.4;
      slices -= 1;
      return slices <= 0;
    },
    frame: () => frame,
    state: () => ({ digest: '00' }),
    free() {
      this.freed = true;
    },
  };
}

function face(options: Partial<WorldOptions>) {
  return worldFace({
    build: () => world(1),
    onTrap: () => undefined,
    origins: ['http://127.0.0.1:*', 'https://play.example'],
    ...options,
  });
}

const post = (headers = {}) => new Request('http://h/run', { method: 'POST', body: '{}', headers });

test('a world that takes too long is ended, freed, and says how far it came', async () => {
  const endless = world(Number.POSITIVE_INFINITY);
  const response = await face({ build: () => endless, wallMsMax: 20 })(post());
  expect(response.status).toBe(503);
  const { error } = (await response.json()) as { error: string };
  expect(error).toMatch(/^0\.02 s of wall time were over when the world stood at 123 of 1000 ms/);
  expect(endless.freed).toBe(true);
});

test('a trap is told to the host, which must start the module anew', async () => {
  const onTrap = vi.fn();
  const build = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  await expect(face({ build, onTrap })(post())).rejects.toThrow('unreachable');
  expect(onTrap).toHaveBeenCalledOnce();
});

test('a world that was refused leaves its place to the next', async () => {
  const build = () => {
    throw new Error('seed: found nothing');
  };
  const one = face({ build, runsMax: 1 });
  for (let i = 0; i < 3; i++) expect((await one(post())).status).toBe(400);
});

test('pages are held to the list of origins, and what is no page is not', async () => {
  const ask = async (origin: string) => (await face({})(post({ Origin: origin }))).status;
  expect(await ask('http://127.0.0.1:5173')).toBe(200);
  expect(await ask('https://play.example')).toBe(200);
  for (const stranger of [
    'https://evil.example',
    'http://127.0.0.1.evil.example',
    'http://127.0.0.1:80.evil.example',
    'https://play.example:444',
    'null',
  ]) {
    expect(await ask(stranger)).toBe(403);
  }
  expect((await face({})(post())).status).toBe(200);
});

test('an answer may be read by the page that is allowed to, and by no other', async () => {
  const readable = async (origin: string) =>
    (await face({})(post({ Origin: origin }))).headers.get('Access-Control-Allow-Origin');
  expect(await readable('https://play.example')).toBe('https://play.example');
  expect(await readable('https://evil.example')).toBe(null);
});

test('a question beforehand is answered with the methods', async () => {
  const headers = { Origin: 'https://play.example', 'Access-Control-Request-Headers': 'x-y' };
  const asked = new Request('http://h/run', { method: 'OPTIONS', headers });
  const response = await face({})(asked);
  expect(response.status).toBe(204);
  expect(response.headers.get('Access-Control-Allow-Methods')).toBe('POST, OPTIONS');
  expect(response.headers.get('Access-Control-Allow-Headers')).toBe('x-y');
});
