/* What can run the node: Odradek, any other command, and Apache Kafka, by which the suite itself is checked. */
import { once } from 'node:events';
import { join } from 'node:path';
import { start } from './runner/children.ts';
import type { Engine } from './runner/node.ts';

const here = import.meta.dirname;

/** `COMMAND serve -c {file}`: {file} stands for the node's server.properties. */
export function commandEngine(template: string): Engine {
  const words = template.trim().split(/\s+/);
  return {
    name: template,
    command(file) {
      const [program, ...args] = words.map(word => word.replaceAll('{file}', file));
      return { file: program!, args };
    },
    isReady: isReadyLine,
  };
}

export const odradekEngine = (): Engine => ({
  ...commandEngine(''),
  name: 'bin/odradek serve',
  command: file => ({ file: join(here, '../bin/odradek'), args: ['serve', '-c', file] }),
});

function isReadyLine(line: string): boolean {
  try {
    return (JSON.parse(line) as { event?: string }).event === 'ready';
  } catch {
    return false;
  }
}

export function kafkaEngine(classPath: string): Engine {
  const java = (main: string, args: readonly string[], heap: string) => ({
    file: 'java',
    args: ['-cp', classPath, `-Xmx${heap}`, '-XX:+UseSerialGC', main, ...args],
  });
  return {
    name: 'Apache Kafka',
    async prepare(file) {
      const format = ['format', '-t', 'AAAAAAAAAAAAAAAAAAAAAQ', '-c', file];
      const child = start(java('kafka.tools.StorageTool', format, '128m'), ['ignore', 'ignore', 'inherit']);
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`Kafka's storage can't be formatted: its tool ended with ${code}`);
    },
    command(file) {
      const { file: program, args } = java('kafka.Kafka', [file], '512m');
      return { file: program, args: ['-Dlog4j2.configurationFile=log4j2-broker.properties', ...args] };
    },
    isReady: line => line.includes('Kafka Server started'),
  };
}
