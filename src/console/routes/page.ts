import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Context, Hono } from 'hono';

/** Where the build puts the page, seen from the bundle, from a chunk of it, and from this file in the source tree. */
const FOLDERS = ['./console', '../console', '../../../dist/console'];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface PageFile {
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
  readonly type: string;
  /** The name has a hash of the content: it never changes. */
  readonly isFixed: boolean;
}

export interface PageOptions {
  /** Where the built page is; where the build puts it, when it is not given. */
  readonly folder?: string | undefined;
}

/**
 * `/console/`: the page of the console, from the memory of the node. `/` leads there. All addresses in it are relative,
 * so that it works behind a proxy that adds a path.
 */
export function pageRoutes({ folder }: PageOptions = {}): Hono {
  let loading: Promise<ReadonlyMap<string, PageFile>> | undefined;
  const load = async () => {
    loading ??= loadPage(folder);
    const files = await loading;
    // One who builds it now need not start the node again.
    if (files.size === 0) loading = undefined;
    return files;
  };
  return new Hono()
    .get('/', context => context.redirect('console/'))
    .get('/console', context => context.redirect('console/', 301))
    .get('/console/:name{[^/]*}', async context => {
      const name = context.req.param('name') || 'index.html';
      const files = await load();
      const file = files.get(name);
      if (file !== undefined) return serve(context, file);
      if (files.size > 0) return await context.notFound();
      return context.text('The console is not built in this copy of Odradek. Run: npm run build\n', 503);
    });
}

function serve(context: Context, file: PageFile): Response {
  const headers: Record<string, string> = {
    'content-type': file.type,
    'cache-control': file.isFixed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
  };
  const known = context.req.header('if-none-match')?.split(/\s*,\s*/) ?? [];
  if (known.some(each => each.replace(/^W\//, '') === file.etag)) return context.body(null, 304, headers);
  const isGzipTaken = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
  if (isGzipTaken) headers['content-encoding'] = 'gzip';
  return context.body(new Uint8Array(isGzipTaken ? file.gzipped : file.bytes), 200, headers);
}

/** All files of the page by name; none where it was not built. */
async function loadPage(given: string | undefined): Promise<ReadonlyMap<string, PageFile>> {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const folders = given === undefined ? FOLDERS.map(each => path.join(here, each)) : [given];
  for (const folder of folders) {
    const names = await fs.readdir(folder).catch((): string[] => []);
    if (!names.includes('index.html')) continue;
    const files = await Promise.all(names.map(name => loadFile(path.join(folder, name))));
    return new Map(files.map((file, at) => [names[at]!, file]));
  }
  return new Map();
}

async function loadFile(file: string): Promise<PageFile> {
  const bytes = await fs.readFile(file);
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return {
    bytes,
    gzipped: await promisify(gzip)(bytes, { level: 9 }),
    etag: `"${Buffer.from(digest).toString('base64url').slice(0, 16)}"`,
    type: TYPES[path.extname(file)] ?? 'application/octet-stream',
    isFixed: !file.endsWith('index.html'),
  };
}
