// biome-ignore-all lint/a11y/noRedundantRoles: on a narrow page the cells are blocks, which takes their roles away unless they are said
import type { ReactNode } from 'react'
import styles from './rows.module.css'

interface Column<Row> {
  readonly key: string
  readonly header: string
  /** A header that only says "acts" is heard and not seen. */
  readonly isHidden?: boolean
  readonly end?: boolean
  readonly cell: (row: Row) => ReactNode
}

interface Props<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly columns: ReadonlyArray<Column<Row>>
}

/** A table of a few dozen rows; on a narrow page each row becomes names and values. */
export function Rows<Row>({ label, rows, keyOf, columns }: Props<Row>) {
  return (
    <div className={styles.frame}>
      <table className={styles.table} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.key} role="columnheader" scope="col" className={column.end ? styles.end : undefined}>
                {column.isHidden ? <span className="visually-hidden">{column.header}</span> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map((column) => (
                <td
                  key={column.key}
                  role="cell"
                  data-name={column.isHidden ? '' : column.header}
                  className={column.end ? styles.end : undefined}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
