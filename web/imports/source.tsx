import type { Import } from '../../src/api/endpoints/imports.ts'
import { listContactFields } from '../../src/api/endpoints/lists.ts'
import { SOURCES, type Source } from '../../src/contacts/migration/source.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { number } from '../ui/format.ts'
import { Note } from '../ui/note.tsx'
import { Rows } from '../ui/rows.tsx'
import styles from './imports.module.css'

type Shape = NonNullable<Import['shape']>

/** Which tool the file is from, and what that means for its people. */
export function SourceNote({ shape, source }: { shape: Shape; source: Source }) {
  return (
    <div className={styles.stack}>
      <Note tone="calm" hint={shape.lists.length === 0 ? t.imports.sourceHint[source] : t.imports.sameName}>
        {t.imports.source[source]} {shape.lists.length > 0 && t.imports.sourceLists(shape.lists.length)}
        {shape.lists.length > 0 && (
          <ul className={styles.lists}>
            {shape.lists.map(({ name, is_public, opt_in }) => (
              <li key={name}>{t.imports.sourceList(name, is_public, opt_in)}</li>
            ))}
          </ul>
        )}
      </Note>
    </div>
  )
}

/** Keys of the file's JSON that would be lost, as far as its first rows show. */
export function UnknownKeys({ shape: { sample, has_header }, columns }: { shape: Shape; columns: readonly string[] }) {
  const fields = useEndpoint(listContactFields, {})
  const place = columns.indexOf('data')
  if (place === -1 || !fields.data) return null
  const known = new Set<string>(fields.data.items.map(({ key }) => key))
  const keys = sample.slice(has_header ? 1 : 0).flatMap((cells) => keysOf(cells[place] ?? ''))
  const unknown = [...new Set(keys)].filter((key) => !known.has(key))
  if (unknown.length === 0) return null
  return (
    <Note tone="care" hint={t.imports.noFieldHint}>
      {t.imports.noFieldFor(unknown)}
    </Note>
  )
}

/** Also of a cell that is shown cut off. */
function keysOf(cell: string): string[] {
  return [...cell.matchAll(/[{,]\s*"([a-zA-Z0-9_]{1,40})"\s*:/g)].flatMap(([, key]) => key ?? [])
}

export function Statuses({ statuses }: { statuses: Import['statuses'] }) {
  return (
    <div className={styles.statuses}>
      <Rows
        label={t.imports.statuses}
        rows={statuses}
        keyOf={({ word }) => word}
        columns={[
          { key: 'word', header: t.imports.statusWord, cell: ({ word }: Import['statuses'][number]) => word },
          { key: 'n', header: t.imports.statusN, end: true, cell: ({ n }: Import['statuses'][number]) => number(n) },
          { key: 'becomes', header: t.imports.statusBecomes, cell: ({ becomes }: Import['statuses'][number]) => becomes },
        ]}
      />
    </div>
  )
}

export function HowTo() {
  return (
    <details className={styles.howTo}>
      <summary>{t.imports.howTo}</summary>
      <dl>
        {SOURCES.map((source) => (
          <div key={source}>
            <dt>{t.imports.from[source]}</dt>
            <dd>{t.imports.howToSteps[source]}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
