import type { Outcome } from '../../client/admin/answers.ts';
import { ERROR_NAMES } from '../../model/error_codes.ts';
import { type Failure, failed } from '../../model/failure.ts';
import type { CommandContext } from '../command_context.ts';
import { ExitCode } from '../exit_codes.ts';
import { hintFor } from '../hints.ts';
import { table } from '../output/blocks.ts';

/**
 * Shows what became of each of several things.
 * @param noun what they are, as a column's header
 * @param done what became of those that went well
 * @returns `failed` when one of them could not be done
 */
export async function reportOutcomes(
  context: CommandContext,
  outcomes: readonly Outcome[],
  { done, noun }: { readonly noun: string; readonly done: string },
): Promise<ExitCode> {
  const { output } = context;
  const rows = outcomes.map(({ failure, name }) => ({
    [noun]: name,
    result: failure === undefined ? done : 'failed',
    error: failure === undefined ? null : (ERROR_NAMES.get(failure.code) ?? String(failure.code)),
    message: failure?.message ?? null,
  }));
  const block = table(
    [
      { header: noun.toUpperCase(), value: row => row[noun] },
      {
        header: 'RESULT',
        value: (row, paint) => (row['error'] === null ? row['result'] : paint.bad(row['result'] ?? '')),
      },
      { header: 'MESSAGE', isOptional: true, value: row => row['message'] },
    ],
    rows,
    { empty: 'There was nothing to do.' },
  );
  await output.show(rows, block);
  const failures = outcomes
    .map(({ failure }) => failure)
    .filter((failure): failure is Failure => failed(failure));
  const hints = new Set(failures.map(hintFor).filter(hint => hint !== undefined));
  for (const hint of hints) context.note(`Try: ${hint}`);
  return failures.length === 0 ? ExitCode.ok : ExitCode.failed;
}
