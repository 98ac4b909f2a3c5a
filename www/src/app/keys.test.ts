import { expect, test } from 'vitest';
import { type Deeds, deedOf, type KeyPress } from './keys';

function press(change: Partial<KeyPress>, letters = true): string[] {
  const done: string[] = [];
  const deeds: Deeds = {
    toggle: () => done.push('toggle'),
    step: (way) => done.push(`step ${way}`),
    marker: (way) => done.push(`marker ${way}`),
    speed: (factor) => done.push(`speed ${factor}`),
    help: () => done.push('help'),
    escape: () => done.push('escape'),
    kill: () => done.push('kill'),
    why: () => done.push('why'),
  };
  const plain = { code: '', shift: false, typing: false, onButton: false, onStage: true };
  deedOf({ key: '', ...plain, ...change }, deeds, letters)?.();
  return done;
}

test('nothing acts while somebody types, not even Escape', () => {
  for (const key of [' ', 'k', ',', '?', 'Escape'])
    expect(press({ key, typing: true })).toEqual([]);
});

test('W asks on the stage only, and not once letters are off', () => {
  expect(press({ key: 'w' })).toEqual(['why']);
  expect(press({ key: 'w', onStage: false })).toEqual([]);
  expect(press({ key: 'w' }, false)).toEqual([]);
});

test('K acts on the stage only, in either case', () => {
  expect(press({ key: 'k' })).toEqual(['kill']);
  expect(press({ key: 'K' })).toEqual(['kill']);
  expect(press({ key: 'k', onStage: false })).toEqual([]);
});

test('Shift turns a step into a marker, whatever character the keyboard makes of it', () => {
  expect(press({ key: ',', code: 'Comma' })).toEqual(['step -1']);
  expect(press({ key: '<', code: 'Comma', shift: true })).toEqual(['marker -1']);
  expect(press({ key: ':', code: 'Period', shift: true })).toEqual(['marker 1']);
});

test('switched off, no letter or sign acts, and Space and Escape still do', () => {
  for (const key of ['k', ',', '.', '[', ']', '?']) expect(press({ key }, false)).toEqual([]);
  expect(press({ key: ' ' }, false)).toEqual(['toggle']);
  expect(press({ key: 'Escape' }, false)).toEqual(['escape']);
});

test('Space on a button is the button’s own', () => {
  expect(press({ key: ' ', onButton: true })).toEqual([]);
});
