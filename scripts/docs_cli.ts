/* npm run docs:cli: writes docs/cli.md from the declarations of the commands. */
import fs from 'node:fs';
import { cliDocument } from '../src/cli/cli_document.ts';
import { buildProgram } from '../src/cli/program.ts';
import { processTerminal } from '../src/cli/terminal.ts';

fs.writeFileSync('docs/cli.md', cliDocument(buildProgram({ terminal: processTerminal(), exitCode: 0 })));
