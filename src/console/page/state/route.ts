import { linkTo, parseHash, type Route } from '../format/address.ts';
import { Store } from './store.ts';

export { linkTo, type Route } from '../format/address.ts';

/** Where the page is; follows the address bar once {@link followAddress} was called. */
export const route = new Store<Route>(parseHash(''));

export function followAddress(): void {
  const follow = () => route.set(parseHash(location.hash));
  addEventListener('hashchange', follow);
  follow();
}

export function navigate(link: string): void {
  location.hash = link;
}

/** Changes the query of the place that is shown, without a step in the history. */
export function replaceQuery(change: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = route.value;
  const link = linkTo(path, { ...Object.fromEntries(query), ...change });
  history.replaceState(null, '', link);
  route.set(parseHash(link));
}
