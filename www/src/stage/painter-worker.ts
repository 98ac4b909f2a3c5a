/**
 * Draws the messages beside the page: without a graphics processor filling a canvas takes longer
 * than everything else that the page does for a frame. It is told a scene when the scene changes,
 * and each frame; of frames that come faster than the screen shows them it draws the newest.
 */

import { FrameView } from '../engine/frame';
import { Messages } from './messages';
import type { Told } from './painter';
import type { Palette } from './palette';
import type { Scene } from './scene';

const frame = new FrameView();
let context: OffscreenCanvasRenderingContext2D | null = null;
let palette: Palette | null = null;
let messages: Messages | null = null;
let scene: Scene | null = null;
let isTold = false;
let asked = 0;

function draw(real: number): void {
  asked = 0;
  if (messages && scene && isTold && messages.draw(real, frame, scene)) soon();
}

function soon(): void {
  if (!asked) asked = requestAnimationFrame(draw);
}

self.onmessage = ({ data }: MessageEvent<Told>): void => {
  if (data.canvas) context = data.canvas.getContext('2d');
  if (data.palette) {
    palette = data.palette;
    messages?.repaint(palette);
  }
  if (context && palette) messages ??= new Messages(context, palette);
  scene = data.scene ?? scene;
  if (data.frame) {
    frame.take(data.frame);
    isTold = true;
  }
  soon();
};

// Not every browser that lets go of a canvas lets a worker draw on it in step with the screen.
if (typeof requestAnimationFrame === 'function' && new OffscreenCanvas(1, 1).getContext('2d')) {
  self.postMessage('ready');
} else {
  throw new Error('no frames in a worker');
}
