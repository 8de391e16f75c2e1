import {
  defaultSource,
  type FieldLayout,
  fixedSize,
  leastElementSize,
  memoryOfElement,
  StructSources,
  structLayout,
} from './field_layout.ts';
import { Malformed } from './malformed.ts';
import { nullError, type Reader } from './reader.ts';
import type { Fields, Message } from './schema.ts';
import { includesVersion } from './versions.ts';

export type Decoder = (reader: Reader) => unknown;

/*
 * Makes the decoder of one version of a message as JavaScript source: straight code without a look at the schema,
 * whose objects all have the same shape. That is several times faster than walking the declaration, and paid for
 * once per version that is used. The source is made of names and constants of the declarations alone.
 */
export function compileDecoder(message: Message, version: number): Decoder {
  const generator = new DecoderGenerator(version, includesVersion(message.flexible, version));
  const root = generator.struct(message.fields);
  const source = `'use strict';\n${generator.source}\nreturn ${root};`;
  const make = new Function('EMPTY', 'nullError', 'Malformed', source);
  return make(Buffer.alloc(0), nullError, Malformed) as Decoder;
}

class DecoderGenerator {
  readonly #structs = new StructSources('read');
  readonly #defaults = new StructSources('default');
  readonly #version: number;
  readonly #flexible: boolean;

  constructor(version: number, flexible: boolean) {
    this.#version = version;
    this.#flexible = flexible;
  }

  get source(): string {
    return `${this.#defaults.source}\n${this.#structs.source}`;
  }

  /** The name of the function that reads the struct. */
  struct(fields: Fields): string {
    return this.#structs.name(fields, name => this.#structSource(name, fields));
  }

  #structSource(name: string, fields: Fields): string {
    const layout = structLayout(fields, this.#version, this.#flexible);
    const lines = [`function ${name}(r) {`];
    for (const field of layout.plain) lines.push(`let $${field.name}; ${this.#readField(field)}`);
    for (const field of [...layout.all.filter(each => each.place === 'absent'), ...layout.tagged]) {
      lines.push(`let $${field.name} = ${this.#default(field)};`);
    }
    if (layout.flexible) lines.push(this.#readTagged(layout.tagged));
    lines.push(`return { ${layout.all.map(field => `${field.name}: $${field.name}`).join(', ')} };`, '}');
    return lines.join('\n');
  }

  #default(layout: FieldLayout): string {
    return defaultSource(layout.field, fields => `${this.#structDefault(fields)}()`);
  }

  #structDefault(fields: Fields): string {
    return this.#defaults.name(fields, name => {
      const values = Object.entries(fields).map(
        ([key, field]) => `${key}: ${defaultSource(field, nested => `${this.#structDefault(nested)}()`)}`,
      );
      return `function ${name}() { return { ${values.join(', ')} }; }`;
    });
  }

  /** Assigns the field's value to its variable. */
  #readField(layout: FieldLayout): string {
    const target = `$${layout.name}`;
    const { kind } = layout.field;
    if (kind.type === 'array') return this.#readArray(layout, kind.element, target);
    if (kind.type === 'struct') return `${target} = ${this.#readStruct(layout, kind.fields)};`;
    if (kind.type === 'records') {
      const read = this.#readPrimitive('bytes', layout);
      return `${target} = ${read}; if (${target} !== null) ${target} = [${target}];`;
    }
    return `${target} = ${this.#readPrimitive(kind.type, layout)};`;
  }

  #readPrimitive(type: string, layout: FieldLayout): string {
    if (fixedSize(type) !== undefined) return `r.${type}()`;
    const base = type === 'string' ? 'String' : 'Bytes';
    const method = layout.nullable
      ? layout.compact
        ? `compactNullable${base}`
        : `nullable${base}`
      : layout.compact
        ? `compact${base}`
        : type;
    return `r.${method}(${layout.nullable ? '' : JSON.stringify(layout.name)})`;
  }

  #readStruct(layout: FieldLayout, fields: Fields): string {
    const read = `${this.struct(fields)}(r)`;
    if (!layout.nullable) return read;
    // A nullable struct that is tagged has an unsigned varint before it, as Kafka's generated code has.
    return layout.place === 'tagged'
      ? `r.unsignedVarint() === 0 ? null : ${read}`
      : `r.int8() < 0 ? null : ${read}`;
  }

  #readArray(layout: FieldLayout, element: string | Fields, target: string): string {
    const least = leastElementSize(element as Fields, this.#version, this.#flexible);
    const memory = memoryOfElement(element as Fields, this.#version, this.#flexible);
    const count = `r.${layout.compact ? 'compactArrayCount' : 'arrayCount'}(${least}, ${memory})`;
    const onNull = layout.nullable ? `${target} = null` : `throw nullError(${JSON.stringify(layout.name)})`;
    // Made at its size: an array that grows by push takes up to 17 places for its first element.
    return `{ const n = ${count}; if (n < 0) ${onNull}; else { ${target} = new Array(n); for (let i = 0; i < n; i++) ${target}[i] = ${this.#readElement(layout, element)}; } }`;
  }

  #readElement(layout: FieldLayout, element: string | Fields): string {
    if (typeof element !== 'string') return `${this.struct(element)}(r)`;
    return this.#readPrimitive(element, { ...layout, nullable: false });
  }

  #readTagged(tagged: readonly FieldLayout[]): string {
    const cases = tagged.map(layout => `case ${layout.tag}: { ${this.#readField(layout)} break; }`);
    return `for (let count = r.taggedFieldCount(); count > 0; count--) {
      const tag = r.unsignedVarint(), size = r.unsignedVarint(), end = r.position + size;
      switch (tag) { ${cases.join('\n')} default: r.skip(size); }
      if (r.position !== end) throw new Malformed('tagged field ' + tag + ' of ' + size + ' bytes ends at ' + r.position + ' instead of ' + end);
    }`;
  }
}
