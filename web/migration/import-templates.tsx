import { FileButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { FileUp } from 'lucide-react'
import { useState } from 'react'
import { type ImportedTemplates, importTemplates } from '../../src/api/endpoints/template-imports.ts'
import { listTemplates } from '../../src/api/endpoints/templates.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Note } from '../ui/note.tsx'
import styles from './migration.module.css'

/** Templates of other tools, from a file with what their interface answers; and what could not be carried over. */
export function ImportTemplates() {
  const says = t.migration
  const because = whyNot(useMe(), 'campaigns.manage')
  const [made, setMade] = useState<ImportedTemplates | null>(null)
  const [isUnreadable, setUnreadable] = useState(false)
  const take = useAction(importTemplates, { changes: [listTemplates], quiet: true, onDone: setMade })
  async function read(file: File) {
    setUnreadable(false)
    setMade(null)
    const answer: unknown = await file
      .text()
      .then(JSON.parse)
      .catch(() => null)
    if (answer === null) setUnreadable(true)
    else take.mutate({ body: { answer } })
  }
  return (
    <div className={styles.stack}>
      <div className={styles.line}>
        <FileButton accept=".json,application/json" onChange={(file) => file && void read(file)}>
          {(props) => (
            <ActButton
              {...props}
              size="xs"
              variant="default"
              because={because}
              loading={take.isPending}
              leftSection={<FileUp size={13} aria-hidden />}
            >
              {says.templates}
            </ActButton>
          )}
        </FileButton>
        <span className={styles.hint}>{says.templatesHint}</span>
      </div>
      {(take.error || isUnreadable) && (
        <Note tone="bad" alert>
          {take.error?.message ?? says.noJson}
        </Note>
      )}
      {made && <Made made={made} />}
    </div>
  )
}

function Made({ made: { source, templates, passed_over: passedOver } }: { made: ImportedTemplates }) {
  const says = t.migration
  return (
    <Note tone="good" hint={passedOver.length > 0 ? says.passedOver(passedOver) : undefined}>
      {says.made(templates.length, t.imports.from[source])}
      <ul className={styles.made}>
        {templates.map(({ id, name, notes }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names of templates may be alike
          <li key={i}>
            {id ? (
              <Link to="/templates/$id" params={{ id }}>
                {name}
              </Link>
            ) : (
              name
            )}
            {notes.length > 0 && (
              <ul>
                {notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </Note>
  )
}
