import { useLayoutEffect, useReducer } from 'preact/hooks';

/** A value that parts of the page share. */
export class Store<T> {
  #value: T;
  readonly #watchers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher();
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }
}

/** The value of a store; the component is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useReducer<number, void>(count => count + 1, 0);
  const drawn = store.value;
  useLayoutEffect(() => {
    // What changed between the drawing and this.
    if (!Object.is(drawn, store.value)) redraw();
    return store.watch(() => redraw());
  }, [store]);
  return drawn;
}
