/**
 * Prints a line a failed or skipped test, and closes with `N passed, N failed, N skipped`. JavaScript, because Node
 * loads a reporter before any loader for TypeScript.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} source
 */
export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for await (const event of source) {
    if (event.type === 'test:stderr' || event.type === 'test:stdout') {
      yield event.data.message;
      continue;
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, file, skip, details } = event.data;
    if (event.type === 'test:fail') {
      const { error } = details;
      // What only contains failed tests is not counted again; a file that fails by itself is one failure.
      if (error.failureType === 'subtestsFailed') continue;
      failed++;
      const cause = error.cause ?? error;
      yield `FAILED ${name} (${file ?? ''})\n${indent(cause.stack ?? String(cause))}\n`;
    } else if (skip !== undefined && skip !== false) {
      skipped++;
      yield `skipped ${name}: ${String(skip)}\n`;
    } else if (details.type !== 'suite') {
      passed++;
    }
  }
  yield `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}

/** @param {string} text */
function indent(text) {
  return text
    .split('\n')
    .map(line => `    ${line}`)
    .join('\n');
}
