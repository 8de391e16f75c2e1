import { firstTaken } from '../../src/cluster/free_ports.ts';
import { CONTROLLERS_ABOVE, HTTP_BELOW, LOCAL_HOST } from '../../src/cluster/local_layout.ts';

/** Below those that systems give to connections: nobody gets one of these between the look and the start. */
const LEAST = 10_000;
const MOST = 32_000;

/** The first port for `odradek dev` with so many brokers: it and the others that they need are free. */
export async function clusterPort(brokers: number): Promise<number> {
  for (;;) {
    const port = LEAST + Math.floor(Math.random() * (MOST - LEAST));
    const needed = Array.from({ length: brokers }, (_, at) => [
      port + at,
      port + CONTROLLERS_ABOVE + at,
      port - HTTP_BELOW + at,
    ]).flat();
    if ((await firstTaken(LOCAL_HOST, needed)) === undefined) return port;
  }
}
