import fs from 'node:fs';
import process from 'node:process';
import { killAll } from '../../conformance/runner/children.ts';

/**
 * Runs the work of a bench that keeps its nodes in a folder: the folder goes with it, and so does every process that was
 * started when it is broken off. What fails is told, and leaves the folder with the nodes' logs.
 */
export async function inFolder(folder: string, work: () => Promise<void>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killAll();
      fs.rmSync(folder, { recursive: true, force: true });
      process.exit(1);
    });
  }
  try {
    await work();
    fs.rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    killAll();
    console.error(`${(error as Error).message}\nThe nodes' logs are in ${folder}`);
    process.exitCode = 1;
  }
}
