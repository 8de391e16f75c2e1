import fs from 'node:fs';
import path from 'node:path';

/** Where a local cluster is, and what it is like. */
export interface LocalClusterOptions {
  readonly brokers: number;
  /** The first broker's; the next ones have the next ports. Their controllers listen {@link CONTROLLERS_ABOVE} above. */
  readonly port: number;
  /** The folder with everything: settings, logs and data of each broker. */
  readonly folder: string;
  /** `key=value` for every broker. */
  readonly overrides: readonly string[];
  /** Of health, metrics and the console, one a broker. */
  readonly httpPorts: readonly number[];
}

/** One broker of a local cluster. */
export interface LocalNode {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** Of health, metrics and the console. */
  readonly httpPort: number;
  /** Its server.properties. */
  readonly configFile: string;
  readonly logFile: string;
}

export const CONTROLLERS_ABOVE = 100;
/**
 * The ports for health, metrics and the console are so far below those for clients, where nobody else has them: 9080 and
 * so on for 9092. So clusters with ports of their own do not get into each other's way.
 */
export const HTTP_BELOW = 12;
export const LOCAL_HOST = '127.0.0.1';
/** As Kafka users know it: more replicas than this take nobody further on one machine. */
const MOST_REPLICAS = 3;
const DATA_PREFIX = 'broker-';

/** The brokers of a cluster. Nothing is on the disk yet: see {@link writeSettings}. */
export function layOut({ brokers, port, folder, httpPorts }: LocalClusterOptions): LocalNode[] {
  return Array.from({ length: brokers }, (_, index) => ({
    id: index + 1,
    port: port + index,
    controllerPort: port + CONTROLLERS_ABOVE + index,
    httpPort: httpPorts[index]!,
    configFile: path.join(folder, `${DATA_PREFIX}${index + 1}.properties`),
    logFile: path.join(folder, `${DATA_PREFIX}${index + 1}.log`),
  }));
}

/** Why the folder can't be used for so many brokers; undefined when it can. */
export function folderProblem({ folder, brokers }: LocalClusterOptions): string | undefined {
  if (!fs.existsSync(folder)) return undefined;
  if (fs.existsSync(path.join(folder, 'meta.properties'))) {
    return (
      `${folder} has the data of a single node. Start that with "odradek serve --override log.dirs=${folder}", ` +
      'or give this cluster another folder with --data'
    );
  }
  const known = fs
    .readdirSync(folder)
    .filter(name => new RegExp(`^${DATA_PREFIX}\\d+$`).test(name))
    .map(name => Number(name.slice(DATA_PREFIX.length)));
  const most = Math.max(0, ...known);
  if (most <= brokers) return undefined;
  return `${folder} has the data of ${most} brokers: start with --brokers ${most}, or give this cluster another folder with --data`;
}

/** Writes the server.properties of each broker, so that each can be started alone as well. */
export function writeSettings(nodes: readonly LocalNode[], options: LocalClusterOptions): void {
  fs.mkdirSync(options.folder, { recursive: true });
  const replicas = Math.min(MOST_REPLICAS, nodes.length);
  const inSync = Math.min(2, replicas);
  const voters = nodes.map(node => `${node.id}@${LOCAL_HOST}:${node.controllerPort}`).join(',');
  for (const node of nodes) {
    const settings = [
      'process.roles=broker,controller',
      `node.id=${node.id}`,
      `controller.quorum.voters=${voters}`,
      'controller.quorum.auto.join.enable=true',
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      `listeners=PLAINTEXT://${LOCAL_HOST}:${node.port},CONTROLLER://${LOCAL_HOST}:${node.controllerPort}`,
      `http.listeners=http://${LOCAL_HOST}:${node.httpPort}`,
      `log.dirs=${path.join(options.folder, `${DATA_PREFIX}${node.id}`)}`,
      `default.replication.factor=${replicas}`,
      `min.insync.replicas=${inSync}`,
      `offsets.topic.replication.factor=${replicas}`,
      // Whoever waits for the first member of a group is a person.
      'group.initial.rebalance.delay.ms=0',
      `transaction.state.log.replication.factor=${replicas}`,
      `transaction.state.log.min.isr=${inSync}`,
      ...options.overrides,
    ];
    fs.writeFileSync(node.configFile, `${settings.join('\n')}\n`);
  }
}
