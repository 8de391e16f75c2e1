import { defaultSource, type FieldLayout, fixedSize, StructSources, structLayout } from './field_layout.ts';
import type { Field, Fields, Message } from './schema.ts';
import { includesVersion } from './versions.ts';
import { type Sizes, unsignedVarintSize, type Writer } from './writer.ts';

export interface Encoder {
  /** Bytes of the message, payloads included; leaves in `sizes` what writing needs. */
  readonly size: (value: unknown, sizes: Sizes) => number;
  readonly write: (value: unknown, writer: Writer) => void;
}

/** A value, or null, was given for a field that the version can't carry, and that may not be dropped. */
export class UnsupportedField extends Error {
  override readonly name = 'UnsupportedField';
}

/*
 * Makes the encoder of one version as source, as compile_decoder.ts does: a function that counts the bytes and one
 * that writes them, which walk the message in the same order.
 */
export function compileEncoder(message: Message, version: number): Encoder {
  const generator = new EncoderGenerator(message.name, version, includesVersion(message.flexible, version));
  const { size, write } = generator.struct(message.fields);
  const source = `'use strict';\n${generator.source}\nreturn { size: ${size}, write: ${write} };`;
  const make = new Function('EMPTY', 'UnsupportedField', 'varintSize', source);
  return make(Buffer.alloc(0), UnsupportedField, unsignedVarintSize) as Encoder;
}

interface Functions {
  readonly size: string;
  readonly write: string;
}

class EncoderGenerator {
  readonly #sizes = new StructSources('size');
  readonly #writes = new StructSources('write');
  readonly #defaults = new StructSources('isDefault');
  readonly #message: string;
  readonly #version: number;
  readonly #flexible: boolean;

  constructor(message: string, version: number, flexible: boolean) {
    this.#message = message;
    this.#version = version;
    this.#flexible = flexible;
  }

  get source(): string {
    return `${this.#defaults.source}\n${this.#sizes.source}\n${this.#writes.source}`;
  }

  struct(fields: Fields): Functions {
    return {
      size: this.#sizes.name(fields, name => this.#sizeSource(name, fields)),
      write: this.#writes.name(fields, name => this.#writeSource(name, fields)),
    };
  }

  /** The value of a field of `m`, with the default where it was left out. */
  #load(layout: FieldLayout): string {
    const fallback = defaultSource(layout.field, () => '{}');
    return `let v = m.${layout.name}; if (v === undefined) v = ${fallback};`;
  }

  /** A test of `v` for being what stands for an absent field. */
  #isDefault(field: Field): string {
    const { default: value } = field.options;
    const { kind } = field;
    if (value === null) return 'v === null';
    if (kind.type === 'struct') return `v !== null && ${this.#structIsDefault(kind.fields)}(v)`;
    if (kind.type === 'array' || kind.type === 'records' || kind.type === 'bytes')
      return 'v !== null && v.length === 0';
    return `v === ${defaultSource(field, () => '{}')}`;
  }

  #structIsDefault(fields: Fields): string {
    return this.#defaults.name(fields, name => {
      const tests = Object.entries(fields).map(([key, field]) => {
        return `{ const v = m.${key}; if (v !== undefined && !(${this.#isDefault(field)})) return false; }`;
      });
      return `function ${name}(m) { ${tests.join(' ')} return true; }`;
    });
  }

  #refuseUnsupported(layout: FieldLayout): string {
    const text = `Cannot encode ${this.#message} version ${this.#version}: it has no field ${layout.name}`;
    const refusal = `throw new UnsupportedField(${JSON.stringify(text)})`;
    return `{ const v = m.${layout.name}; if (v !== undefined && !(${this.#isDefault(layout.field)})) ${refusal}; }`;
  }

  /** For a field that may be null, but not in this version. */
  #refuseNull(layout: FieldLayout): string {
    if (layout.nullable || layout.field.options.nullable === undefined) return '';
    const text = `Cannot encode ${this.#message} version ${this.#version}: ${layout.name} must not be null`;
    return `if (v === null) throw new UnsupportedField(${JSON.stringify(text)});`;
  }

  #sizeSource(name: string, fields: Fields): string {
    const layout = structLayout(fields, this.#version, this.#flexible);
    const lines = [`function ${name}(m, s) {`];
    for (const field of layout.all) {
      if (field.place === 'absent' && field.field.options.ignorable === undefined) {
        lines.push(this.#refuseUnsupported(field));
      }
    }
    let fixed = 0;
    for (const field of layout.plain) {
      const size = fixedSize(field.field.kind.type);
      if (size !== undefined) fixed += size;
    }
    lines.push(`let n = ${fixed};`);
    for (const field of layout.plain) {
      if (fixedSize(field.field.kind.type) !== undefined) continue;
      lines.push(`{ ${this.#load(field)} ${this.#refuseNull(field)} ${this.#sizeOf(field)} }`);
    }
    if (layout.flexible) lines.push(this.#sizeTagged(layout.tagged));
    lines.push('return n;', '}');
    return lines.join('\n');
  }

  /** Adds the size of `v` to `n`. */
  #sizeOf(layout: FieldLayout): string {
    const { kind } = layout.field;
    const { nullable, compact } = layout;
    const unlessNull = (nullSize: number, add: string) =>
      nullable ? `if (v === null) n += ${nullSize}; else { ${add} }` : add;
    switch (kind.type) {
      case 'string':
        return unlessNull(compact ? 1 : 2, compact ? 'n += s.compactString(v);' : 'n += 2 + s.string(v);');
      case 'bytes': {
        const length = compact ? 'varintSize(v.length + 1)' : '4';
        return unlessNull(compact ? 1 : 4, `n += ${length} + v.length;`);
      }
      case 'records': {
        const prefix = compact ? 'varintSize(k + 1)' : '4';
        return unlessNull(compact ? 1 : 4, `const k = s.payload(v); n += ${prefix} + k;`);
      }
      case 'struct': {
        const size = `n += ${this.struct(kind.fields).size}(v, s);`;
        if (!nullable) return size;
        return `n += 1; if (v !== null) ${size}`;
      }
      case 'array': {
        const length = compact ? 'varintSize(v.length + 1)' : '4';
        return unlessNull(compact ? 1 : 4, `n += ${length}; ${this.#sizeOfElements(kind.element, compact)}`);
      }
      default:
        return `n += ${fixedSize(kind.type)};`;
    }
  }

  #sizeOfElements(element: string | Fields, compact: boolean): string {
    if (typeof element !== 'string') return `for (const e of v) n += ${this.struct(element).size}(e, s);`;
    const fixed = fixedSize(element);
    if (fixed !== undefined) return `n += v.length * ${fixed};`;
    if (element === 'string')
      return `for (const e of v) n += ${compact ? 's.compactString(e)' : '2 + s.string(e)'};`;
    return `for (const e of v) n += ${compact ? 'varintSize(e.length + 1)' : '4'} + e.length;`;
  }

  #sizeTagged(tagged: readonly FieldLayout[]): string {
    if (tagged.length === 0) return 'n += 1;';
    const parts = tagged.map(layout => {
      const add = `{ count++; const place = s.reserve(); const before = n; ${this.#sizeOf(layout)} const k = s.fill(place, n - before); n += varintSize(${layout.tag}) + varintSize(k); }`;
      return `{ ${this.#load(layout)} if (!(${this.#isDefault(layout.field)})) ${add} }`;
    });
    return `{ let count = 0; const place = s.reserve(); ${parts.join('\n')} n += varintSize(s.fill(place, count)); }`;
  }

  #writeSource(name: string, fields: Fields): string {
    const layout = structLayout(fields, this.#version, this.#flexible);
    const lines = [`function ${name}(m, w) {`];
    for (const field of layout.plain) lines.push(`{ ${this.#load(field)} ${this.#writeOf(field)} }`);
    if (layout.flexible) lines.push(this.#writeTagged(layout.tagged));
    lines.push('}');
    return lines.join('\n');
  }

  /** Writes `v`. */
  #writeOf(layout: FieldLayout): string {
    const { kind } = layout.field;
    const { nullable, compact } = layout;
    const nullPrefix = compact
      ? 'w.unsignedVarint(0);'
      : kind.type === 'string'
        ? 'w.int16(-1);'
        : 'w.int32(-1);';
    const unlessNull = (write: string) =>
      nullable ? `if (v === null) { ${nullPrefix} } else { ${write} }` : write;
    const length = (count: string) => (compact ? `w.unsignedVarint(${count} + 1);` : `w.int32(${count});`);
    switch (kind.type) {
      case 'string':
        return unlessNull(compact ? 'w.compactString(v);' : 'w.string(v);');
      case 'bytes':
        return unlessNull(`${length('v.length')} w.raw(v);`);
      case 'records':
        return unlessNull(`const k = w.sizes.next(); ${length('k')} w.payload(v);`);
      case 'struct':
        return this.#writeStruct(layout, kind.fields);
      case 'array':
        return unlessNull(
          `${length('v.length')} for (const e of v) ${this.#writeElement(kind.element, compact)}`,
        );
      default:
        return `w.${kind.type}(v);`;
    }
  }

  #writeStruct(layout: FieldLayout, fields: Fields): string {
    const write = `${this.struct(fields).write}(v, w);`;
    if (!layout.nullable) return write;
    const nothing = layout.place === 'tagged' ? 0 : -1;
    return `if (v === null) w.int8(${nothing}); else { w.int8(1); ${write} }`;
  }

  #writeElement(element: string | Fields, compact: boolean): string {
    if (typeof element !== 'string') return `${this.struct(element).write}(e, w);`;
    if (element === 'string') return `w.${compact ? 'compactString' : 'string'}(e);`;
    if (element === 'bytes') {
      return `{ ${compact ? 'w.unsignedVarint(e.length + 1);' : 'w.int32(e.length);'} w.raw(e); }`;
    }
    return `w.${element}(e);`;
  }

  #writeTagged(tagged: readonly FieldLayout[]): string {
    if (tagged.length === 0) return 'w.unsignedVarint(0);';
    const parts = tagged.map(layout => {
      const write = `{ w.unsignedVarint(${layout.tag}); w.unsignedVarint(w.sizes.next()); ${this.#writeOf(layout)} }`;
      return `{ ${this.#load(layout)} if (!(${this.#isDefault(layout.field)})) ${write} }`;
    });
    return `w.unsignedVarint(w.sizes.next()); ${parts.join('\n')}`;
  }
}
