import type { ComponentChildren } from 'preact';
import type { Resource } from '../state/resource.ts';
import { Button } from './button.tsx';

/** Nothing is there: what that means and what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

export function Note({ tone, children }: { tone?: 'bad' | 'warn'; children: ComponentChildren }) {
  return (
    <div class={['note', tone].filter(Boolean).join(' ')} role={tone === 'bad' ? 'alert' : undefined}>
      {children}
    </div>
  );
}

interface LoadedProps<T> {
  readonly of: Resource<T>;
  /** What is loaded: `the topic orders`. */
  readonly what: string;
  children(data: T): ComponentChildren;
}

/** Shows what was loaded; before that, that it is loading; and above it, why it can't be had any more. */
export function Loaded<T>({ of, what, children }: LoadedProps<T>) {
  const { data, problem, status, reload } = of;
  const isLost = data === undefined && problem !== undefined;
  // That the node does not answer is said once, above the page.
  const isSaidAbove = status === 0 && !isLost;
  return (
    <>
      {problem !== undefined && !isSaidAbove && (
        <Note tone={isLost ? 'bad' : 'warn'}>
          <div class="row">
            <span>
              <strong>
                {isLost ? `Cannot show ${what}. ` : `What you see of ${what} is not the latest. `}
              </strong>
              {problem}
            </span>
            <Button isSmall icon="refresh" onClick={reload}>
              Try again
            </Button>
          </div>
        </Note>
      )}
      {data !== undefined && children(data)}
      {data === undefined && problem === undefined && (
        <p class="loading" role="status">
          Loading {what}…
        </p>
      )}
    </>
  );
}

export function Card(props: {
  readonly title?: string;
  readonly actions?: ComponentChildren;
  readonly size?: 'third' | 'half' | 'two-thirds';
  readonly isFlush?: boolean;
  readonly children: ComponentChildren;
}) {
  const { title, actions, size, isFlush, children } = props;
  return (
    <section class={['card', size].filter(Boolean).join(' ')} aria-label={title}>
      {(title !== undefined || actions !== undefined) && (
        <div class="card-head">
          {title !== undefined && <h2>{title}</h2>}
          {actions !== undefined && <div class="actions">{actions}</div>}
        </div>
      )}
      <div class={isFlush === true ? 'card-body flush' : 'card-body'}>{children}</div>
    </section>
  );
}

export function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
