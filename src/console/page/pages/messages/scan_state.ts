import type { Message, Messages, Scan, TailEvent } from '../../../api/messages.ts';

/** A live view keeps so many; the oldest go. */
const MAX_LIVE_MESSAGES = 500;

export interface ScanState {
  /** In the order of the log; a live view has the newest last. */
  readonly messages: readonly Message[];
  readonly scan: Scan | undefined;
  readonly scannedRecords: number;
  /** Of a live view: records that came too fast to be shown. */
  readonly droppedRecords: number;
  readonly state: 'idle' | 'scanning' | 'live';
  readonly problem: string | undefined;
}

export const NOTHING: ScanState = {
  messages: [],
  scan: undefined,
  scannedRecords: 0,
  droppedRecords: 0,
  state: 'idle',
  problem: undefined,
};

export function afterTailEvent(before: ScanState, event: TailEvent): ScanState {
  switch (event.event) {
    case 'messages': {
      const messages = [...before.messages, ...event.data].slice(-MAX_LIVE_MESSAGES);
      return { ...before, messages, scannedRecords: before.scannedRecords + event.data.length };
    }
    case 'dropped':
      return { ...before, droppedRecords: before.droppedRecords + event.data.records };
    case 'problem':
      return { ...before, problem: event.data.error };
    default:
      return before;
  }
}

export interface ScanAim {
  /** Records to find. */
  readonly wanted: number;
  /** All is read and the last ones stay, rather than stopping with the first ones. */
  readonly keepsLast: boolean;
}

export function afterStep(before: ScanState, step: Messages, { wanted, keepsLast }: ScanAim): ScanState {
  const all = [...before.messages, ...step.messages];
  return {
    ...before,
    messages: keepsLast ? all.slice(-wanted) : all,
    scan: step.scan,
    scannedRecords: before.scannedRecords + step.scan.scannedRecords,
  };
}

/** Whether a scan has what it was begun for. */
export function isOver({ messages, scan }: ScanState, { wanted, keepsLast }: ScanAim): boolean {
  if (scan === undefined) return false;
  return (
    scan.cursor === null || scan.stoppedBecause === 'failed' || (!keepsLast && messages.length >= wanted)
  );
}
