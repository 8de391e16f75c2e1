import { useStore } from '../state/store.ts';
import { closeToast, toasts } from '../state/toasts.ts';
import { Button } from './button.tsx';

/** What was said lately; read aloud by screen readers. */
export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div class="toasts" role="log" aria-label="Messages" aria-live="polite">
      {shown.map(({ id, tone, text }) => (
        <div key={id} class={`toast ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
          <div>{text}</div>
          <Button
            icon="close"
            label="Close this message"
            tone="quiet"
            isSmall
            onClick={() => closeToast(id)}
          />
        </div>
      ))}
    </div>
  );
}
