import { parseSync } from 'oxc-parser';
import { IMPURE_GLOBALS, IMPURE_MEMBERS, MAX_FILE_LINES, ROOMS, type Room } from './rooms.ts';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** Where a file breaks the rules of the house. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/**
 * Holds a file of src/ against the rules: imports go to earlier rooms only, pure rooms use the ports alone, and no
 * file outgrows its room.
 * @param path relative to the project, with `/`
 */
export function checkFile(path: string, source: string): Finding[] {
  const roomName = path.split('/')[1] ?? '';
  const room = ROOMS.find(each => each.name === roomName);
  const findings: Finding[] = [];
  const report = (position: number, text: string) => {
    findings.push({ path, line: source.slice(0, position).split('\n').length, text });
  };
  const lines = source.split('\n').length - 1;
  if (lines > MAX_FILE_LINES)
    report(0, `${lines} lines, above ${MAX_FILE_LINES}: find the second thing in it`);
  if (room === undefined) {
    report(0, `"${roomName}" is no room: src/ holds ${ROOMS.map(each => each.name).join(', ')}`);
    return findings;
  }
  const parsed = parseSync(path, source);
  for (const error of parsed.errors) report(0, error.message);
  visit(parsed.program as unknown as Node, undefined, '', (node, parent, key) => {
    const specifier = importedFrom(node);
    if (specifier !== undefined) checkImport(path, room, specifier, text => report(node.start, text));
    else if (room.kind === 'pure') checkPurity(node, parent, key, text => report(node.start, text));
  });
  return findings;
}

function importedFrom(node: Node): string | undefined {
  const isImport =
    node.type === 'ImportDeclaration' ||
    node.type === 'ExportNamedDeclaration' ||
    node.type === 'ExportAllDeclaration' ||
    node.type === 'ImportExpression' ||
    node.type === 'TSImportType';
  if (!isImport) return undefined;
  const source = (node['source'] ?? node['argument']) as Node | null | undefined;
  const value = source?.['value'];
  return typeof value === 'string' ? value : undefined;
}

function checkImport(path: string, room: Room, specifier: string, report: (text: string) => void): void {
  if (!specifier.startsWith('.')) {
    if (room.kind === 'pure' && !room.packages?.includes(specifier)) {
      report(`the pure room ${room.name} imports ${specifier}: reach it through a port`);
    }
    return;
  }
  const target = resolve(path, specifier);
  const targetRoom = target[1] ?? '';
  const order = ROOMS.findIndex(each => each.name === targetRoom);
  if (target[0] !== 'src' || order < 0) report(`${specifier} is outside the rooms`);
  else if (order > ROOMS.indexOf(room)) {
    report(`${room.name} imports the later room ${targetRoom}: imports point to earlier rooms only`);
  }
}

function resolve(path: string, specifier: string): string[] {
  const parts = path.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts;
}

function checkPurity(
  node: Node,
  parent: Node | undefined,
  key: string,
  report: (text: string) => void,
): void {
  if (node.type === 'MemberExpression') {
    const object = node['object'] as Node;
    const property = node['property'] as Node;
    const name = `${String(object['name'])}.${String(property['name'])}`;
    if (IMPURE_MEMBERS.has(name)) report(`${name} in a pure room: reach it through a port`);
    return;
  }
  if (node.type !== 'Identifier' || !IMPURE_GLOBALS.has(String(node['name']))) return;
  const isName =
    (parent?.type === 'MemberExpression' && key === 'property' && parent['computed'] !== true) ||
    (parent !== undefined && key === 'key' && parent['computed'] !== true);
  if (!isName) report(`${String(node['name'])} in a pure room: reach it through a port`);
}

function visit(
  node: Node,
  parent: Node | undefined,
  key: string,
  enter: (node: Node, parent: Node | undefined, key: string) => void,
): void {
  enter(node, parent, key);
  for (const [name, value] of Object.entries(node)) {
    if (Array.isArray(value)) {
      for (const each of value) if (isNode(each)) visit(each, node, name, enter);
    } else if (isNode(value)) visit(value, node, name, enter);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}
