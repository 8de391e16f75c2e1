import { useState } from 'preact/hooks';
import type { MessageQuery } from '../../../api/messages.ts';
import { Button } from '../../components/button.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { Field, Select, TextInput } from '../../components/form.tsx';
import { ApiFailure, apiUrl } from '../../state/api_client.ts';
import { toast } from '../../state/toasts.ts';

/** Exports what was searched for, in a file. */
export function ExportButtons({ topic, query }: { topic: string; query: MessageQuery }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon="download" onClick={() => setOpen(true)}>
        Export
      </Button>
      {isOpen && <ExportDialog topic={topic} query={query} onClose={() => setOpen(false)} />}
    </>
  );
}

interface ExportDialogProps {
  readonly topic: string;
  readonly query: MessageQuery;
  onClose(): void;
}

function ExportDialog({ topic, query, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState('jsonl');
  const [limit, setLimit] = useState('10000');
  const isReady = /^\d+$/.test(limit) && Number(limit) >= 1 && Number(limit) <= 1_000_000;
  const save = async () => {
    const url = apiUrl(`topics/${encodeURIComponent(topic)}/export`, { format });
    const { cursor: _, ...rest } = query;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...rest, limit: Number(limit) }),
    });
    if (!response.ok)
      throw new ApiFailure(response.status, ((await response.json()) as { error: string }).error);
    saveAs(await response.blob(), `${topic}.${format}`);
    toast('good', `Exported records of ${topic} to ${topic}.${format}.`);
  };
  return (
    <FormDialog
      title={`Export records of ${topic}`}
      verb="Export"
      isReady={isReady}
      onSubmit={save}
      onClose={onClose}
    >
      <p>Exports what the search finds, with its filters, in the form in which values are shown.</p>
      <div class="fields columns">
        <Field label="Format">
          {attributes => (
            <Select
              {...attributes}
              value={format}
              choices={[
                ['jsonl', 'JSON, a record a line'],
                ['csv', 'CSV'],
              ]}
              onChoose={setFormat}
            />
          )}
        </Field>
        <Field label="Records at most" problem={isReady ? undefined : 'From 1 to 1,000,000.'}>
          {attributes => <TextInput {...attributes} isNumber value={limit} onInput={setLimit} />}
        </Field>
      </div>
    </FormDialog>
  );
}

function saveAs(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
