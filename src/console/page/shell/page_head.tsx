import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

interface PageHeadProps {
  readonly title: string;
  /** Before the title: the way here. */
  readonly crumbs?: ComponentChildren;
  /** Beside the title. */
  readonly badges?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

/** The heading of a page, which is also the window's title. */
export function PageHead({ title, crumbs, badges, actions }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Odradek`;
  }, [title]);
  return (
    <header class="page-head">
      {crumbs !== undefined && (
        <nav class="crumbs" aria-label="The way here">
          {crumbs}
        </nav>
      )}
      <h1 tabIndex={-1}>{title}</h1>
      {badges}
      {actions !== undefined && <div class="actions">{actions}</div>}
    </header>
  );
}
