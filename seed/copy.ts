import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

export type Value = string | number | boolean | Date | null | undefined

const PIECE = 500

/** Rows in the text form of COPY: the fastest way in that PostgreSQL has. */
export async function copyRows(
  client: pg.PoolClient,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
): Promise<void> {
  if (rows.length === 0) return
  function* pieces() {
    for (let at = 0; at < rows.length; at += PIECE) {
      let text = ''
      for (const row of rows.slice(at, at + PIECE)) text += `${row.map(written).join('\t')}\n`
      yield Buffer.from(text)
    }
  }
  await pipeline(Readable.from(pieces()), client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`)))
}

const SPECIAL = /[\\\t\n\r]/
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function written(value: Value): string {
  if (value === null || value === undefined) return '\\N'
  if (typeof value === 'string') return SPECIAL.test(value) ? value.replace(/[\\\t\n\r]/g, (c) => ESCAPED[c]!) : value
  if (value instanceof Date) return value.toISOString()
  return String(value)
}
