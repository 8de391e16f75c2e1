import { Badge, HealthBadge } from '../components/badge.tsx';
import { Button, Segments } from '../components/button.tsx';
import { Icon, type IconName, Logo } from '../components/icons.tsx';
import { problemOf, send } from '../state/api_client.ts';
import { live } from '../state/live.ts';
import { prefer, preferences } from '../state/preferences.ts';
import { linkTo } from '../state/route.ts';
import { askWhoIAm, session } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { toast } from '../state/toasts.ts';

interface Place {
  readonly key: string;
  readonly title: string;
  readonly icon: IconName;
  /** After `g`. */
  readonly shortcut: string;
}

export const PLACES: readonly Place[] = [
  { key: '', title: 'Overview', icon: 'overview', shortcut: 'o' },
  { key: 'topics', title: 'Topics', icon: 'topics', shortcut: 't' },
  { key: 'groups', title: 'Groups', icon: 'groups', shortcut: 'g' },
  { key: 'quorum', title: 'Quorum', icon: 'quorum', shortcut: 'q' },
  { key: 'alerts', title: 'Alerts', icon: 'alerts', shortcut: 'a' },
  { key: 'settings', title: 'Settings', icon: 'settings', shortcut: 's' },
];

export function placeLink({ key }: { readonly key: string }): string {
  return linkTo(key === '' ? [] : [key]);
}

export function Nav({ place, onHelp }: { place: string; onHelp(): void }) {
  const { cluster } = useStore(live);
  const firing = cluster?.alertsFiring ?? 0;
  return (
    <nav class="nav" aria-label="Pages">
      <a class="brand" href={linkTo([])} aria-label="Odradek, overview">
        <Logo />
        <span>Odradek</span>
      </a>
      {PLACES.map(each => (
        <a
          key={each.key}
          class="nav-link"
          href={placeLink(each)}
          aria-current={place === each.key ? 'page' : undefined}
        >
          <Icon name={each.icon} />
          {each.title}
          {each.key === 'alerts' && firing > 0 && (
            <span class="nav-count">
              <Badge tone="bad" isPlain>
                {firing}
                <span class="hidden-text"> firing</span>
              </Badge>
            </span>
          )}
        </a>
      ))}
      <NavFoot onHelp={onHelp} />
    </nav>
  );
}

function NavFoot({ onHelp }: { onHelp(): void }) {
  const { theme, timeZone } = useStore(preferences);
  const { cluster } = useStore(live);
  return (
    <div class="nav-foot">
      {cluster !== undefined && (
        <div class="nav-foot-row">
          <span>Cluster</span>
          <HealthBadge status={cluster.health.status} />
        </div>
      )}
      <Who />
      <div class="nav-foot-row">
        <span id="times-in">Times</span>
        <Segments
          label="Times in"
          value={timeZone}
          choices={[
            { value: 'local', text: 'Local' },
            { value: 'utc', text: 'UTC' },
          ]}
          onChoose={chosen => prefer({ timeZone: chosen })}
        />
      </div>
      <div class="nav-foot-row">
        <Segments
          label="Colours"
          value={theme}
          choices={[
            { value: 'system', text: "The system's colours", icon: 'system' },
            { value: 'light', text: 'Light', icon: 'sun' },
            { value: 'dark', text: 'Dark', icon: 'moon' },
          ]}
          onChoose={chosen => prefer({ theme: chosen })}
        />
        <Button icon="help" label="Keys (?)" tone="quiet" isSmall onClick={onHelp} />
      </div>
    </div>
  );
}

function Who() {
  const { me } = useStore(session);
  if (me === undefined) return null;
  const logOut = async () => {
    try {
      await send('POST', 'logout', {});
      await askWhoIAm();
    } catch (error) {
      toast('bad', `Could not log out: ${problemOf(error)}`);
    }
  };
  return (
    <>
      <div class="nav-foot-row">
        <span class="cut">
          Node {me.node.id}
          {me.user === null ? '' : ` · ${me.user}`}
        </span>
        <Badge isPlain tone={me.readOnly ? 'warn' : undefined} title={me.why ?? 'What you may do here'}>
          {me.readOnly ? 'read-only' : (me.role ?? 'nobody')}
        </Badge>
      </div>
      {me.hasLogin && (
        <Button isSmall onClick={() => void logOut()}>
          Log out
        </Button>
      )}
    </>
  );
}
