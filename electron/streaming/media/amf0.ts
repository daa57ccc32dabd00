/**
 * AMF0 (Action Message Format, "amf0-file-format-specification", Adobe 2007; clauses cited as §). The values of RTMP
 * commands and of FLV script data. Malformed bytes are a RangeError; decoding neither recurses without limit nor
 * reserves memory that the bytes do not back.
 */

/**
 * How AMF0 types look here: number §2.2, boolean §2.3, string §2.4 and long string §2.14 → string, object §2.5 → a record
 * without prototype (so that `__proto__` is a key like any other), null §2.7, undefined §2.8, ECMA array §2.10 → Map,
 * strict array §2.12 → array, date §2.13 → Date.
 */
export type Amf0Value =
  number | boolean | string | null | undefined | Date | Amf0Object | Amf0EcmaArray | readonly Amf0Value[];
export interface Amf0Object {
  readonly [key: string]: Amf0Value;
}
export type Amf0EcmaArray = ReadonlyMap<string, Amf0Value>;

const marker = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xmlDocument: 0x0f,
  typedObject: 0x10,
} as const;

export interface Amf0Limits {
  /** nesting of objects and arrays */
  readonly depth: number;
  /** values in one message, counting every member */
  readonly values: number;
}
const defaultLimits: Amf0Limits = { depth: 16, values: 10_000 };

/** @returns the values one after the other, as a command message's body holds them */
export function encodeAmf0(...values: readonly Amf0Value[]): Buffer {
  const parts: Buffer[] = [];
  for (const value of values) encodeValue(value, parts, 0);
  return Buffer.concat(parts);
}

/**
 * All values of a body, to its last byte.
 * @throws RangeError for anything that is not AMF0 or exceeds the limits
 */
export function decodeAmf0(body: Uint8Array, limits: Partial<Amf0Limits> = {}): Amf0Value[] {
  const reader = new Reader(body, { ...defaultLimits, ...limits });
  const values: Amf0Value[] = [];
  while (!reader.isAtEnd) values.push(reader.value(0));
  return values;
}

/** whether a value is an object (§2.5), so that its members can be asked for */
export const isAmf0Object = (value: Amf0Value): value is Amf0Object =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Map) &&
  !(value instanceof Date);

const isStrictArray = (value: Amf0Value): value is readonly Amf0Value[] => Array.isArray(value);

function encodeValue(value: Amf0Value, parts: Buffer[], depth: number): void {
  if (depth > defaultLimits.depth)
    throw new RangeError(`AMF0: nested deeper than ${defaultLimits.depth} levels`);
  if (value === undefined) parts.push(Buffer.of(marker.undefined));
  else if (value === null) parts.push(Buffer.of(marker.null));
  else if (typeof value === 'boolean') parts.push(Buffer.of(marker.boolean, value ? 1 : 0));
  else if (typeof value === 'number') parts.push(Buffer.of(marker.number), double(value));
  else if (typeof value === 'string') encodeString(value, parts);
  else if (value instanceof Date) {
    // §2.13: the time zone is reserved and 0.
    parts.push(Buffer.of(marker.date), double(value.getTime()), Buffer.alloc(2));
  } else if (isStrictArray(value)) {
    parts.push(Buffer.of(marker.strictArray), uint32(value.length));
    for (const item of value) encodeValue(item, parts, depth + 1);
  } else if (value instanceof Map) {
    const entries = value as Amf0EcmaArray;
    parts.push(Buffer.of(marker.ecmaArray), uint32(entries.size));
    encodeMembers(entries, parts, depth);
  } else {
    parts.push(Buffer.of(marker.object));
    encodeMembers(Object.entries(value), parts, depth);
  }
}

function encodeMembers(
  members: Iterable<readonly [string, Amf0Value]>,
  parts: Buffer[],
  depth: number,
): void {
  for (const [key, value] of members) {
    const name = Buffer.from(key, 'utf8');
    if (name.length > 0xffff) throw new RangeError(`AMF0: a member name of ${name.length} bytes`);
    parts.push(uint16(name.length), name);
    encodeValue(value, parts, depth + 1);
  }
  // §2.11: an empty name followed by the object end marker.
  parts.push(Buffer.of(0, 0, marker.objectEnd));
}

function encodeString(value: string, parts: Buffer[]): void {
  const text = Buffer.from(value, 'utf8');
  if (text.length > 0xffff) parts.push(Buffer.of(marker.longString), uint32(text.length), text);
  else parts.push(Buffer.of(marker.string), uint16(text.length), text);
}

function double(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  return bytes;
}
function uint16(value: number): Buffer {
  return Buffer.of(value >>> 8, value & 0xff);
}
function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

class Reader {
  readonly #bytes: Buffer;
  readonly #limits: Amf0Limits;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array, limits: Amf0Limits) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): Amf0Value {
    if (depth > this.#limits.depth)
      throw new RangeError(`AMF0: nested deeper than ${this.#limits.depth} levels`);
    if (++this.#values > this.#limits.values)
      throw new RangeError(`AMF0: more than ${this.#limits.values} values`);
    const at = this.#at;
    const type = this.#uint8();
    switch (type) {
      case marker.number:
        return this.#double();
      case marker.boolean:
        return this.#uint8() !== 0;
      case marker.string:
        return this.#text(this.#uint16());
      case marker.object:
        return this.#object(depth);
      case marker.null:
        return null;
      case marker.undefined:
      case marker.unsupported:
        return undefined;
      case marker.ecmaArray:
        // §2.10: the count is a hint only; the end is marked as in an object.
        this.#take(4);
        return new Map(this.#members(depth));
      case marker.strictArray: {
        const count = this.#uint32();
        const items: Amf0Value[] = [];
        for (let index = 0; index < count; index++) items.push(this.value(depth + 1));
        return items;
      }
      case marker.date: {
        const time = this.#double();
        this.#take(2);
        return new Date(time);
      }
      case marker.longString:
      case marker.xmlDocument:
        return this.#text(this.#uint32());
      case marker.typedObject:
        // §2.18: a class name, then as an object; nobody here knows classes.
        this.#text(this.#uint16());
        return this.#object(depth);
      default:
        throw new RangeError(`AMF0: no value begins with 0x${type.toString(16)} (byte ${at})`);
    }
  }

  #object(depth: number): Amf0Object {
    const result = Object.create(null) as Record<string, Amf0Value>;
    for (const [key, value] of this.#members(depth)) result[key] = value;
    return result;
  }

  *#members(depth: number): Generator<[string, Amf0Value]> {
    for (;;) {
      const key = this.#text(this.#uint16());
      if (key === '' && this.#bytes[this.#at] === marker.objectEnd) {
        this.#at++;
        return;
      }
      yield [key, this.value(depth + 1)];
    }
  }

  /** reserves the next bytes and returns where they begin */
  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length)
      throw new RangeError(
        `AMF0: ${length} bytes expected at byte ${at}, ${this.#bytes.length - at} are left`,
      );
    this.#at = at + length;
    return at;
  }
  #uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }
  #uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }
  #uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }
  #double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }
  #text(length: number): string {
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }
}
