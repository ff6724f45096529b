/** Writes winmail.dat, as far as its reader reads it (MS-OXTNEF). */
export interface TnefFixture {
  readonly properties: readonly Property[]
  readonly files: readonly { readonly title: string; readonly data: Buffer; readonly properties: readonly Property[] }[]
}
/** Id in the upper half, type in the lower. */
export type Property = readonly [tag: number, value: Buffer]

export function tnefOf({ properties, files }: TnefFixture): Buffer {
  return Buffer.concat([
    Buffer.from([0x78, 0x9f, 0x3e, 0x22, 1, 0]),
    attribute(1, 0x00069003, propertiesOf(properties)),
    ...files.flatMap(({ title, data, properties: own }) => [
      attribute(2, 0x00069002, Buffer.alloc(14)),
      attribute(2, 0x00018010, Buffer.from(`${title}\0`)),
      attribute(2, 0x0006800f, data),
      attribute(2, 0x00069005, propertiesOf(own)),
    ]),
  ])
}

export function unicode(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le')
}

function attribute(level: number, id: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([level]), long(id), long(data.length), data, Buffer.alloc(2)])
}

function propertiesOf(properties: readonly Property[]): Buffer {
  const values = properties.map(([tag, value]) => {
    const padding = Buffer.alloc((4 - (value.length % 4)) % 4)
    return Buffer.concat([tagBytes(tag), long(1), long(value.length), value, padding])
  })
  return Buffer.concat([long(properties.length), ...values])
}

/** Type first, then id. */
function tagBytes(tag: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(tag & 0xffff, 0)
  bytes.writeUInt16LE(tag >>> 16, 2)
  return bytes
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
