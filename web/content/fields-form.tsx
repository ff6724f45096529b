import { ActionIcon, Checkbox, TextInput } from '@mantine/core'
import { X } from 'lucide-react'
import type { CampaignContent } from '../../src/api/endpoints/content-shapes.ts'
import { t } from '../texts/texts.ts'
import styles from './content.module.css'

type Field = CampaignContent['fields'][number]

interface Props {
  readonly fields: readonly Field[]
  /** What the text asks for. */
  readonly used: readonly string[]
  readonly onChange: (fields: Field[]) => void
}

/** Each field that the text uses: what stands for an empty one, or that nobody without it gets the mail. */
export function FieldsForm({ fields, used, onChange }: Props) {
  const says = t.content.fields
  const asked = used.filter((path) => path !== 'contact.email' && FIELD.test(path))
  const paths = [...asked, ...fields.map(({ path }) => path).filter((path) => !asked.includes(path))]
  if (paths.length === 0) return <p className={styles.quiet}>{says.none}</p>
  const of = (path: string): Field => fields.find((field) => field.path === path) ?? { path, fallback: '', required: false }
  const set = (changed: Field) => {
    const others = fields.filter(({ path }) => path !== changed.path)
    onChange(changed.fallback === '' && !changed.required ? others : [...others, changed])
  }
  return (
    <div className={styles.fields}>
      <p className={styles.quiet}>{says.lead}</p>
      <ul className={styles.fieldList}>
        {paths.map((path) => {
          const field = of(path)
          return (
            <li key={path} className={styles.fieldRow}>
              <code className={styles.path}>{path.replace('contact.', '')}</code>
              <TextInput
                size="xs"
                aria-label={says.of(path)}
                placeholder={field.required ? says.requiredHint : says.undeclared}
                disabled={field.required}
                maxLength={1_000}
                value={field.fallback}
                onChange={(event) => set({ ...field, fallback: event.currentTarget.value })}
              />
              <Checkbox
                size="xs"
                label={says.required}
                aria-label={says.requiredOf(path)}
                title={says.requiredHint}
                checked={field.required}
                onChange={(event) =>
                  set({ ...field, required: event.currentTarget.checked, ...(event.currentTarget.checked && { fallback: '' }) })
                }
              />
              {!asked.includes(path) && (
                <ActionIcon
                  size="sm"
                  variant="subtle"
                  color="gray"
                  aria-label={says.forget(path)}
                  title={says.unused}
                  onClick={() => onChange(fields.filter((other) => other.path !== path))}
                >
                  <X size={13} aria-hidden />
                </ActionIcon>
              )}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

const FIELD = /^contact(?:\.[a-z][a-z0-9_]{0,63}){1,3}$/
