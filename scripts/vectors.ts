/*
 * npm run vectors -- DIR: decodes every golden vector of a folder (messages and record batches as Kafka wrote them, with
 * their JSON), compares, encodes again and compares the bytes. One line a failure; closes with `N passed, N failed`.
 * Exits 1 if any failed, 2 if there is no such folder.
 */
import { checkFolder, NotVectors } from './vectors/folder.ts';

const folders = process.argv.slice(2);
if (folders.length !== 1) {
  console.error('Usage: npm run vectors -- DIR');
  process.exit(2);
}

let passed = 0;
let failed = 0;
try {
  checkFolder(folders[0]!, {
    checked(place, problem) {
      if (problem === undefined) {
        passed++;
        return;
      }
      failed++;
      console.log(`${place}: ${problem}`);
    },
    absent: file => console.log(`not checked: there is no ${file}`),
  });
} catch (error) {
  if (!(error instanceof NotVectors)) throw error;
  console.error(`Cannot check vectors: ${error.message}`);
  process.exit(2);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
