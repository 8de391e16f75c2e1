/** For someone who has just started a node: where it is, and what to do with it now. */
export function whatToTry(
  listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[],
  logDirs: readonly string[],
): string {
  const client = listeners.find(listener => listener.name !== 'CONTROLLER') ?? listeners[0];
  const address = `${client?.host || '127.0.0.1'}:${client?.port ?? 9092}`;
  return `
Odradek serves Kafka clients at ${address}. Its data is in ${logDirs.join(', ')}; Ctrl-C ends it.

Try next, from another terminal:

  any Kafka client or tool        bootstrap.servers=${address}
  kcat -b ${address} -L           what is there
  echo hello | kcat -b ${address} -P -t greetings
  kcat -b ${address} -C -t greetings -o beginning -e

  Node: npm install kafkajs, then
    const { Kafka } = require('kafkajs');
    const kafka = new Kafka({ brokers: ['${address}'] });

Kill it with kill -9 and start it again: what was acknowledged is still there.

`;
}
