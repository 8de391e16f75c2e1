import type { BrokerDetails, Cluster } from '../../../api/cluster.ts';
import type { Configs } from '../../../api/common.ts';
import { ConfigsTable } from '../../components/configs_table.tsx';
import { Select } from '../../components/form.tsx';
import { Card, Loaded } from '../../components/states.tsx';
import { counted, formatBytes } from '../../format/numbers.ts';
import { PageHead } from '../../shell/page_head.tsx';
import { live } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { replaceQuery, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';

/** The settings of all brokers together, or of one with its disks. */
export function SettingsPage() {
  const { query } = useStore(route);
  const state = useStore(live);
  const asked = useResource<Cluster>(state.cluster === undefined ? 'cluster' : undefined);
  const brokers = (state.cluster ?? asked.data)?.brokers ?? [];
  const shown = query.get('broker') ?? 'default';
  return (
    <>
      <PageHead
        title="Settings"
        badges={
          <Select
            label="Whose settings"
            value={shown}
            choices={[
              ['default', 'of all brokers, set while they run'],
              ...brokers.map(({ id }) => [String(id), `of broker ${id}`] as const),
            ]}
            onChoose={broker => replaceQuery({ broker: broker === 'default' ? undefined : broker })}
          />
        }
      />
      <SettingsOf key={shown} broker={shown} />
    </>
  );
}

function SettingsOf({ broker }: { broker: string }) {
  const path = `brokers/${broker}/configs`;
  const configs = useResource<Configs>(path);
  const isDefault = broker === 'default';
  return (
    <div class="stack">
      {!isDefault && <Disks broker={broker} />}
      <div>
        <ConfigsTable
          what={isDefault ? 'all brokers' : `broker ${broker}`}
          path={path}
          configs={configs}
          ownSource={isDefault ? 'cluster default' : 'broker'}
        />
      </div>
    </div>
  );
}

function Disks({ broker }: { broker: string }) {
  const details = useResource<BrokerDetails>(`brokers/${broker}`, { everyMs: 10_000, on: ['broker'] });
  return (
    <Card title={`Log directories of broker ${broker}`}>
      <Loaded of={details} what={`broker ${broker}`}>
        {({ logDirs }) =>
          logDirs === null ? (
            <p class="muted">It does not answer: start it again to see its disks.</p>
          ) : (
            <dl class="facts">
              {logDirs.map(({ path, error, partitions, sizeBytes, totalBytes, usableBytes }) => (
                <Disk
                  key={path}
                  path={path}
                  text={
                    error ??
                    `${formatBytes(sizeBytes)} in ${counted(partitions, 'replica')}${
                      totalBytes === null
                        ? ''
                        : `; ${formatBytes(usableBytes)} of ${formatBytes(totalBytes)} free`
                    }`
                  }
                />
              ))}
            </dl>
          )
        }
      </Loaded>
    </Card>
  );
}

function Disk({ path, text }: { path: string; text: string }) {
  return (
    <>
      <dt>
        <code>{path}</code>
      </dt>
      <dd>{text}</dd>
    </>
  );
}
