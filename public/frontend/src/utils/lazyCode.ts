/** Code that is loaded when it is first needed, and again when that has failed. */
export class LazyCode<Module> {
  /** The code, once it is there. */
  module: Module | null = null;
  #loading: Promise<Module> | null = null;

  constructor(private readonly fetchModule: () => Promise<Module>) {}

  /** Rejects where the code cannot be loaded, now; it is asked for anew the next time. */
  load = (): Promise<Module> => {
    this.#loading ??= this.fetchModule().then(
      (module) => (this.module = module),
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  };

  /** Loads it ahead of need: whoever needs it says when it cannot be loaded. */
  preload = (): void => {
    this.load().catch(() => undefined);
  };
}
