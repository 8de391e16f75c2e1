import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { bundlePage } from '../../../../scripts/build_page.ts';
import type { Silence, SilenceRequest } from '../../../../src/console/api/alerts.ts';
import type { Page } from '../../../../src/console/api/common.ts';
import type { ClusterEvent } from '../../../../src/console/api/events.ts';
import type { GroupReset, GroupResetRequest } from '../../../../src/console/api/groups.ts';
import type { MessageQuery, Messages } from '../../../../src/console/api/messages.ts';
import { HttpServer } from '../../../../src/console/http_server.ts';
import { pageRoutes } from '../../../../src/console/routes/page.ts';
import { securityHeaders } from '../../../../src/console/security_headers.ts';
import { failed } from '../../../../src/model/failure.ts';
import { FixtureData, NOON_MS } from './fixture_data.ts';

/** A change that the page asked for. */
export interface ReceivedChange {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** The page as it is built now, in a folder of its own. */
export async function buildPage(): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-page-'));
  await bundlePage(folder);
  return folder;
}

/** Serves the page, and the API with canned answers: what the page does is tested apart from a cluster. */
export class FixtureNode {
  readonly data: FixtureData;
  readonly changes: ReceivedChange[] = [];
  /** Answers with this in place of the canned ones, by `METHOD path`. */
  readonly refusals = new Map<string, { status: 400 | 403 | 404 | 409 | 429 | 503; error: string }>();
  readonly #pageFolder: string;
  readonly #streams = new Set<(event: ClusterEvent) => void>();
  #silences: Silence[] = [];
  #server = new HttpServer();
  #port = 0;

  private constructor(data: FixtureData, pageFolder: string) {
    this.data = data;
    this.#pageFolder = pageFolder;
  }

  static async start(pageFolder: string, data = new FixtureData()): Promise<FixtureNode> {
    const node = new FixtureNode(data, pageFolder);
    await node.listen();
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/console/`;
  }

  /** Serves, at the same port when it did before. */
  async listen(): Promise<void> {
    this.#server = new HttpServer();
    const address = await this.#server.listen({ host: '127.0.0.1', port: this.#port }, async () =>
      this.#app(),
    );
    if (failed(address)) throw new Error(address.message);
    this.#port = address.port;
  }

  /** As a node does that is killed. */
  async close(): Promise<void> {
    this.#streams.clear();
    await this.#server.close();
  }

  /** Tells it to every page that is open. */
  emit(event: ClusterEvent): void {
    for (const stream of this.#streams) stream(event);
  }

  /** Broker 2 goes, and the others take over. */
  loseBroker2(): void {
    const { data } = this;
    const moves = data
      .replicaMap()
      .partitions.filter(({ leader }) => leader === 2)
      .map(({ topic, partition }) => ({ topic, partition, from: 2, to: 3, leaderEpoch: 5 }));
    data.isBroker2Gone = true;
    const atMs = Date.now();
    const broker = data.brokers.find(({ id }) => id === 2)!;
    this.emit({ event: 'broker', data: { atMs, text: 'Broker 2 is gone.', id: 2, what: 'fenced', broker } });
    const text = `${moves.length} partitions that broker 2 led are now led by brokers 1 and 3.`;
    this.emit({ event: 'leaders', data: { atMs, text, moves, count: moves.length, isCut: false } });
    this.emit({ event: 'cluster', data: data.cluster() });
  }

  #app(): Hono {
    const app = new Hono().use(securityHeaders());
    app.use(async (context, next) => {
      const asked = `${context.req.method} ${context.req.path.replace('/api/v1/', '')}`;
      const refusal = this.refusals.get(asked);
      if (refusal !== undefined) return context.json({ error: refusal.error }, refusal.status);
      if (context.req.method !== 'GET') {
        const body = await context.req.json().catch(() => undefined);
        this.changes.push({
          method: context.req.method,
          path: context.req.path.replace('/api/v1/', ''),
          body,
        });
      }
      return await next();
    });
    app.route('/', pageRoutes({ folder: this.#pageFolder }));
    app.get('/health/live', context => context.json({ status: 'live' }));
    app.route('/api/v1', this.#clusterRoutes());
    app.route('/api/v1', this.#topicRoutes());
    app.route('/api/v1', this.#groupRoutes());
    app.route('/api/v1', this.#alertRoutes());
    return app;
  }

  #clusterRoutes(): Hono {
    const { data } = this;
    return new Hono()
      .get('/me', context => context.json(data.me))
      .post('/login', context => {
        data.me = { ...data.me, needsLogin: false, user: 'ada', role: 'admin' };
        return context.json(data.me);
      })
      .post('/logout', context => {
        data.me = { ...data.me, needsLogin: true, user: null, role: null };
        return context.body(null, 204);
      })
      .get('/cluster', context => context.json(data.cluster()))
      .get('/quorum', context => context.json(data.quorum()))
      .get('/replica-map', context => context.json(data.replicaMap()))
      .get('/history', context => context.json(data.history()))
      .get('/settings', context => context.json(data.settings()))
      .get('/brokers/:id/configs', context => context.json(data.configs()))
      .patch('/brokers/:id/configs', context => context.json(data.configs()))
      .get('/brokers/:id', context => found(context, data.brokerDetails(Number(context.req.param('id')))))
      .get('/events', context =>
        streamSSE(context, async stream => {
          const write = (event: ClusterEvent) =>
            stream.writeSSE({ event: event.event, data: JSON.stringify(event.data) });
          await write({
            event: 'snapshot',
            data: { cluster: data.cluster(), alerts: data.alerts, recent: data.recent },
          });
          const emit = (event: ClusterEvent) => void write(event);
          this.#streams.add(emit);
          await new Promise<void>(resolve => stream.onAbort(resolve));
          this.#streams.delete(emit);
        }),
      );
  }

  #topicRoutes(): Hono {
    const { data } = this;
    return new Hono()
      .get('/topics', context =>
        context.json(pageOf(context, data.topics(), each => each.name, TOPIC_ORDERS)),
      )
      .post('/topics', async context =>
        context.json({ name: 'new', partitions: 1, replicationFactor: 1 }, 201),
      )
      .get('/topics/:name', context => found(context, data.topic(context.req.param('name'))))
      .delete('/topics/:name', context => context.body(null, 204))
      .get('/topics/:name/configs', context => context.json(data.configs()))
      .patch('/topics/:name/configs', context => context.json(data.configs()))
      .post('/topics/:name/partitions', context => context.body(null, 204))
      .post('/topics/:name/trim', context =>
        context.json({ partitions: [{ partition: 0, startOffset: '9007199254741000', error: null }] }),
      )
      .post('/topics/:name/messages', async context => {
        const { cursor } = (await context.req.json()) as MessageQuery;
        return context.json(this.#messages(cursor !== undefined));
      })
      .get('/topics/:name/messages/:partition/:offset', context =>
        context.json(
          data.message(Number(context.req.param('partition')), BigInt(context.req.param('offset'))),
        ),
      )
      .post('/topics/:name/messages/produce', context =>
        context.json(
          { topic: context.req.param('name'), partition: 3, offset: '9007199254740999', count: 1 },
          201,
        ),
      )
      .post('/topics/:name/messages/reproduce', context =>
        context.json(
          { topic: context.req.param('name'), partition: 3, offset: '9007199254741000', count: 1 },
          201,
        ),
      )
      .post('/topics/:name/tail', context =>
        streamSSE(context, async stream => {
          for (let at = 0n; at < 3n; at++) {
            await stream.writeSSE({ event: 'messages', data: JSON.stringify([data.message(0, 9000n + at)]) });
          }
          await new Promise<void>(resolve => stream.onAbort(resolve));
        }),
      );
  }

  /** Twelve records, and none behind them. */
  #messages(isAtEnd: boolean): Messages {
    const first = 9_007_199_254_740_993n;
    return {
      messages: Array.from({ length: isAtEnd ? 0 : 12 }, (_, at) =>
        this.data.message(at % 6, first + BigInt(at)),
      ),
      scan: {
        scannedRecords: isAtEnd ? 0 : 12,
        scannedBytes: 12_000,
        remainingRecords: '0',
        stoppedBecause: isAtEnd ? 'end' : 'limit',
        cursor: isAtEnd ? null : 'next',
        problem: null,
        partitions: [],
      },
    };
  }

  #groupRoutes(): Hono {
    const { data } = this;
    return new Hono()
      .get('/groups', context => context.json(pageOf(context, data.groups(), each => each.id, GROUP_ORDERS)))
      .get('/groups/:id', context => found(context, data.group(context.req.param('id'))))
      .delete('/groups/:id', context => context.body(null, 204))
      .post('/groups/:id/delete-offsets', context => context.json({ outcomes: [] }))
      .post('/groups/:id/reset', async context => {
        const request = (await context.req.json()) as GroupResetRequest;
        const partitions = data.group(context.req.param('id'))!.partitions.map(each => ({
          topic: each.topic,
          partition: each.partition,
          from: each.offset,
          to: each.startOffset!,
          lag: '1407',
          error: null,
        }));
        const answer: GroupReset = { isExecuted: request.execute === true, partitions };
        return context.json(answer);
      });
  }

  #alertRoutes(): Hono {
    const { data } = this;
    return new Hono()
      .get('/alerts', context => context.json(data.alertsAnswer()))
      .get('/alerts/history', context => context.json({ alerts: [] }))
      .get('/alerts/rules', context => context.json(data.rules()))
      .post('/alerts/test', context => context.json({ sinks: data.alertsAnswer().sinks }))
      .get('/silences', context => context.json({ silences: this.#silences }))
      .post('/silences', async context => {
        const request = (await context.req.json()) as SilenceRequest;
        const startsAt = request.startsAt ?? new Date(NOON_MS).toISOString();
        const matchers = request.matchers.map(each => ({ isRegex: false, isEqual: true, ...each }));
        const silence = { ...request, matchers, id: `s${this.#silences.length + 1}`, startsAt };
        this.#silences = [...this.#silences, silence];
        return context.json(silence, 201);
      })
      .delete('/silences/:id', context => {
        this.#silences = this.#silences.filter(({ id }) => id !== context.req.param('id'));
        return context.body(null, 204);
      });
  }
}

function found(context: Context, value: object | undefined): Response {
  if (value !== undefined) return context.json(value);
  return context.json({ error: `There is nothing at ${context.req.path}` }, 404);
}

type Order<T> = (one: T, other: T) => number;
const TOPIC_ORDERS: Readonly<Record<string, Order<ReturnType<FixtureData['topics']>[number]>>> = {
  size: (one, other) => Number(one.sizeBytes) - Number(other.sizeBytes),
};
const GROUP_ORDERS: Readonly<Record<string, Order<ReturnType<FixtureData['groups']>[number]>>> = {
  lag: (one, other) => Number(one.lag) - Number(other.lag),
};

function pageOf<T>(
  context: Context,
  all: readonly T[],
  name: (item: T) => string,
  orders: Readonly<Record<string, Order<T>>>,
): Page<T> {
  const { filter = '', offset = '0', limit = '100', sort = 'name', order = 'asc' } = context.req.query();
  const chosen = all.filter(item => name(item).toLowerCase().includes(filter.toLowerCase()));
  const byName: Order<T> = (one, other) => (name(one) < name(other) ? -1 : 1);
  chosen.sort(orders[sort] ?? byName);
  if (order === 'desc') chosen.reverse();
  const first = Number(offset);
  return { items: chosen.slice(first, first + Number(limit)), total: chosen.length, offset: first };
}
