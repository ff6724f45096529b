/**
 * PostgreSQL's text form of arrays, for statements that take hundreds of rows at once: `unnest` over such parameters costs the server a sixth
 * of what json_to_recordset costs, and writing the text ourselves spares the driver's general quoting.
 */
import { type RawBuilder, sql } from 'kysely'

/** Of values whose text needs no quoting: numbers, UUIDs, our own state names. */
export function plainArray(values: readonly (string | number)[]): string {
  return `{${values.join(',')}}`
}

const SPECIAL = /["\\]/

/** Of any text; null becomes NULL. */
export function textArray(values: readonly (string | null)[]): string {
  let text = '{'
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (i > 0) text += ','
    if (value === null || value === undefined) text += 'NULL'
    else text += SPECIAL.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`
  }
  return `${text}}`
}

type Cell = string | number | boolean | Date | Buffer | null
/** Its type in PostgreSQL, and its value in a row. An array in a row is text here, and cast in the statement: those of several rows differ in length. */
export type Columns<Row> = Readonly<Record<string, readonly [type: string, value: (row: Row) => Cell]>>

/** Rows as a table of a statement, `unnest (…) as name (columns)`: one parameter a column, however many rows. */
export function tableOf<Row>(name: string, rows: readonly Row[], columns: Columns<Row>): RawBuilder<unknown> {
  const arrays = Object.values(columns).map(
    ([type, value]) => sql`${textArray(rows.map((row) => cellText(value(row))))}::${sql.raw(type)}[]`,
  )
  const names = Object.keys(columns).map((column) => `"${column}"`)
  return sql`unnest(${sql.join(arrays)}) as ${sql.raw(`${name} (${names.join(', ')})`)}`
}

function cellText(cell: Cell): string | null {
  if (cell === null || typeof cell === 'string') return cell
  if (cell instanceof Date) return cell.toISOString()
  return Buffer.isBuffer(cell) ? `\\x${cell.toString('hex')}` : String(cell)
}
