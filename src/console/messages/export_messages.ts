import type { Message } from '../api/messages.ts';
import type { ConsoleNode } from '../console_node.ts';
import type { MessageRequest } from './message_query.ts';
import { messageView, timestampTypeOf } from './message_view.ts';
import { RecordScan } from './record_scan.ts';

export type ExportFormat = 'jsonl' | 'csv';

/** Text that is sent in one piece. */
const PIECE_CHARACTERS = 64 * 1024;
const CSV_HEAD = 'partition,offset,timestamp,key,value,headers\r\n';

/** All records that a request wants as text, piece by piece: as fast as the reader takes them. */
export async function* exportMessages(
  node: ConsoleNode,
  request: MessageRequest,
  format: ExportFormat,
): AsyncGenerator<string> {
  const scan = await RecordScan.open(node, request);
  const shown = {
    forms: request.forms,
    // What is taken away is whole.
    maxChars: Infinity,
    timestampType: timestampTypeOf(node.image, request.partitions[0]?.topic ?? ''),
  };
  const line = format === 'jsonl' ? jsonLine : csvLine;
  let text = format === 'csv' ? CSV_HEAD : '';
  let found = 0;
  try {
    while (found < request.limit) {
      const record = await scan.next(() => false);
      if (record === undefined) break;
      if (request.filter !== undefined && !request.filter(record)) continue;
      found++;
      text += line(messageView(record, shown));
      if (text.length < PIECE_CHARACTERS) continue;
      yield text;
      text = '';
    }
    if (text !== '') yield text;
    // A download that is cut off is seen to be; one that ends as if it were complete is not.
    if (found < request.limit && !scan.isComplete)
      throw new Error(scan.problem ?? 'a partition can not be read');
  } finally {
    scan.close();
  }
}

/** Keys and values are texts, JSON too: so every reader has all digits. `…Form` tells what is no text. */
function jsonLine({ headers, key, offset, partition, timestampMs, value }: Message): string {
  const form = (name: string, payload: Message['key']) =>
    payload === null || payload.form === 'text' || payload.form === 'json'
      ? {}
      : { [`${name}Form`]: payload.form };
  const line = {
    partition,
    offset,
    timestamp: new Date(timestampMs).toISOString(),
    key: key?.text ?? null,
    ...form('key', key),
    value: value?.text ?? null,
    ...form('value', value),
    headers: headers.map(header => ({ name: header.name, value: header.value?.text ?? null })),
  };
  return `${JSON.stringify(line)}\n`;
}

function csvLine({ headers, key, offset, partition, timestampMs, value }: Message): string {
  const shownHeaders = headers.map(header => [header.name, header.value?.text ?? null]);
  const cells = [
    String(partition),
    offset,
    new Date(timestampMs).toISOString(),
    key?.text ?? '',
    value?.text ?? '',
    headers.length === 0 ? '' : JSON.stringify(shownHeaders),
  ];
  return `${cells.map(cell => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
