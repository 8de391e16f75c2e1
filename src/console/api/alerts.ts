/** `GET /api/v1/alerts`: the cluster's at every node, and those of the node that is asked. */
export interface Alerts {
  /** Those that are pending, fire, or have resolved in the last minutes. */
  readonly alerts: readonly Alert[];
  readonly sinks: readonly Sink[];
}

/** `GET /api/v1/alerts/history`: what this node saw resolve, the newest first; bounded, and lost when the node ends. */
export interface AlertHistory {
  readonly alerts: readonly Alert[];
}

export interface Alert {
  /** Of the labels. */
  readonly fingerprint: string;
  readonly name: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly state: 'pending' | 'firing' | 'resolved';
  /** Why nobody is told; null when it is told. */
  readonly muted: 'silenced' | 'inhibited' | null;
  /** Whose rule it is: the cluster's, or this node's alone. */
  readonly scope: 'cluster' | 'node';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** What is wrong with what, since when, and the command that helps. */
  readonly text: string;
  readonly value: number;
  /** RFC 3339 */
  readonly since: string;
  /** RFC 3339 */
  readonly resolved: string | null;
}

export interface Sink {
  readonly name: string;
  readonly sent: number;
  readonly failed: number;
  readonly waiting: number;
  /** Why the last attempt failed; null when it did not. */
  readonly failure: string | null;
}

/** `GET /api/v1/alerts/rules` */
export interface AlertRules {
  readonly builtIn: readonly {
    readonly name: string;
    readonly scope: 'cluster' | 'node';
    readonly severity: string;
    readonly forMs: number;
    readonly threshold: number | null;
    /** `alert.broker.down.*` */
    readonly settings: string;
  }[];
  readonly own: readonly {
    readonly name: string;
    readonly expression: string;
    readonly severity: string;
    readonly forMs: number;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
  /** What is wrong with the file of rules; null when nothing is. */
  readonly ownProblem: string | null;
}

/** `GET /api/v1/silences` → `{silences}`; `POST` {@link SilenceRequest} → 201 {@link Silence}; `DELETE …/:id` → 204. operator */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly Required<Matcher>[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex?: boolean;
  readonly isEqual?: boolean;
}

export interface SilenceRequest {
  readonly matchers: readonly Matcher[];
  /** Now, without it. */
  readonly startsAt?: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

/** `POST /api/v1/alerts/test` with `{}` → `{sinks}`: an alert that says it is a test goes to every sink. operator */
