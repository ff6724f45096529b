import { crc32, deflateSync } from 'node:zlib'
import { ENGINE } from '../src/db/database.ts'
import type { WorkspaceId } from '../src/lib/ids.ts'
import type { Store } from '../src/store.ts'
import type { SeedFile } from './conversation-rows.ts'

/** A few files that many letters have, as blobs. */
export async function seedFiles({ database, blobs, clock }: Store, workspaceId: WorkspaceId): Promise<SeedFile[]> {
  const contents: readonly (readonly [string, string, Buffer])[] = [
    [
      'receipt.txt',
      'text/plain',
      Buffer.from('Northlight Outfitters\nReceipt\n1 Fjell tent  €249.00\nPaid by card. Thank you!\n'),
    ],
    ['order lines.csv', 'text/csv', Buffer.from('article,pieces,price\nFjell tent,1,249.00\nCedar camp stove,2,59.50\n')],
    ['photo of the zip.png', 'image/png', picture(96, 64, [196, 120, 60])],
    ['scratch.png', 'image/png', picture(80, 80, [70, 110, 90])],
    ['packing list.txt', 'text/plain', Buffer.from('Box 1 of 2: poles, pegs, repair kit\nBox 2 of 2: inner tent, fly sheet\n')],
  ]
  const staged = await Promise.all(contents.map(([, , bytes]) => blobs.stage(workspaceId, bytes)))
  await database.transaction(ENGINE, (tx) => blobs.put(tx, staged, clock.now()))
  return contents.map(([filename, contentType, bytes], i) => ({
    filename,
    contentType,
    sizeBytes: bytes.length,
    hash: staged[i]!.hash,
  }))
}

/** A picture (PNG) that fades from one colour to white. */
function picture(width: number, height: number, [r, g, b]: readonly [number, number, number]): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (const [i, c] of [r, g, b].entries())
        rows[y * (1 + width * 3) + 1 + x * 3 + i] = c + Math.round(((255 - c) * (x + y)) / (width + height))
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([signature, part('IHDR', head), part('IDAT', deflateSync(rows)), part('IEND', Buffer.alloc(0))])
}

function part(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
