/*
 * What a client's program does with its cases. The runner hands it one argument, JSON: the address, a prefix for the
 * names of topics and groups, and the cases to run. It answers in JSON lines on stdout: {"start": CASE}, then
 * {"case": CASE, "ok": true}, or {"case": CASE, "ok": false, "reason": TEXT}. In the middle of the case kill-9 it
 * prints {"ask": "restart"}; the runner kills the node with SIGKILL, starts it on the same directory and ports, and
 * writes the line `restarted`.
 */
import { createInterface } from 'node:readline';

/** What a case is given. */
export interface Scenario {
  readonly bootstrap: string;
  /** A name for a topic or group of this case, that no other run uses. */
  name(suffix: string): string;
  /** Kills the node with SIGKILL and resolves when it is ready again. */
  restartNode(): Promise<void>;
}

export type Case = (scenario: Scenario) => Promise<void>;

interface Order {
  readonly bootstrap: string;
  readonly prefix: string;
  readonly cases: readonly string[];
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

export async function runProgram(cases: Readonly<Record<string, Case>>): Promise<void> {
  const order = JSON.parse(process.argv[2]!) as Order;
  const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  // What a case that failed left behind is not the failure of the next.
  process.on('unhandledRejection', error => console.error('Left behind:', error));
  for (const name of order.cases) {
    say({ start: name });
    const scenario: Scenario = {
      bootstrap: order.bootstrap,
      name: suffix => `${order.prefix}-${name}-${suffix}`,
      async restartNode() {
        say({ ask: 'restart' });
        const { value } = await answers.next();
        if (value !== 'restarted') throw new Error(`The node did not come back: ${value}`);
      },
    };
    try {
      const run = cases[name];
      if (run === undefined) throw new Error('This client has no such case');
      await run(scenario);
      say({ case: name, ok: true });
    } catch (error) {
      console.error(error);
      say({ case: name, ok: false, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  // Clients that failed may hold timers and sockets: the program is over when its cases are.
  process.exit(0);
}
