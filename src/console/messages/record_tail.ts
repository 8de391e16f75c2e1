import { Consumer } from '../../client/consumer/consumer.ts';
import { failed } from '../../model/failure.ts';
import { MAX_EVENT_STREAMS, MAX_TAIL_MESSAGES_A_SECOND } from '../../model/limits.ts';
import type { Message } from '../api/messages.ts';
import type { ConsoleNode } from '../console_node.ts';
import { EventStream } from '../event_stream.ts';
import { Refusal } from '../refusal.ts';
import type { MessageRequest } from './message_query.ts';
import { messageView, timestampTypeOf } from './message_view.ts';

const FETCH_LIMITS = { fetchMaxBytes: 1024 * 1024, maxPartitionFetchBytes: 256 * 1024 };
const POLL_MS = 1_000;
/** Between two events: a person reads no faster. */
const INTERVAL_MS = 100;
const MOST_AN_EVENT = (MAX_TAIL_MESSAGES_A_SECOND * INTERVAL_MS) / 1_000;

/** Streams of live records: as many as there may be of events. */
export class RecordTails {
  readonly #node: ConsoleNode;
  #open = 0;

  constructor(node: ConsoleNode) {
    this.#node = node;
  }

  /** Sends what is written from now on. @throws {Refusal} when there are too many streams */
  open(request: MessageRequest, signal: AbortSignal): Response {
    if (this.#open >= MAX_EVENT_STREAMS) {
      throw new Refusal(
        503,
        `There are ${MAX_EVENT_STREAMS} streams of records already: close one, or ask another node`,
      );
    }
    const consumer = new Consumer(this.#node.client, {
      ...FETCH_LIMITS,
      isolationLevel: request.isolationLevel,
    });
    this.#open++;
    const stream = new EventStream({
      clock: this.#node.ports.clock,
      signal,
      closed: () => {
        this.#open--;
        consumer.close();
      },
    });
    consumer.assign(request.partitions.map(target => ({ ...target, start: 'latest' })));
    void this.#send(consumer, stream, request);
    return stream.response;
  }

  async #send(consumer: Consumer, stream: EventStream, request: MessageRequest): Promise<void> {
    const { clock } = this.#node.ports;
    const topic = request.partitions[0]?.topic ?? '';
    const shown = { ...request, timestampType: timestampTypeOf(this.#node.image, topic) };
    while (!stream.isClosed && !this.#node.isClosed) {
      const polled = await consumer.poll({ timeoutMs: POLL_MS });
      if (failed(polled)) {
        stream.send('problem', { error: polled.message });
        await pause(INTERVAL_MS * 10);
        continue;
      }
      const wanted = request.filter === undefined ? polled : polled.filter(request.filter);
      const messages: Message[] = wanted.slice(0, MOST_AN_EVENT).map(record => messageView(record, shown));
      let dropped = wanted.length - messages.length;
      if (messages.length > 0 && !stream.send('messages', messages)) dropped = wanted.length;
      if (dropped > 0) stream.send('dropped', { records: dropped });
      if (polled.length > 0) await pause(INTERVAL_MS);
    }
    stream.close();

    function pause(ms: number): Promise<void> {
      return new Promise(resolve => {
        clock.startTimer(ms, resolve);
      });
    }
  }
}
