/**
 * Reads the engine's frame in place: one Float64Array per animation frame, no object per message.
 *
 *   header (16) · nodes (8 each) · messages in flight (8 each) · lost ones (8 each)
 */

const HEADER = 16;
const STRIDE = 8;

export const LAYOUT = 1;

export class FrameView {
  #data: Float64Array = new Float64Array(HEADER);

  /** Takes the next frame. A layout this page does not know is refused, not misread. */
  take(data: Float64Array): void {
    if (data[0] !== LAYOUT) throw new Error(`frame layout ${data[0]}: this page reads ${LAYOUT}`);
    this.#data = data;
  }

  /** Another array for each frame, so that who has seen this one knows it. */
  get data(): Float64Array {
    return this.#data;
  }

  #at(index: number): number {
    return this.#data[index] ?? 0;
  }

  get now(): number {
    return this.#at(1);
  }
  get handled(): number {
    return this.#at(2);
  }
  get nextEvent(): number {
    return this.#at(3);
  }
  get nodes(): number {
    return this.#at(4);
  }
  get messages(): number {
    return this.#at(5);
  }
  get inFlight(): number {
    return this.#at(6);
  }
  get digest(): string {
    const hex = (word: number) => word.toString(16).padStart(8, '0');
    return hex(this.#at(7)) + hex(this.#at(8));
  }
  get revision(): number {
    return this.#at(9);
  }
  get nextAt(): number {
    return this.#at(10);
  }
  get until(): number {
    return this.#at(11);
  }
  get lost(): number {
    return this.#at(12);
  }
  get cuts(): number {
    return this.#at(13);
  }

  #node(i: number, field: number): number {
    return this.#at(HEADER + i * STRIDE + field);
  }
  /** All that is told of a node. */
  nodeData(i: number): Float64Array {
    const from = HEADER + i * STRIDE;
    return this.#data.subarray(from, from + STRIDE);
  }
  nodeState(i: number): number {
    return this.#node(i, 0);
  }
  nodeSlow(i: number): number {
    return this.#node(i, 1);
  }
  nodeKeys(i: number): number {
    return this.#node(i, 2);
  }
  nodeHints(i: number): number {
    return this.#node(i, 3);
  }
  /** Inputs that wait for it, or for it to be done with the one before. */
  nodeQueue(i: number): number {
    return this.#node(i, 5);
  }
  /** 0 well, 1 lost, 2 full, 3 failing, 4 slow. */
  nodeDisk(i: number): number {
    return this.#node(i, 6);
  }
  nodeDiskLost(i: number): boolean {
    return this.nodeDisk(i) === 1;
  }

  #message(i: number, field: number): number {
    return this.#at(HEADER + (this.nodes + i) * STRIDE + field);
  }
  id(i: number): number {
    return this.#message(i, 0);
  }
  from(i: number): number {
    return this.#message(i, 1);
  }
  to(i: number): number {
    return this.#message(i, 2);
  }
  kind(i: number): number {
    return this.#message(i, 3);
  }
  sent(i: number): number {
    return this.#message(i, 4);
  }
  arrives(i: number): number {
    return this.#message(i, 5);
  }
  letter(i: number): number {
    return this.#message(i, 6);
  }
  op(i: number): number {
    return this.#message(i, 7);
  }

  #dead(i: number, field: number): number {
    return this.#at(HEADER + (this.nodes + this.messages + i) * STRIDE + field);
  }
  lostId(i: number): number {
    return this.#dead(i, 0);
  }
  lostFrom(i: number): number {
    return this.#dead(i, 1);
  }
  lostTo(i: number): number {
    return this.#dead(i, 2);
  }
  lostKind(i: number): number {
    return this.#dead(i, 3);
  }
  lostSent(i: number): number {
    return this.#dead(i, 4);
  }
  lostDied(i: number): number {
    return this.#dead(i, 5);
  }
  lostFraction(i: number): number {
    return this.#dead(i, 6);
  }
  lostReason(i: number): number {
    return this.#dead(i, 7);
  }
}
