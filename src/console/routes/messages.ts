import { type Context, Hono } from 'hono';
import { MAX_EXPORT_MESSAGES, MAX_EXPORTS, MAX_SCANS } from '../../model/limits.ts';
import type { ConsoleServices } from '../console_services.ts';
import { exportMessages } from '../messages/export_messages.ts';
import { messageForms, messageRequest } from '../messages/message_query.ts';
import { messageView, timestampTypeOf } from '../messages/message_view.ts';
import { MessageWriter } from '../messages/produce_messages.ts';
import { readMessages } from '../messages/read_messages.ts';
import { readRecord } from '../messages/read_record.ts';
import { RecordTails } from '../messages/record_tail.ts';
import { Refusal } from '../refusal.ts';
import { RequestFields } from '../request_fields.ts';

/** Of a payload that is shown whole. */
const WHOLE_CHARACTERS = 1024 * 1024;
const EXPORT_LIMITS = { mostRecords: MAX_EXPORT_MESSAGES, records: 10_000, patienceMs: 30_000 };
const RECORD = '/api/v1/topics/:name/messages/:partition{[0-9]+}/:offset{[0-9]+}';

/** `/api/v1/topics/:name/messages` and what is like it: reading records, and writing them. */
export function messageRoutes({ node }: ConsoleServices): Hono {
  const tails = new RecordTails(node);
  const writer = new MessageWriter(node);
  const scans = new Places(MAX_SCANS, 'scans');
  const exports = new Places(MAX_EXPORTS, 'exports');

  const read = async (context: Context) => {
    const request = await messageRequest(node, nameOf(context), await RequestFields.of(context));
    const end = scans.take();
    try {
      return context.json(await readMessages(node, request));
    } finally {
      end();
    }
  };

  const tail = async (context: Context) => {
    const request = await messageRequest(node, nameOf(context), await RequestFields.of(context));
    return tails.open(request, context.req.raw.signal);
  };

  const download = async (context: Context) => {
    const fields = await RequestFields.of(context);
    const format = RequestFields.ofQuery(context).word('format', ['jsonl', 'csv'], 'jsonl');
    const request = await messageRequest(node, nameOf(context), fields, EXPORT_LIMITS);
    const end = exports.take();
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8';
    const name = `${nameOf(context)}.${format}`;
    return streamed(exportMessages(node, request, format), { type, name, end });
  };

  const record = async (context: Context) => {
    const topic = node.topic(nameOf(context));
    const target = node.partition(topic, Number(context.req.param('partition')));
    return await readRecord(node, target, BigInt(context.req.param('offset')!));
  };

  const payload = async (context: Context, part: 'key' | 'value') => {
    const found = await record(context);
    const bytes = found[part];
    if (bytes === null) throw new Refusal(404, `The record has no ${part}`);
    const name = `${nameOf(context)}-${found.partition}-${found.offset}.${part}.bin`;
    return new Response(new Uint8Array(bytes), {
      headers: downloadHeaders('application/octet-stream', name),
    });
  };

  return new Hono()
    .on(['GET', 'POST'], '/api/v1/topics/:name/messages', read)
    .on(['GET', 'POST'], '/api/v1/topics/:name/tail', tail)
    .on(['GET', 'POST'], '/api/v1/topics/:name/export', download)
    .get(RECORD, async context => {
      const forms = await messageForms(RequestFields.ofQuery(context));
      const timestampType = timestampTypeOf(node.image, nameOf(context));
      return context.json(
        messageView(await record(context), { forms, maxChars: WHOLE_CHARACTERS, timestampType }),
      );
    })
    .get(`${RECORD}/key`, context => payload(context, 'key'))
    .get(`${RECORD}/value`, context => payload(context, 'value'))
    .post('/api/v1/topics/:name/messages/produce', async context =>
      context.json(await writer.produce(nameOf(context), await RequestFields.ofBody(context)), 201),
    )
    .post('/api/v1/topics/:name/messages/reproduce', async context =>
      context.json(await writer.reproduce(nameOf(context), await RequestFields.ofBody(context)), 201),
    );
}

/** What may run so many times at once. */
class Places {
  readonly #most: number;
  readonly #what: string;
  #taken = 0;

  constructor(most: number, what: string) {
    this.#most = most;
    this.#what = what;
  }

  /** @returns what gives the place back, once. @throws {Refusal} when all are taken */
  take(): () => void {
    if (this.#taken >= this.#most) {
      throw new Refusal(
        503,
        `${this.#most} ${this.#what} run already: try again in a moment, or ask another node`,
      );
    }
    this.#taken++;
    let isOver = false;
    return () => {
      if (!isOver) this.#taken--;
      isOver = true;
    };
  }
}

function nameOf(context: Context): string {
  return context.req.param('name') ?? '';
}

/** Names of topics have nothing in them that a header could not hold. */
function downloadHeaders(type: string, name: string): Record<string, string> {
  return { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` };
}

function streamed(
  pieces: AsyncGenerator<string>,
  { end, name, type }: { readonly type: string; readonly name: string; readonly end: () => void },
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await pieces.next();
        if (next.done !== true) return controller.enqueue(encoder.encode(next.value));
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      end();
    },
    async cancel() {
      end();
      await pieces.return(undefined);
    },
  });
  return new Response(body, { headers: downloadHeaders(type, name) });
}
