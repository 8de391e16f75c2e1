import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { cliDocument } from '../../src/cli/cli_document.ts';
import { findCandidates } from '../../src/cli/completion_words.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { run } from '../support/command_line.ts';

const program = buildProgram({ terminal: processTerminal(), exitCode: 0 });

test('docs/cli.md is what the declarations say', () => {
  const written = fs.readFileSync('docs/cli.md', 'utf8').replaceAll('\r\n', '\n');
  assert.equal(written, cliDocument(program), 'npm run docs:cli writes it anew');
});

test('what makes no sense exits with 2, and says what does', async () => {
  const cases: readonly [string, RegExp][] = [
    ['', /Usage: odradek/],
    ['nosuch', /too many arguments|unknown command/],
    ['topic', /Usage: odradek topic/],
    ['topic list --nosuch', /unknown option '--nosuch'/],
    ['topic list -o xml', /table, wide, json, yaml/],
    ['topic create', /missing required argument 'name'/],
    ['topic create a -p 0', /-p is "0", but must be a whole number, 1 or more/],
    ['topic create a -c x', /-c takes key=value/],
    ['topic create a -p 1 --assignment 1:2', /leave -p and -r out/],
    ['topic create a --assignment 1;2', /write it as 1:2,2:3/],
    ['topic alter a', /Nothing to change/],
    ['topic add-partitions a', /--add so many more, or --total/],
    ['topic trim a', /--before/],
    ['topic trim a --before sometime', /no position/],
    ['topic offsets a --at x', /no time/],
    ['topic list -B :0', /-B takes addresses as host:port/],
    ['topic list -X foo=1', /"foo" is no setting of a client/],
    ['topic list -X acks', /-X takes key=value/],
    ['topic list -X timeout.ms=1', /is it .*request\.timeout\.ms/],
    ['topic list -X request.timeout.ms=x', /must be a whole number/],
    ['topic list -X security.protocol=SASL_SSL', /PLAINTEXT/],
    ['topic list --profile nosuch', /Cannot read the profile "nosuch"/],
    ['produce a --tombstone', /needs the key/],
    ['produce a -z rar', /compression\.type is "rar", but must be one of none, gzip/],
    ['produce a --acks 2', /--acks: acks is "2"/],
    ['produce a --json -K :', /leave -K out/],
    ['consume a -f %q', /%q/],
    ['consume a --filter x', /--filter is "x"/],
    ['consume a -g g -p 1', /leave -p and --to out/],
    ['consume a --no-commit', /add -g/],
    ['consume a --from nowhere', /no position/],
    ['consume a -n x', /-n is "x"/],
    ['group seek g', /one of --to, --by and --to-group/],
    ['group seek g --to end --by 1', /one of --to, --by and --to-group/],
    ['group seek g --by x', /must be a number of records/],
    ['cluster reassign', /Name the partitions with -t/],
    ['cluster reassign -t a', /--brokers/],
    ['cluster elect --unclean', /name the partitions with -t/],
    ['cluster health -e', /add --watch/],
    ['broker describe x', /id of a broker is "x"/],
    ['config get nothing/x', /has no settings/],
    ['config get broker/x', /no id of a broker/],
    ['config describe x --of y', /--of is one of/],
    ['dump-log f --values', /--values is for --records/],
    ['dump-log f --decode y', /--decode is one of/],
    ['bench --seconds x', /--seconds is "x"/],
    ['completion csh', /bash, zsh and fish/],
  ];
  for (const [line, text] of cases) {
    const { code, stderr, stdout } = await run(line.split(' ').filter(word => word !== ''));
    assert.equal(code, 2, `${line}: ${stderr}`);
    assert.match(stderr, text, line);
    assert.equal(stdout, '', line);
  }
});

test('a cluster that is not there is told at once, with what to try', async () => {
  const startedMs = performance.now();
  const { code, stderr } = await run(['topic', 'list', '-B', '127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(stderr, /^odradek: Cannot connect to 127\.0\.0\.1:1: ECONNREFUSED.*\nTry: .*odradek serve/);
  assert.ok(performance.now() - startedMs < 5_000);
});

test('help and version go to stdout and are no error', async () => {
  const help = await run(['topic', 'create', '--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--if-not-exists/);
  assert.equal(help.stderr, '');
  assert.equal((await run(['--version'])).code, 0);
});

test('profiles, the environment and options, in this order', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-profiles-'));
  fs.mkdirSync(path.join(folder, 'odradek'));
  const write = (name: string, content: string) =>
    fs.writeFileSync(path.join(folder, 'odradek', `${name}.properties`), content);
  write('default', 'bootstrap.servers=127.0.0.1:2\n');
  write('other', 'bootstrap.servers=127.0.0.1:3\nsasl.jaas.config=secret\n');
  write('bad', 'acks=some\n');
  const tried = async (args: readonly string[], environment = {}) => {
    const { stderr } = await run(['topic', 'list', ...args], {
      environment: { XDG_CONFIG_HOME: folder, ...environment },
    });
    return stderr;
  };
  try {
    assert.match(await tried([]), /connect to 127\.0\.0\.1:2:/);
    const other = await tried(['--profile', 'other']);
    assert.match(other, /"sasl\.jaas\.config" does nothing here/);
    assert.ok(!other.includes('secret'));
    assert.match(other, /connect to 127\.0\.0\.1:3:/);
    assert.match(await tried([], { ODRADEK_PROFILE: 'other' }), /connect to 127\.0\.0\.1:3:/);
    const file = path.join(folder, 'odradek', 'other.properties');
    assert.match(await tried(['--profile', file]), /connect to 127\.0\.0\.1:3:/);
    const environment = { ODRADEK_BOOTSTRAP_SERVERS: '127.0.0.1:4' };
    assert.match(await tried(['--profile', 'other'], environment), /connect to 127\.0\.0\.1:4:/);
    assert.match(
      await tried(['-X', 'bootstrap.servers=127.0.0.1:5'], environment),
      /connect to 127\.0\.0\.1:5:/,
    );
    assert.match(
      await tried(['-X', 'bootstrap.servers=x:5', '-B', '127.0.0.1:6'], environment),
      /127\.0\.0\.1:6:/,
    );
    assert.match(await tried(['--profile', 'bad']), /acks is "some", but must be one of all/);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('completion knows commands, options, choices, and where topics and groups stand', () => {
  const cases: readonly [string, readonly string[], string?][] = [
    ['to', ['topic']],
    ['topic d', ['describe', 'delete']],
    ['topic create --if', ['--if-not-exists']],
    ['topic list -o ', ['table', 'wide', 'json', 'yaml']],
    ['topic list -o y', ['yaml']],
    ['topic describe ', [], 'topics'],
    ['topic describe -o json one ', [], 'topics'],
    ['topic create ', []],
    ['group seek ', [], 'groups'],
    ['group seek g -t ', [], 'topics'],
    ['group seek g --to-group ', [], 'groups'],
    ['consume one ', [], 'topics'],
    ['consume one -g ', [], 'groups'],
    ['comp', ['completion']],
  ];
  for (const [line, words, names] of cases) {
    assert.deepEqual(findCandidates(program, line.split(' ')), { words, names }, line);
  }
});

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`${shell} gets its completion`, async () => {
    const { code, stdout } = await run(['completion', shell]);
    assert.equal(code, 0);
    assert.match(stdout, /odradek complete -- /);
  });
}
