import { expect, test } from 'vitest';
import { RATE_MAX, RATE_MIN, rateToSlider, sliderToRate } from './player';

test('the speed slider spans five decades and prints two figures', () => {
  expect(sliderToRate(0)).toBe(RATE_MIN);
  expect(sliderToRate(1)).toBe(RATE_MAX);
  expect(sliderToRate(0.6)).toBe(100);
  expect(sliderToRate(0.333)).toBe(4.6);
});

test('a rate comes back from its place on the slider', () => {
  for (const rate of [0.1, 4, 40, 100, 2500, 10_000]) {
    expect(sliderToRate(rateToSlider(rate))).toBe(rate);
  }
});

test('a place beyond the slider is held at its ends', () => {
  expect(sliderToRate(-1)).toBe(RATE_MIN);
  expect(sliderToRate(7)).toBe(RATE_MAX);
});
