const BYTES_A_LINE = 16;

/** Digits of bytes as lines of offset, bytes and what of them is ASCII. */
export function hexDump(digits: string): string {
  const lines: string[] = [];
  const clean = digits.replace(/[^0-9a-f]/gi, '');
  for (let at = 0; at < clean.length; at += BYTES_A_LINE * 2) {
    const bytes = clean.slice(at, at + BYTES_A_LINE * 2).match(/../g) ?? [];
    const ascii = bytes.map(byte => {
      const code = Number.parseInt(byte, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·';
    });
    const offset = (at / 2).toString(16).padStart(6, '0');
    lines.push(`${offset}  ${bytes.join(' ').padEnd(BYTES_A_LINE * 3 - 1)}  ${ascii.join('')}`);
  }
  return lines.join('\n');
}
