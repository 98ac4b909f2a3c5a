// A failure that a person can act on: printed as a sentence, without a stack.

export class Trouble extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}
