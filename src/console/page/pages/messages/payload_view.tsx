import { useMemo } from 'preact/hooks';
import type { Payload } from '../../../api/messages.ts';
import { hexDump } from '../../format/hex_dump.ts';
import { formatBytes } from '../../format/numbers.ts';
import { prettyJson } from '../../format/pretty_json.ts';

/** Bytes as text, laid out: JSON in lines with every digit as it is, hex with what of it is ASCII. */
export function PayloadView({ payload, label }: { payload: Payload; label: string }) {
  const isJson = payload.form === 'json' || payload.form === 'avro' || payload.form === 'protobuf';
  return (
    <>
      {payload.problem !== undefined && <p class="problem">{payload.problem}</p>}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would not keep the spaces */}
      <pre
        class={payload.form === 'hex' ? 'payload-box hex' : 'payload-box'}
        role="group"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
      >
        {isJson ? (
          <JsonText text={payload.text} />
        ) : payload.form === 'hex' ? (
          hexDump(payload.text)
        ) : (
          payload.text
        )}
        {payload.isCut && '…'}
      </pre>
      {payload.isCut && (
        <p class="muted small">
          Cut: the whole has {formatBytes(payload.sizeBytes)}. Download it to see the rest.
        </p>
      )}
    </>
  );
}

function JsonText({ text }: { text: string }) {
  const tokens = useMemo(() => prettyJson(text), [text]);
  return (
    <>
      {tokens.map(({ kind, text: part }, at) =>
        kind === 'space' ? (
          part
        ) : (
          <span key={at} class={`json-${kind}`}>
            {part}
          </span>
        ),
      )}
    </>
  );
}

/** A payload in one line of a table. */
export function PayloadLine({ payload }: { payload: Payload | null }) {
  if (payload === null) return <span class="muted">null</span>;
  if (payload.sizeBytes === 0) return <span class="muted">empty</span>;
  return <span class="payload">{payload.text.slice(0, 400)}</span>;
}
