import { useEffect, useState } from 'preact/hooks';
import type { LoginRequest, Me } from '../../api/session.ts';
import { Button } from '../components/button.tsx';
import { Field, TextInput } from '../components/form.tsx';
import { Logo } from '../components/icons.tsx';
import { Note } from '../components/states.tsx';
import { problemOf, send } from '../state/api_client.ts';
import { session } from '../state/session.ts';

export function LoginPage() {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Log in · Odradek';
    document.querySelector<HTMLElement>('.login input')?.focus();
  }, []);
  const logIn = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const request: LoginRequest = { user, password };
      session.set({ me: await send<Me>('POST', 'login', request), problem: undefined });
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={event => void logIn(event)}>
        <h1 class="brand">
          <Logo />
          Odradek
        </h1>
        <p class="muted">The users of this console are named by console.auth in the settings of its node.</p>
        <Field label="User">
          {attributes => <TextInput {...attributes} value={user} autoComplete="username" onInput={setUser} />}
        </Field>
        <Field label="Password">
          {attributes => (
            <TextInput
              {...attributes}
              type="password"
              value={password}
              autoComplete="current-password"
              onInput={setPassword}
            />
          )}
        </Field>
        {problem !== undefined && <Note tone="bad">{problem}</Note>}
        <Button type="submit" tone="primary" isBusy={isBusy}>
          Log in
        </Button>
      </form>
    </main>
  );
}
