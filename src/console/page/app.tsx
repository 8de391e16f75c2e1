import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Toasts } from './components/toasts.tsx';
import { AlertsPage } from './pages/alerts/alerts_page.tsx';
import { GroupPage } from './pages/groups/group_page.tsx';
import { GroupsPage } from './pages/groups/groups_page.tsx';
import { LoginPage } from './pages/login_page.tsx';
import { NothingHere } from './pages/nothing_here.tsx';
import { OverviewPage } from './pages/overview/overview_page.tsx';
import { QuorumPage } from './pages/quorum_page.tsx';
import { SettingsPage } from './pages/settings/settings_page.tsx';
import { TopicPage } from './pages/topics/topic_page.tsx';
import { TopicsPage } from './pages/topics/topics_page.tsx';
import { ConnectionBanner } from './shell/connection_banner.tsx';
import { Nav } from './shell/nav.tsx';
import { ShortcutsHelp, useShortcuts } from './shell/shortcuts.tsx';
import { liveStream } from './state/live.ts';
import { type Route, route } from './state/route.ts';
import { session } from './state/session.ts';
import { useStore } from './state/store.ts';
import { toast } from './state/toasts.ts';

export function App() {
  const { me, problem } = useStore(session);
  if (me === undefined) {
    return (
      <main class="login">
        <p role="status">
          {problem === undefined ? 'Asking the node…' : `Cannot reach the node. ${problem}`}
        </p>
      </main>
    );
  }
  return me.needsLogin ? <LoginPage /> : <Shell />;
}

function Shell() {
  const shown = useStore(route);
  const main = useRef<HTMLElement>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useShortcuts(() => setHelpOpen(true));
  useLiveStream();
  const place = shown.path.join('/');
  const isFirst = useRef(true);
  useEffect(() => {
    // The place is new: what reads the page aloud begins at its heading.
    main.current!.scrollTop = 0;
    if (!isFirst.current) main.current!.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [place]);
  return (
    <div class="shell">
      <button type="button" class="button skip-link" onClick={() => main.current!.focus()}>
        Skip to the content
      </button>
      <Nav place={shown.path[0] ?? ''} onHelp={() => setHelpOpen(true)} />
      <div class="top">
        <ConnectionBanner />
      </div>
      <main class="main" id="main" tabIndex={-1} ref={main}>
        {pageFor(shown)}
      </main>
      <Toasts />
      {isHelpOpen && <ShortcutsHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function pageFor({ path }: Route): ComponentChildren {
  const [place, name, ...rest] = path;
  if (rest.length === 0) {
    if (place === undefined) return <OverviewPage />;
    if (place === 'topics') return name === undefined ? <TopicsPage /> : <TopicPage key={name} name={name} />;
    if (place === 'groups') return name === undefined ? <GroupsPage /> : <GroupPage key={name} id={name} />;
    if (place === 'quorum' && name === undefined) return <QuorumPage />;
    if (place === 'alerts' && name === undefined) return <AlertsPage />;
    if (place === 'settings' && name === undefined) return <SettingsPage />;
  }
  return <NothingHere />;
}

/** Listens to the cluster while somebody is logged in; what happens to brokers is said on every page. */
function useLiveStream(): void {
  useEffect(() => {
    liveStream.start();
    const stop = liveStream.listen(event => {
      const isOnOverview = route.value.path.length === 0;
      if (isOnOverview || (event.event !== 'broker' && event.event !== 'leaders')) return;
      toast(event.event === 'broker' && event.data.what === 'fenced' ? 'warn' : 'info', event.data.text);
    });
    return () => {
      stop();
      liveStream.stop();
    };
  }, []);
}
