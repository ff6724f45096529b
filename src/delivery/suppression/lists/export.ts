import type { Suppression } from '../suppression.ts'
import { csvLine } from './csv.ts'
import type { ListFormat } from './import.ts'

const HEADER = ['address', 'stream', 'reason', 'source', 'note', 'reply', 'delivery_id', 'created_at', 'expires_at'] as const

export interface Place {
  readonly createdAt: Date
  readonly address: string
  readonly stream: string
}

/** The whole list as text, a page of rows at a time: `page` reads what comes after a place. */
export async function* exportSuppressions(
  format: ListFormat,
  page: (after: Place | null) => Promise<readonly Suppression[]>,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(HEADER)
  let after: Place | null = null
  for (;;) {
    const rows = await page(after)
    if (rows.length === 0) return
    yield rows.map((row) => (format === 'csv' ? csvLine(cellsOf(row)) : `${JSON.stringify(recordOf(row))}\n`)).join('')
    after = rows.at(-1) ?? null
  }
}

function recordOf(row: Suppression): Record<(typeof HEADER)[number], string | null> {
  return {
    address: row.address,
    stream: row.stream,
    reason: row.reason,
    source: row.source,
    note: row.note,
    reply: row.reply,
    delivery_id: row.deliveryId,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
  }
}

function cellsOf(row: Suppression): string[] {
  const record = recordOf(row)
  return HEADER.map((name) => record[name] ?? '')
}
