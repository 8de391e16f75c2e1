import module from 'node:module';

const load = module.createRequire(import.meta.url);

/**
 * Loads a module with a prebuilt binary, or gives undefined where there is none for the system. Called when a codec is
 * first used, since each module costs tens of milliseconds and some megabytes.
 */
export function loadNative<Module>(name: 'snappy' | 'lz4-napi'): Module | undefined {
  try {
    return load(name) as Module;
  } catch {
    return undefined;
  }
}
