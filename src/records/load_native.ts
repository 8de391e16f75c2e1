import module from 'node:module';

const load = module.createRequire(import.meta.url);

/**
 * Loads a module with a prebuilt binary, or gives undefined where there is none for the system. A module costs some
 * tens of milliseconds and megabytes: those that may not be needed are loaded when they first are.
 */
export function loadNative<Module>(name: '@node-rs/crc32' | 'snappy' | 'lz4-napi'): Module | undefined {
  try {
    return load(name) as Module;
  } catch {
    return undefined;
  }
}
