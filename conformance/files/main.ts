import { killAll } from '../runner/children.ts';
import { runProgram } from '../support/program.ts';
import { cases } from './cases.ts';

// Nodes are in groups of processes of their own: they must not outlive the program.
process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await runProgram(cases);
