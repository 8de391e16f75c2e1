import { SeededRandom } from '../../src/simulation/seeded_random.ts';
import { SimulatedClock } from '../../src/simulation/simulated_clock.ts';
import { SimulatedDisk } from '../../src/simulation/simulated_disk.ts';
import { SimulatedTime } from '../../src/simulation/simulated_time.ts';
import { testDisk } from './disk_contract.ts';

testDisk('the simulated disk', () => {
  const time = new SimulatedTime();
  const device = new SimulatedDisk({ time, random: new SeededRandom(1), syncMs: 2, readMs: 0.5 });
  const disk = device.mount(new SimulatedClock(time));
  disk.makeDirectory('/data');
  return {
    disk,
    root: '/data',
    run: promise => time.run(promise),
    another: () => device.mount(new SimulatedClock(time)),
    close: () => disk.kill(),
  };
});
