import type { ReadyPick } from './pick';

const PRINT_MS = 450;

/** The stations' label printer. Its driver is synchronous: it returns when the label is out. */
export class LabelPrinter {
  private readonly line = new Int32Array(new SharedArrayBuffer(4));

  print(_pick: ReadyPick): void {
    Atomics.wait(this.line, 0, 0, PRINT_MS);
  }
}
