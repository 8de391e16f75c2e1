import { type Setting, splitList } from './setting.ts';

/** The text of an allowed value as Kafka describes it: numbers without leading zeros, lists without spaces. */
export function canonicalText({ type }: Setting, text: string): string {
  switch (type) {
    case 'int':
    case 'short':
    case 'long':
      return BigInt(text.trim()).toString();
    case 'double':
      return javaDouble(Number(text));
    case 'boolean':
      return text.trim().toLowerCase();
    case 'list':
      return [...new Set(splitList(text))].join(',');
    default:
      return text.trim();
  }
}

/** A number as Java's Double.toString writes it. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits, exponent] = value.toExponential().split('e');
    return `${digits!.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
