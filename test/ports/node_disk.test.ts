import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NodeDisk } from '../../src/io/node_disk.ts';
import { testDisk } from './disk_contract.ts';

testDisk('the real disk', () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-disk-')).replaceAll('\\', '/');
  return {
    disk: new NodeDisk(),
    root,
    run: promise => promise,
    another: () => new NodeDisk(),
    close: () => fs.rmSync(root, { recursive: true, force: true }),
  };
});
