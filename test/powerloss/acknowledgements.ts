import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes notes to the acknowledgement file: by descriptor and at once, so that the trace has them in their place. */
export class Acknowledgements<Note> {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  say(note: Note): void {
    writeSync(this.#file, `${JSON.stringify(note)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}
