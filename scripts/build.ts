/*
 * npm run build [-- DIR]: bundles the program into dist/ (or DIR), from where bin/odradek starts it, and the page of its
 * console into console/ there. One bundle loads several times faster than the hundreds of files that it is made of.
 */
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundlePage } from './build_page.ts';

/** Packages with native code: they find their binaries beside themselves. */
const EXTERNAL = ['@node-rs/crc32', 'fs-native-extensions', 'lz4-napi', 'snappy'];

/** CommonJS packages inside the bundle ask for Node's own modules by `require`. The name is no one else's. */
const REQUIRE =
  "import{createRequire as createBundleRequire}from'node:module';const require=createBundleRequire(import.meta.url);";

/**
 * Bundles src/cli/main.ts into `folder`/odradek.js; what is imported dynamically goes into chunks beside it, and
 * the console's page into console/. Returns the sizes in bytes by path.
 */
export async function bundle(folder: string): Promise<Map<string, number>> {
  fs.rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { odradek: 'src/cli/main.ts' },
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL,
    banner: { js: REQUIRE },
    // Names stay: they are what a stack trace and a profile say.
    minifyWhitespace: true,
    minifySyntax: true,
    // Node prints the whole line where an exception was thrown.
    lineLimit: 160,
    legalComments: 'none',
    // For `node --enable-source-maps bin/odradek`; without that flag Node doesn't read it.
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  });
  const sizes = new Map(Object.entries(metafile.outputs).map(([path, { bytes }]) => [path, bytes]));
  for (const [path, bytes] of await bundlePage(`${folder}/console`)) sizes.set(path, bytes);
  return sizes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [path, bytes] of await bundle(process.argv[2] ?? 'dist')) {
    if (/\.(js|css)$/.test(path)) console.log(`${path}: ${Math.ceil(bytes / 1024)} KB`);
  }
}
