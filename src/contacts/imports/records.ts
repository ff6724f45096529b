import type { Db } from '../../db/database.ts'
import { createDelimitedReader, type Record_ } from './delimited.ts'
import type { ImportBatch } from './queries.ts'
import { readPart } from './take-file.ts'

export interface NumberedRecord extends Record_ {
  /** Counted over all files of the import, headers left out. */
  readonly n: number
  readonly file: string
}

/** Cells take several times the room of their bytes: so much of a part becomes rows at a time. */
const PIECE_BYTES = 128 * 1024

/** The rows of all files, part by part: no more than one of them stands in memory. */
export async function* recordsOf(db: Db, batch: ImportBatch): AsyncGenerator<NumberedRecord[]> {
  const { shape, settings, workspaceId, id } = batch
  if (!shape || !settings) return
  let n = 0
  for (const { name, from, to } of shape.files) {
    const decoder = new TextDecoder(settings.encoding)
    const reader = createDelimitedReader(settings.delimiter)
    let isFirst = settings.hasHeader
    const file = shape.files.length > 1 ? name : ''
    const numbered = (records: Record_[]): NumberedRecord[] => {
      const rows = isFirst ? records.slice(1) : records
      if (records.length > 0) isFirst = false
      return rows.map((record) => ({ ...record, n: ++n, file }))
    }
    for (let part = from; part < to; part++) {
      const bytes = await readPart(db, workspaceId, id, part)
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const piece = bytes.subarray(at, at + PIECE_BYTES)
        yield numbered(reader.push(decoder.decode(piece, { stream: true }).replaceAll('\0', '')))
      }
    }
    yield numbered([...reader.push(decoder.decode().replaceAll('\0', '')), ...reader.end()])
  }
}
