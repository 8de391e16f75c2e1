import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedNetwork } from '../../src/simulation/simulated_network.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { testNetwork } from './network_contract.ts';

for (const loss of [0, 0.05]) {
  testNetwork(`the simulated network with ${loss * 100} % loss`, () => {
    const time = new SimulatedTime();
    const network = new SimulatedNetwork({ time, random: new SeededRandom(1), quality: { loss } });
    return {
      server: network.host('server').open(new SimulatedClock(time)),
      client: network.host('client').open(new SimulatedClock(time)),
      host: 'server',
      foreignHost: 'elsewhere',
      run: promise => time.run(promise),
      until: condition => time.runUntil(condition),
      settle: () => time.advance(100),
    };
  });
}
