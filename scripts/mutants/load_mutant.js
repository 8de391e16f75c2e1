/* The loader's side of register.ts. */

/** @type {{ url: string, code: string }} */
let mutant;

/** @param {{ url: string, code: string }} data */
export function initialize(data) {
  mutant = data;
}

/**
 * @param {string} url
 * @param {unknown} context
 * @param {(url: string, context: unknown) => unknown} nextLoad
 */
export function load(url, context, nextLoad) {
  // Other hooks mark what they have seen behind a question mark.
  if (url.split('?')[0] === mutant.url) return { format: 'module', source: mutant.code, shortCircuit: true };
  return nextLoad(url, context);
}
