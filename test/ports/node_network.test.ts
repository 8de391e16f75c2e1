import { NodeNetwork } from '../../src/io/node_network.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedLogger } from '../../src/simulation/simulated_logger.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { testNetwork } from './network_contract.ts';

testNetwork('the real network', () => {
  const network = new NodeNetwork(new SimulatedLogger(new SimulatedClock(new SimulatedTime())));
  const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1));
  return {
    server: network,
    client: network,
    host: '127.0.0.1',
    // Of a block that is reserved for documentation.
    foreignHost: '192.0.2.1',
    run: promise => promise,
    until: async condition => {
      while (!condition()) await turn();
    },
    settle: async () => {
      for (let count = 0; count < 5; count++) await turn();
    },
  };
});
