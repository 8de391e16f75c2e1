import { render } from 'preact';
import { App } from './app.tsx';
import { loginsWanted } from './state/api_client.ts';
import { startPreferences } from './state/preferences.ts';
import { followAddress } from './state/route.ts';
import { askWhoIAm } from './state/session.ts';
import './styles/page.css';

startPreferences();
followAddress();
loginsWanted.watch(() => void askWhoIAm());
void askWhoIAm();
render(<App />, document.getElementById('page')!);
