import { Store } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';
export type TimeZone = 'local' | 'utc';

/** What a person chose in this browser. */
export interface Preferences {
  readonly theme: Theme;
  readonly timeZone: TimeZone;
}

const KEY = 'odradek.preferences';
const DEFAULTS: Preferences = { theme: 'system', timeZone: 'local' };

export const preferences = new Store<Preferences>(DEFAULTS);
/** The colours that are shown, `system` resolved. */
export const shownTheme = new Store<'light' | 'dark'>('light');

export function prefer(change: Partial<Preferences>): void {
  preferences.set({ ...preferences.value, ...change });
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.value));
  } catch {
    // A browser that keeps nothing: it holds until the page is left.
  }
  showTheme();
}

/** Takes what was chosen before, and follows the system where nothing was. */
export function startPreferences(): void {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
    preferences.set({ ...DEFAULTS, ...kept });
  } catch {
    preferences.set(DEFAULTS);
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showTheme);
  showTheme();
}

function showTheme(): void {
  const { theme } = preferences.value;
  const isDark =
    theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  const shown = isDark ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = shown;
  shownTheme.set(shown);
}
