import { Store } from './store.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'info';

export interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

const MAX_TOASTS = 4;
const SHOWN_MS = 7_000;

export const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

/** Says something in the corner; what is bad stays until it is closed. */
export function toast(tone: Tone, text: string): void {
  const id = ++lastId;
  toasts.set([...toasts.value, { id, tone, text }].slice(-MAX_TOASTS));
  if (tone !== 'bad') setTimeout(() => closeToast(id), SHOWN_MS);
}

export function closeToast(id: number): void {
  toasts.set(toasts.value.filter(each => each.id !== id));
}
