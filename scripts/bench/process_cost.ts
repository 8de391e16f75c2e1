import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** What processes have used, with all that they started. */
export interface ProcessCost {
  readonly cpuSeconds: number;
  readonly residentMb: number;
}

interface ProcessRow extends ProcessCost {
  readonly pid: number;
  readonly parent: number;
}

/** What the processes and their descendants have used up to now; of one that is gone, nothing. */
export function costOf(pids: readonly number[]): ProcessCost {
  const rows = process.platform === 'linux' ? rowsOfLinux() : rowsOfPs();
  const wanted = new Set(pids);
  // A child may stand before its parent.
  for (let before = -1; before !== wanted.size; ) {
    before = wanted.size;
    for (const { pid, parent } of rows) if (wanted.has(parent)) wanted.add(pid);
  }
  let cpuSeconds = 0;
  let residentMb = 0;
  for (const row of rows) {
    if (!wanted.has(row.pid)) continue;
    cpuSeconds += row.cpuSeconds;
    residentMb += row.residentMb;
  }
  return { cpuSeconds, residentMb };
}

function rowsOfLinux(): ProcessRow[] {
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
  const rows: ProcessRow[] = [];
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name of the program, in brackets, may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      rows.push({
        pid: Number(name),
        parent: Number(fields[1]),
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks,
        residentMb: (Number(fields[21]) * pageBytes) / 2 ** 20,
      });
    } catch {
      // It ended meanwhile.
    }
  }
  return rows;
}

/** Whole seconds of CPU time where `ps` tells no more. */
function rowsOfPs(): ProcessRow[] {
  const output = execFileSync('ps', ['-axo', 'pid=,ppid=,time=,rss='], { encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map(line => {
      const [pid, parent, time, rss] = line.trim().split(/\s+/);
      const cpuSeconds = time!
        .replace('-', ':')
        .split(':')
        .reduce((sum, part) => sum * 60 + Number(part), 0);
      return { pid: Number(pid), parent: Number(parent), cpuSeconds, residentMb: Number(rss) / 1024 };
    });
}
