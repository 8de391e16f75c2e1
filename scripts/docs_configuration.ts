/* npm run docs:configuration: writes docs/configuration.md from the tables of settings. */
import fs from 'node:fs';
import { configurationDocument } from '../src/settings/configuration_document.ts';

fs.writeFileSync('docs/configuration.md', configurationDocument());
