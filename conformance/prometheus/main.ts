import { runProgram } from '../support/program.ts';
import { cases } from './cases.ts';

await runProgram(cases);
