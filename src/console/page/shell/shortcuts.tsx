import { useEffect } from 'preact/hooks';
import { Dialog } from '../components/dialog.tsx';
import { prefer, shownTheme } from '../state/preferences.ts';
import { navigate } from '../state/route.ts';
import { PLACES, placeLink } from './nav.tsx';

/** How long after `g` the second key counts. */
const SEQUENCE_MS = 1500;

/** The keys of the page; none of them while somebody writes, or in a dialog. */
export function useShortcuts(onHelp: () => void): void {
  useEffect(() => {
    let goSinceMs = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      const isAfterGo = Date.now() - goSinceMs < SEQUENCE_MS;
      goSinceMs = 0;
      const place = isAfterGo ? PLACES.find(({ shortcut }) => shortcut === event.key) : undefined;
      if (place !== undefined) navigate(placeLink(place));
      else if (event.key === 'g') goSinceMs = Date.now();
      else if (event.key === '?') onHelp();
      else if (event.key === '/') focusFilter();
      else if (event.key === 'd') prefer({ theme: shownTheme.value === 'dark' ? 'light' : 'dark' });
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
}

function focusFilter(): void {
  document.querySelector<HTMLElement>('[data-filter]')?.focus();
}

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  ...PLACES.map(({ shortcut, title }) => [['g', shortcut], title] as const),
  [['/'], 'Filter what is listed'],
  [['d'], 'Dark or light'],
  [['?'], 'These keys'],
  [['↑', '↓'], 'Through the rows of a table; Home, End, Page Up and Page Down too'],
  [['Enter'], 'Open the row'],
  [['←', '→'], 'Through tabs, and through the cells of the replica map'],
  [['Esc'], 'Close a dialog'],
];

export function ShortcutsHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="shortcuts">
        {KEYS.map(([keys, what]) => (
          <>
            <dt>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && ' '}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
