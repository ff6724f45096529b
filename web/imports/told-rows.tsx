import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { listImportRows } from '../../src/api/endpoints/imports.ts'
import type { Id } from '../../src/lib/ids.ts'
import { usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import styles from './imports.module.css'

const KINDS = ['refused', 'repeated', 'suppressed', 'repaired'] as const

/** Rows that somebody should look at: each with its line, the reason, and how it stands there. */
export function ToldRows({ id }: { id: Id<'import_batch'> }) {
  const [kind, setKind] = useState<(typeof KINDS)[number]>('refused')
  const pages = usePages(listImportRows, { id, kind }, 100)
  const choose = (
    <SegmentedControl
      size="xs"
      aria-label={t.imports.told}
      data={KINDS.map((value) => ({ value, label: t.imports.kinds[value] }))}
      value={kind}
      onChange={(value) => setKind(value as typeof kind)}
    />
  )
  return (
    <Panel title={t.imports.told} aside={choose}>
      {pages.error && pages.items.length === 0 && <Failed error={pages.error} retry={pages.retry} />}
      {pages.isPending && <Skeleton lines={4} />}
      {!pages.isPending && !pages.error && pages.items.length === 0 && <p className={styles.raw}>{t.imports.toldNone}</p>}
      <ul className={styles.rows}>
        {pages.items.map(({ n, line, file, reason, raw }) => (
          <li key={n}>
            <b>{t.imports.line(line, file)}</b> {reason}
            {raw !== '' && <div className={styles.raw}>{raw}</div>}
          </li>
        ))}
      </ul>
      {pages.hasMore && (
        <ActButton variant="default" size="compact-sm" loading={pages.isFetchingMore} onClick={pages.more}>
          {t.imports.more}
        </ActButton>
      )}
    </Panel>
  )
}
