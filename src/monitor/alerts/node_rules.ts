import type { Finding } from './alert.ts';
import type { Rule } from './rule.ts';

export interface DirectoryView {
  readonly path: string;
  /** Why it is offline. */
  readonly failure: string | undefined;
  /** Undefined where it is not known. */
  readonly space:
    | {
        readonly totalBytes: number;
        readonly usableBytes: number;
        /** In half an hour, if it goes on as in the last one; undefined before it can be told. */
        readonly predictedBytes: number | undefined;
      }
    | undefined;
}

export interface CertificateView {
  /** Of a listener, or of the file. */
  readonly subject: string;
  readonly daysLeft: number;
}

export interface SinkView {
  readonly name: string;
  /** Undefined while it works. */
  readonly failure: string | undefined;
}

/** What each node looks at by itself: only it sees it. */
export interface NodeAlertView {
  readonly nodeId: number;
  readonly leaderId: number | undefined;
  readonly directories: readonly DirectoryView[];
  readonly idleFraction: number;
  /** 95 % of the requests of an API took less, without the waiting that clients asked for. */
  readonly latencies: readonly { readonly request: string; readonly p95Ms: number }[];
  readonly certificates: readonly CertificateView[];
  readonly sinks: readonly SinkView[];
}

/** The rules about one node. */
export const NODE_RULES: readonly Rule<NodeAlertView>[] = [
  {
    name: 'NoActiveController',
    setting: 'no.active.controller',
    find: ({ leaderId }) =>
      leaderId !== undefined
        ? []
        : [
            {
              labels: {},
              value: 1,
              summary:
                'Nobody leads the quorum: nothing in the cluster can change, and no leader is replaced. Start voters until a majority runs.',
              command: 'odradek cluster quorum',
            },
          ],
  },
  {
    name: 'OfflineLogDirectory',
    setting: 'offline.log.directory',
    find: view =>
      directories(view, ({ failure }) =>
        failure === undefined ? undefined : { text: `failed: ${failure}`, value: 1 },
      ),
  },
  {
    name: 'RunningOutOfSpace',
    setting: 'running.out.of.space',
    find: (view, threshold) =>
      directories(view, ({ space }) => {
        if (space === undefined || space.totalBytes === 0) return undefined;
        const fraction = space.usableBytes / space.totalBytes;
        if (fraction >= threshold) return undefined;
        return {
          text: `has ${Math.round(fraction * 100)} % of its space left (${size(space.usableBytes)})`,
          value: fraction,
        };
      }),
  },
  {
    name: 'OutOfSpace',
    setting: 'out.of.space',
    find: (view, threshold) =>
      directories(view, ({ space }) =>
        space === undefined || space.usableBytes >= threshold
          ? undefined
          : { text: `has only ${size(space.usableBytes)} left`, value: space.usableBytes },
      ),
  },
  {
    name: 'OutOfSpaceSoon',
    setting: 'out.of.space.soon',
    find: (view, threshold) =>
      directories(view, ({ space }) =>
        space?.predictedBytes === undefined || space.predictedBytes >= threshold
          ? undefined
          : {
              text: `is filling up: at this rate it has ${size(Math.max(0, space.predictedBytes))} left in half an hour`,
              value: space.predictedBytes,
            },
      ),
  },
  {
    name: 'RequestHandlerIdle',
    setting: 'request.handler.idle',
    find: ({ nodeId, idleFraction }, threshold) =>
      idleFraction >= threshold
        ? []
        : [
            {
              labels: { broker: String(nodeId) },
              value: idleFraction,
              summary: `Node ${nodeId} was idle for ${Math.round(idleFraction * 100)} % of the last minute: it is close to its limit. Move leaders to other brokers, or add one.`,
              command: `odradek broker describe ${nodeId}`,
            },
          ],
  },
  {
    name: 'RequestLatency',
    setting: 'request.latency',
    find: ({ nodeId, latencies }, threshold) =>
      latencies
        .filter(({ p95Ms }) => p95Ms > threshold)
        .map(({ request, p95Ms }) => ({
          labels: { broker: String(nodeId), request },
          value: p95Ms,
          summary: `5 % of the ${request} requests at node ${nodeId} take more than ${Math.round(p95Ms)} ms.`,
          command: `odradek broker describe ${nodeId}`,
        })),
  },
  {
    name: 'CertificateExpiration',
    setting: 'certificate.expires',
    find: (view, threshold) => certificates(view, threshold),
  },
  {
    name: 'CertificateExpirationImminent',
    setting: 'certificate.expires.very.soon',
    find: (view, threshold) => certificates(view, threshold),
  },
  {
    name: 'AlertSinkFailing',
    setting: 'alert.sink.failing',
    find: ({ nodeId, sinks }) =>
      sinks.flatMap(({ name, failure }) =>
        failure === undefined
          ? []
          : [
              {
                labels: { broker: String(nodeId), sink: name },
                value: 1,
                summary: `Node ${nodeId} can't send alerts to ${name}: ${failure}`,
                command: 'odradek alert test',
              },
            ],
      ),
  },
];

function directories(
  { nodeId, directories }: NodeAlertView,
  say: (directory: DirectoryView) => { readonly text: string; readonly value: number } | undefined,
): Finding[] {
  return directories.flatMap(directory => {
    const said = say(directory);
    if (said === undefined) return [];
    return [
      {
        labels: { broker: String(nodeId), logDirectory: directory.path },
        value: said.value,
        summary: `Log directory ${directory.path} of broker ${nodeId} ${said.text}.`,
        command: `odradek logdirs --broker ${nodeId}`,
      },
    ];
  });
}

function certificates({ nodeId, certificates: all }: NodeAlertView, days: number): Finding[] {
  return all
    .filter(({ daysLeft }) => daysLeft < days)
    .map(({ subject, daysLeft }) => ({
      labels: { broker: String(nodeId), certificate: subject },
      value: daysLeft,
      summary:
        daysLeft < 0
          ? `The certificate of ${subject} at node ${nodeId} has expired: clients refuse it.`
          : `The certificate of ${subject} at node ${nodeId} expires in ${Math.floor(daysLeft)} days.`,
      command: `odradek broker describe ${nodeId}`,
    }));
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
