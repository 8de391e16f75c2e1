export interface WhatThereIs {
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly logDirs: readonly string[];
  /** Path of a program that sends and reads records; undefined where there is none. */
  readonly example: string | undefined;
}

const ANY_ADDRESS: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/** For someone who has just started a node: where it is, and what to do with it now. */
export function whatToTry({ listeners, logDirs, example }: WhatThereIs): string {
  const client = listeners.find(listener => listener.name !== 'CONTROLLER') ?? listeners[0];
  const host = client === undefined || ANY_ADDRESS.has(client.host) ? '127.0.0.1' : client.host;
  const address = `${host}:${client?.port ?? 9092}`;
  const program =
    example === undefined
      ? `npm install kafkajs, then in a program
  new Kafka({ brokers: ['${address}'] })`
      : `node ${example} ${address}     sends three records and reads them back`;
  return `
Odradek serves Kafka clients at ${address}. Its data is in ${logDirs.join(', ')}; Ctrl-C ends it.

Try next, from another terminal:

  ${program}
  echo hello | bin/odradek produce greetings -B ${address}    sends a record
  bin/odradek consume greetings -e -B ${address}              reads them all
  bin/odradek cluster health -B ${address}                    says whether all is well
  any Kafka client or tool                                bootstrap.servers=${address}

Kill it with kill -9 and start it again: what was acknowledged is still there.

`;
}
