/** One stylesheet per component, adopted by the element's shadow root. */

import { type CSSResult, unsafeCSS } from 'lit';
import base from './styles/base.css?inline';
import corners from './styles/corners.css?inline';
import desk from './styles/desk.css?inline';
import experiments from './styles/experiments.css?inline';
import forced from './styles/forced.css?inline';
import frame from './styles/frame.css?inline';
import glyphs from './styles/glyphs.css?inline';
import loads from './styles/loads.css?inline';
import menu from './styles/menu.css?inline';
import panels from './styles/panels.css?inline';
import real from './styles/real.css?inline';
import settings from './styles/settings.css?inline';
import stage from './styles/stage.css?inline';
import tables from './styles/tables.css?inline';
import time from './styles/time.css?inline';
import tokens from './styles/tokens.css?inline';
import why from './styles/why.css?inline';

export const sheets: CSSResult[] = [
  tokens,
  base,
  frame,
  stage,
  glyphs,
  corners,
  desk,
  panels,
  why,
  loads,
  settings,
  menu,
  experiments,
  time,
  tables,
  real,
  forced,
].map((text) => unsafeCSS(text));
