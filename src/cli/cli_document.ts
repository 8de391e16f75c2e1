import type { Command, Option } from 'commander';
import { ExitCode } from './exit_codes.ts';

const HEAD = `# Commands

Every command there is, made from the program's own declarations by \`npm run docs:cli\`. \`odradek COMMAND --help\`
prints the same.

They talk Kafka's protocol, so they work against Apache Kafka as well, but for \`alert\`, which asks the nodes over HTTP.

## What all have in common

- **Which cluster**: \`-B host:port,…\`, else \`-X bootstrap.servers=…\`, else the environment variable
  \`ODRADEK_BOOTSTRAP_SERVERS\`, else the profile, else \`localhost:9092\`.
- **Settings of the client**: \`-X key=value\`, by the names of Kafka's clients (\`-X request.timeout.ms=30000\`).
- **Profiles**: \`--profile NAME\`, or \`ODRADEK_PROFILE\`, reads \`~/.config/odradek/NAME.properties\`; a path works, too.
  The file is in the form of Kafka's client.properties. The profile \`default\` counts when none is asked for.
- **Output**: \`-o table\` for people, \`-o wide\` with more columns, \`-o json\` and \`-o yaml\` for programs. What comes one by
  one (\`consume\`, \`produce\`, \`dump-log\`) is a line of JSON or a document of YAML each. Offsets and times are whole
  numbers with all of their digits. Results go to stdout, everything else to stderr. Colours and progress are for
  terminals alone; \`NO_COLOR=1\` takes the colours away.
- **What destroys or moves** (\`group seek\`, \`group delete\`, \`topic trim\`, \`cluster reassign\`, \`broker drain\`) shows what
  it would do, and does it with \`--execute\`.
- **Exit codes**: ${ExitCode.ok} done, ${ExitCode.failed} it could not be done, ${ExitCode.misused} it was asked for wrongly, ${ExitCode.unhealthy} the cluster is not healthy.
- **Completion**: \`eval "$(odradek completion bash)"\`, or zsh; \`odradek completion fish\` prints a file for fish.
  Topics and groups are completed, too.

Positions are \`start\`, \`end\`, an offset, \`+10\` (so many after the start), \`-10\` (so many before the end) or a time:
\`@2024-01-31T12:00:00Z\`, \`@1706702400000\`, \`@-15m\`.

Formats of \`consume\` (\`-f\`):

| | |
|---|---|
| \`%t\` \`%p\` \`%o\` \`%e\` | topic, partition, offset, leader epoch |
| \`%k\` \`%v\` (or \`%s\`) | key and value; \`%v{hex}\`, \`{base64}\`, \`{text}\`, \`{json}\` in another form |
| \`%K\` \`%V\` (or \`%S\`) | their lengths in bytes, -1 for none |
| \`%d\` (or \`%T\`) | the timestamp in milliseconds, \`%d{iso}\` in ISO 8601 |
| \`%h\` \`%H\` | the headers as \`name=value,…\`, or each as in \`%h{%k: %v\\n}\`; how many there are |
| \`%i\` \`%j\` \`%%\` | the record's number from 1, the whole record as JSON, a percent sign |
| \`\\n\` \`\\t\` \`\\r\` \`\\0\` \`\\x1f\` \`\\\\\` | characters |

Filters (\`--filter\`) are \`FIELD=TEXT\`, \`!=\`, \`~REGEX\`, \`!~\`, and \`<\` \`<=\` \`>\` \`>=\` for numbers. Fields are \`key\`, \`value\`,
\`header.NAME\`, \`topic\`, \`partition\`, \`offset\`, \`timestamp\`, and \`value.a.b\` for what is deep in JSON.
`;

/** docs/cli.md: the reference of all commands, from their declarations. */
export function cliDocument(program: Command): string {
  const sections = leavesOf(program, []).map(({ command, path }) => section(command, path));
  return `${HEAD}\n${sections.join('\n')}`;
}

interface Leaf {
  readonly command: Command;
  readonly path: readonly string[];
}

function leavesOf(command: Command, path: readonly string[]): Leaf[] {
  const inner = command.commands.filter(each => !isHidden(each));
  if (inner.length === 0) return [{ command, path }];
  return inner.flatMap(each => leavesOf(each, [...path, each.name()]));
}

const isHidden = (command: Command): boolean =>
  (command as unknown as { readonly _hidden?: boolean })._hidden === true;

/** What every command that talks to a cluster has; told once, above. */
const COMMON = new Set(['--output', '--bootstrap-server', '-X', '--profile']);

function section(command: Command, path: readonly string[]): string {
  const usage = command.usage().replace('[options]', '').trim();
  const own = command.options.filter(
    option => !option.hidden && !COMMON.has(option.long ?? option.short ?? ''),
  );
  const rows = own.map(option => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${describe(option)} |`);
  const table = rows.length === 0 ? '' : `\n| option | |\n|---|---|\n${rows.join('\n')}\n`;
  return `## odradek ${path.join(' ')}\n\n    odradek ${[...path, usage].join(' ').trim()}\n\n${capital(command.description())}.\n${table}`;
}

function describe({ defaultValue, description }: Option): string {
  const isShown = defaultValue !== undefined && typeof defaultValue === 'string';
  return `${description}${isShown ? ` (default: \`${defaultValue}\`)` : ''}`.replaceAll('|', '\\|');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
