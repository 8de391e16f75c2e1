import { useEffect, useRef, useState } from 'preact/hooks';
import type { Message, MessageQuery, Messages, Scan, TailEvent } from '../../../api/messages.ts';
import { apiUrl, problemOf, send } from '../../state/api_client.ts';
import { readEvents } from './read_events.ts';

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

const NOTHING: ScanState = {
  messages: [],
  scan: undefined,
  scannedRecords: 0,
  droppedRecords: 0,
  state: 'idle',
  problem: undefined,
};

export interface Scanner extends ScanState {
  /** Begins anew. Goes on step by step until as many were found as wanted, or all was read. */
  search(query: MessageQuery): void;
  /** The next ones, behind those that are shown. */
  more(): void;
  /** Shows what comes from now on, until it is stopped. */
  follow(query: MessageQuery): void;
  stop(): void;
}

/** Reads messages of a topic; one reading at a time. */
export function useScan(topic: string): Scanner {
  const [state, setState] = useState<ScanState>(NOTHING);
  const running = useRef<AbortController | undefined>(undefined);
  const asked = useRef<MessageQuery>({});
  const path = `topics/${encodeURIComponent(topic)}`;

  const stop = () => {
    running.current?.abort();
    running.current = undefined;
    setState(before => ({ ...before, state: 'idle' }));
  };
  useEffect(() => stop, [topic]);

  const begin = (state: 'scanning' | 'live', kept: ScanState) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setState({ ...kept, state, problem: undefined });
    return controller;
  };
  const end = (controller: AbortController, problem: string | undefined) => {
    if (running.current !== controller) return;
    running.current = undefined;
    setState(before => ({ ...before, state: 'idle', problem }));
  };

  const scanFrom = async (query: MessageQuery, kept: ScanState) => {
    const controller = begin('scanning', kept);
    const wanted = kept.messages.length + (query.limit ?? 50);
    let { messages, scannedRecords } = kept;
    let cursor = kept.scan?.cursor ?? undefined;
    try {
      for (;;) {
        const limit = wanted - messages.length;
        const body = { ...query, limit, ...(cursor !== undefined && { cursor }) };
        const step = await send<Messages>('POST', `${path}/messages`, body, controller.signal);
        if (running.current !== controller) return;
        messages = [...messages, ...step.messages];
        scannedRecords += step.scan.scannedRecords;
        cursor = step.scan.cursor ?? undefined;
        const { scan } = step;
        setState(before => ({ ...before, messages, scan, scannedRecords }));
        const isOver = cursor === undefined || messages.length >= wanted || scan.stoppedBecause === 'failed';
        if (isOver) return end(controller, scan.problem ?? undefined);
      }
    } catch (error) {
      if (!controller.signal.aborted) end(controller, problemOf(error));
    }
  };

  const follow = async (query: MessageQuery) => {
    const controller = begin('live', NOTHING);
    const { limit: _, cursor: __, ...body } = query;
    try {
      const options = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, from: 'end' }),
        signal: controller.signal,
      };
      for await (const { event, data } of readEvents(apiUrl(`${path}/tail`), options)) {
        if (running.current !== controller) return;
        setState(before => afterTailEvent(before, { event, data: JSON.parse(data) } as TailEvent));
      }
      end(controller, 'The node has ended the live view. Begin it again.');
    } catch (error) {
      if (!controller.signal.aborted) end(controller, problemOf(error));
    }
  };

  return {
    ...state,
    search: query => {
      asked.current = query;
      void scanFrom(query, NOTHING);
    },
    more: () => void scanFrom(asked.current, state),
    follow: query => void follow(query),
    stop,
  };
}

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
