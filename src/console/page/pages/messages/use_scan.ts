import { useEffect, useRef, useState } from 'preact/hooks';
import type { MessageQuery, Messages, TailEvent } from '../../../api/messages.ts';
import { apiUrl, problemOf, send } from '../../state/api_client.ts';
import type { Search } from './message_form.ts';
import { readEvents } from './read_events.ts';
import { afterStep, afterTailEvent, isOver, NOTHING, type ScanState } from './scan_state.ts';

/** Records that the node answers at once at most. */
const MAX_STEP = 500;

export interface Scanner extends ScanState {
  /** Begins anew. Goes on step by step until as many were found as wanted, or all was read. */
  search(search: Search): void;
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
  const asked = useRef<Search>({ query: {}, aim: { wanted: 0, keepsLast: false } });
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

  const scanFrom = async ({ query, aim }: Search, kept: ScanState) => {
    const controller = begin('scanning', kept);
    let found = kept;
    try {
      do {
        const limit = aim.keepsLast ? MAX_STEP : Math.min(MAX_STEP, aim.wanted - found.messages.length);
        const cursor = found.scan?.cursor ?? undefined;
        const body = { ...query, limit, ...(cursor !== undefined && { cursor }) };
        const step = await send<Messages>('POST', `${path}/messages`, body, controller.signal);
        if (running.current !== controller) return;
        found = afterStep(found, step, aim);
        setState({ ...found, state: 'scanning' });
      } while (!isOver(found, aim));
      end(controller, found.scan?.problem ?? undefined);
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
    search: search => {
      asked.current = search;
      void scanFrom(search, NOTHING);
    },
    more: () => {
      const { query, aim } = asked.current;
      void scanFrom({ query, aim: { ...aim, wanted: state.messages.length + aim.wanted } }, state);
    },
    follow: query => void follow(query),
    stop,
  };
}
