import type { Case } from '../support/program.ts';
import { adminCases } from './admin.ts';
import { groupCases } from './groups.ts';
import { positionCases } from './positions.ts';
import { produceCases } from './produce.ts';
import { refusalCases } from './refusals.ts';

/** Every case of kafkajs, by name: to be run by the suite, or by a test against a broker of its own. */
export const cases: Readonly<Record<string, Case>> = {
  ...adminCases,
  ...produceCases,
  ...positionCases,
  ...groupCases,
  ...refusalCases,
};
