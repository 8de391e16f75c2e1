import type { Alert } from '../../../api/alerts.ts';
import { Badge, SeverityBadge } from '../../components/badge.tsx';
import { Action, Command } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { formatTime } from '../../format/times.ts';
import { preferences } from '../../state/preferences.ts';
import { useStore } from '../../state/store.ts';
import type { SilenceStart } from './silences_tab.tsx';

interface AlertDialogProps {
  readonly alert: Alert;
  onSilence(start: SilenceStart): void;
  onClose(): void;
}

export function AlertDialog({ alert, onSilence, onClose }: AlertDialogProps) {
  const { timeZone } = useStore(preferences);
  const { name, severity, state, muted, text, labels, annotations, since, resolved, scope } = alert;
  const command = /See: (odradek .+)$/.exec(text)?.[1];
  const silence = () =>
    onSilence({
      matchers: Object.entries(labels)
        .filter(([label]) => label !== 'severity')
        .map(([label, value]) => `${label}=${value}`)
        .join('\n'),
    });
  return (
    <Dialog
      title={name}
      onClose={onClose}
      foot={
        <Action needs="operator" onClick={silence}>
          Silence it
        </Action>
      }
    >
      <div class="row">
        <SeverityBadge severity={severity} />
        <Badge tone={state === 'firing' ? 'bad' : state === 'pending' ? 'warn' : 'good'}>{state}</Badge>
        {muted !== null && <Badge isPlain>{muted}: nobody is told</Badge>}
      </div>
      <p>{text}</p>
      {command !== undefined && (
        <p>
          <Command text={command} />
        </p>
      )}
      <dl class="facts">
        <dt>Since</dt>
        <dd>{formatTime(Date.parse(since), { timeZone })}</dd>
        {resolved !== null && (
          <>
            <dt>Resolved</dt>
            <dd>{formatTime(Date.parse(resolved), { timeZone })}</dd>
          </>
        )}
        <dt>Whose rule</dt>
        <dd>{scope === 'cluster' ? "the cluster's" : "this node's"}</dd>
        {Object.entries({ ...labels, ...annotations }).map(([label, value]) => (
          <Fact key={label} name={label} value={value} />
        ))}
      </dl>
    </Dialog>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
