import { runProgram } from '../support/program.ts';
import { adminCases } from './admin.ts';
import { groupCases } from './groups.ts';
import { positionCases } from './positions.ts';
import { produceCases } from './produce.ts';
import { refusalCases } from './refusals.ts';

await runProgram({ ...adminCases, ...produceCases, ...positionCases, ...groupCases, ...refusalCases });
