import { useEffect, useState } from 'preact/hooks';
import type { Broker } from '../../api/cluster.ts';
import { formatDuration } from '../format/times.ts';
import { live, liveStream } from '../state/live.ts';
import { route } from '../state/route.ts';
import { session } from '../state/session.ts';
import { useStore } from '../state/store.ts';

/** Says that the node behind the page has gone, and where else the page can be had. */
export function ConnectionBanner() {
  const { status, lostSinceMs, retryAtMs, cluster } = useStore(live);
  const { me } = useStore(session);
  useStore(route);
  const nowMs = useNow(status === 'lost');
  if (lostSinceMs === undefined) return null;
  const others = (cluster?.brokers ?? []).filter(
    ({ id, httpAddress }) => id !== me?.node.id && httpAddress !== null,
  );
  const waitMs = Math.max(0, (retryAtMs ?? nowMs) - nowMs);
  return (
    <div class="banner bad" role="alert">
      <span>
        <strong>Node {me?.node.id} does not answer</strong>, since {formatDuration(nowMs - lostSinceMs)}: what
        you see is what it last knew.
      </span>
      <span>
        {status === 'connecting' || waitMs < 1000
          ? 'Trying again…'
          : `Trying again in ${formatDuration(waitMs)}.`}{' '}
        <button type="button" class="text" onClick={() => liveStream.retryNow()}>
          Try now
        </button>
      </span>
      {others.length > 0 && (
        <span>
          Go on at{' '}
          {byLife(others).map(({ id, httpAddress, isFenced }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <a href={`http://${httpAddress}/console/${location.hash}`}>
                node {id} ({httpAddress}){isFenced ? ', which was not alive' : ''}
              </a>
            </span>
          ))}
        </span>
      )}
    </div>
  );
}

function byLife(brokers: readonly Broker[]): readonly Broker[] {
  return [...brokers].sort((one, other) => Number(one.isFenced) - Number(other.isFenced));
}

/** The time, each second anew while it is shown. */
export function useNow(isShown: boolean): number {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isShown) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isShown]);
  return Math.max(nowMs, isShown ? 0 : Date.now());
}
