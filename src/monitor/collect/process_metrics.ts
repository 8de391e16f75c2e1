import { VERSION } from '../../model/version.ts';
import { counter, gauge, gauges, type MetricFamily } from '../metric.ts';
import type { ScrapeSource } from '../scrape_source.ts';
import { summary } from './summary.ts';

/** The process, its event loop and its disk: what is known before the node has started. */
export function* processMetrics({ facts, sampler, syncTimes, clock }: ScrapeSource): Iterable<MetricFamily> {
  yield gauges({ name: 'odradek_build_info', help: 'The version of this node.' }, [
    { labels: { version: VERSION }, value: 1 },
  ]);
  const { user, system } = facts.cpuSeconds();
  yield counter({ name: 'process_cpu_seconds', help: 'CPU time of the process.' }, user + system);
  yield gauge(
    { name: 'process_start_time_seconds', help: 'When the process started, since 1970.' },
    facts.startedMs / 1000,
  );
  const { resident, heapUsed, heapTotal } = facts.memoryBytes();
  yield gauge({ name: 'process_resident_memory_bytes', help: 'Memory of the process.' }, resident);
  yield gauge({ name: 'nodejs_heap_size_used_bytes', help: 'Heap in use.' }, heapUsed);
  yield gauge({ name: 'nodejs_heap_size_total_bytes', help: 'Heap that is reserved.' }, heapTotal);
  const files = facts.openFiles();
  if (files !== undefined) {
    yield gauge({ name: 'process_open_fds', help: 'Open files and sockets.' }, files.open);
    if (files.most !== undefined) {
      yield gauge({ name: 'process_max_fds', help: 'Most files and sockets that may be open.' }, files.most);
    }
  }
  yield* eventLoopMetrics(sampler.idleFraction, sampler.eventLoopDelay);
  const disk = facts.diskBytes();
  if (disk !== undefined) {
    const server = 'kafka_server_kafkaserver_linux_disk';
    yield gauge(
      { name: `${server}_read_bytes`, help: 'Bytes that the disk read for the process.' },
      disk.read,
    );
    yield gauge(
      { name: `${server}_write_bytes`, help: 'Bytes that the disk wrote for the process.' },
      disk.written,
    );
  }
  if (syncTimes === undefined) return;
  yield summary([[{}, syncTimes]], {
    name: 'kafka_log_logflushstats_logflushrateandtimems',
    help: 'How long the disk took to sync a file.',
    scale: 0.001,
    nowMs: clock.monotonicMs(),
  });
}

function* eventLoopMetrics(
  idleFraction: number,
  delay: ScrapeSource['sampler']['eventLoopDelay'],
): Iterable<MetricFamily> {
  // Kafka has pools of threads for requests and for the network; here both are the one event loop.
  yield gauge(
    {
      name: 'kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent',
      help: 'Fraction of the last minute in which the event loop was idle.',
    },
    idleFraction,
  );
  yield gauge(
    {
      name: 'kafka_network_socketserver_networkprocessoravgidle_percent',
      help: 'Fraction of the last minute in which the event loop was idle.',
    },
    idleFraction,
  );
  const seconds = (ms: number) => ms / 1000;
  const lag = 'nodejs_eventloop_lag';
  const help = 'How late timers fired in the last minute because the event loop was busy';
  yield gauge({ name: `${lag}_mean_seconds`, help: `${help}: mean.` }, seconds(delay.meanMs));
  yield gauge({ name: `${lag}_p50_seconds`, help: `${help}: median.` }, seconds(delay.p50Ms));
  yield gauge({ name: `${lag}_p99_seconds`, help: `${help}: 99 % were less.` }, seconds(delay.p99Ms));
  yield gauge({ name: `${lag}_max_seconds`, help: `${help}: most.` }, seconds(delay.maxMs));
}
