/** Does work at most every so often, however often it is asked for, and never before the last of it has come to its end. */
export class Paced {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #working = false;
  #again = false;
  readonly #work: () => Promise<unknown>;
  readonly #everyMs: number;

  /** `work` begins this many milliseconds after it is asked for. It must not fail. */
  constructor(work: () => Promise<unknown>, everyMs: number) {
    this.#work = work;
    this.#everyMs = everyMs;
  }

  readonly ask = () => {
    if (this.#working) this.#again = true;
    else this.#timer ??= setTimeout(() => void this.#run(), this.#everyMs);
  };

  /** What was asked for is not begun any more. */
  stop() {
    this.#again = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run() {
    this.#timer = undefined;
    this.#working = true;
    await this.#work();
    this.#working = false;
    if (!this.#again) return;
    this.#again = false;
    this.ask();
  }
}
