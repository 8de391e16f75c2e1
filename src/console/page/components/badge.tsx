import type { ComponentChildren } from 'preact';
import type { Alert } from '../../api/alerts.ts';
import type { Health } from '../../api/cluster.ts';
import type { GroupStatus } from '../../api/groups.ts';
import type { Tone } from '../state/toasts.ts';

interface BadgeProps {
  readonly tone?: Tone | 'accent' | undefined;
  readonly isPlain?: boolean;
  readonly title?: string;
  readonly children: ComponentChildren;
}

export function Badge({ tone, isPlain, title, children }: BadgeProps) {
  return (
    <span class={['badge', tone, isPlain === true && 'plain'].filter(Boolean).join(' ')} title={title}>
      {children}
    </span>
  );
}

const HEALTH_TONES = { green: 'good', yellow: 'warn', red: 'bad' } as const;
const HEALTH_WORDS = { green: 'Healthy', yellow: 'Degraded', red: 'Failing' } as const;

export function HealthBadge({ status }: { status: Health['status'] }) {
  return <Badge tone={HEALTH_TONES[status]}>{HEALTH_WORDS[status]}</Badge>;
}

const SEVERITY_TONES = { critical: 'bad', warning: 'warn', info: 'info' } as const;

export function SeverityBadge({ severity }: { severity: Alert['severity'] }) {
  return <Badge tone={SEVERITY_TONES[severity]}>{severity}</Badge>;
}

const STATUS_TONES = {
  ok: 'good',
  warn: 'warn',
  stop: 'bad',
  stall: 'bad',
  rewind: 'bad',
  unknown: undefined,
} as const;
const STATUS_TITLES: Readonly<Record<GroupStatus, string>> = {
  ok: 'It keeps up, or has caught up lately.',
  warn: 'It commits, and its lag never falls.',
  stop: 'It commits no more, though records come.',
  stall: 'It commits the same offset again and again while records come.',
  rewind: 'It has gone back to an earlier offset.',
  unknown: 'It has not committed often enough for a verdict.',
};

export function GroupStatusBadge({ status }: { status: GroupStatus }) {
  return (
    <Badge tone={STATUS_TONES[status]} title={STATUS_TITLES[status]}>
      {status}
    </Badge>
  );
}
