import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import { checkImport, getImport, type Import, listImports, readImportAnew, runImport } from '../../src/api/endpoints/imports.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Note } from '../ui/note.tsx'
import styles from './imports.module.css'

/** After the dry run: what speaks against it, what to do about it, and the button. */
export function Decide({ of }: { of: Import }) {
  const [accepts, setAccepts] = useState(false)
  const changes = [getImport, listImports]
  const params = { id: of.id }
  const run = useAction(runImport, { changes })
  const check = useAction(checkImport, { changes })
  const again = useAction(readImportAnew, { changes })
  const { objection, settings, shape, counts } = of
  const other = objection?.delimiter ?? null
  const isOpen = objection === null || (objection.kind === 'too_many_invalid' && accepts)
  return (
    <div className={styles.stack}>
      {objection && (
        <Note tone="bad" alert hint={other && t.imports.splitHint}>
          {objection.sentence}
        </Note>
      )}
      {objection?.kind === 'too_many_invalid' && (
        <Checkbox
          label={t.imports.acceptInvalid}
          checked={accepts}
          onChange={(event) => setAccepts(event.currentTarget.checked)}
        />
      )}
      <div className={styles.acts}>
        {objection?.kind !== 'wrong_delimiter' && (
          <ActButton
            because={isOpen ? null : (objection?.sentence ?? null)}
            loading={run.isPending}
            onClick={() => run.mutate({ params, body: { accept_invalid: accepts } })}
          >
            {t.imports.run(counts.new + counts.known + counts.suppressed)}
          </ActButton>
        )}
        {other && shape && (
          <ActButton
            loading={again.isPending}
            onClick={() => again.mutate({ params, body: { delimiter: other, encoding: shape.encoding } })}
          >
            {t.imports.readAs(t.imports.delimiters[other])}
          </ActButton>
        )}
        {other && settings && (
          <ActButton
            variant="default"
            loading={check.isPending}
            onClick={() => check.mutate({ params, body: { ...settings, split_glued: true } })}
          >
            {t.imports.split}
          </ActButton>
        )}
        {shape && settings && (
          <ActButton
            variant="default"
            loading={again.isPending}
            onClick={() => again.mutate({ params, body: { delimiter: settings.delimiter, encoding: settings.encoding } })}
          >
            {t.imports.back}
          </ActButton>
        )}
      </div>
    </div>
  )
}
