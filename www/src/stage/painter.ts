/**
 * The stage's canvas, and who draws on it: a worker of its own where the browser has what that
 * takes, else the page. What is drawn is the same.
 */

import type { FrameView } from '../engine/frame';
import { isSame } from '../parts/same';
import type { Messages } from './messages';
import type { Palette } from './palette';
import type { Scene } from './scene';

/** What the worker hears: only what has changed. */
export interface Told {
  canvas?: OffscreenCanvas;
  palette?: Palette;
  scene?: Scene;
  frame?: Float64Array;
}

export class Painter {
  #canvas: HTMLCanvasElement;
  #palette: Palette;
  #worker: Worker | null = null;
  /** The worker has the canvas. */
  #isAside = false;
  #here: Messages | null = null;
  #moves = false;
  #scene: Scene | null = null;
  /** Which frame was drawn last, or told. */
  #frame: unknown = null;
  #failed: (why: Error) => void;

  constructor(canvas: HTMLCanvasElement, palette: Palette, failed: (why: Error) => void) {
    this.#canvas = canvas;
    this.#palette = palette;
    this.#failed = failed;
    if (!('transferControlToOffscreen' in canvas)) void this.#drawHere();
    else this.#drawAside();
  }

  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#here = null;
  }

  repaint(palette: Palette): void {
    this.#palette = palette;
    this.#frame = null;
    this.#here?.repaint(palette);
    this.#tell({ palette });
  }

  /** Once for each of the screen's frames; it does nothing while there is nothing new. */
  draw(real: number, frame: FrameView, scene: Scene): void {
    if (!this.#here && !this.#isAside) return;
    const isNewScene = !isSame(this.#scene, scene);
    if (isNewScene) this.#scene = scene;
    const isNewFrame = frame.data !== this.#frame;
    this.#frame = frame.data;
    if (this.#here) {
      if (isNewScene || isNewFrame || this.#moves) {
        this.#moves = this.#here.draw(real, frame, this.#scene ?? scene);
      }
    } else if (isNewScene || isNewFrame) {
      this.#tell({
        ...(isNewScene && { scene }),
        // A copy: tables and labels read the page's own.
        ...(isNewFrame && { frame: frame.data.slice() }),
      });
    }
  }

  #tell(told: Told): void {
    if (!this.#isAside) return;
    const { canvas, frame } = told;
    const transfer = [...(canvas ? [canvas] : []), ...(frame ? [frame.buffer] : [])];
    this.#worker?.postMessage(told, transfer);
  }

  /** The canvas is given away only to a worker that has come up: nobody can take it back. */
  #drawAside(): void {
    const worker = painterWorker();
    if (!worker) {
      void this.#drawHere();
      return;
    }
    this.#worker = worker;
    worker.onmessage = () => {
      this.#isAside = true;
      this.#tell({ canvas: this.#canvas.transferControlToOffscreen(), palette: this.#palette });
    };
    worker.onerror = (event) => {
      this.stop();
      if (this.#isAside) {
        // The canvas is gone with it.
        const why = event.message || 'the worker that draws has ended';
        this.#failed(
          new Error(`Messages are no longer drawn until the page is loaded anew: ${why}`),
        );
        return;
      }
      event.preventDefault();
      void this.#drawHere();
    };
  }

  async #drawHere(): Promise<void> {
    const { Messages } = await import('./messages');
    const context = this.#canvas.getContext('2d');
    if (!context) throw new Error('This browser gives no 2D canvas to draw messages on.');
    this.#here = new Messages(context, this.#palette);
  }
}

/** None where a page's content policy forbids workers. */
function painterWorker(): Worker | null {
  try {
    return new Worker(new URL('./painter-worker.ts', import.meta.url), { type: 'module' });
  } catch {
    return null;
  }
}
