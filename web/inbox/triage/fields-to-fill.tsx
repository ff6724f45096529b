import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { type FieldDefinition, getConversationChoices } from '../../../src/api/endpoints/triage.ts'
import { Problem } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { FieldInput } from './field-input.tsx'
import styles from './triage.module.css'

export type FieldValues = Readonly<Record<string, unknown>>

/** The required fields of a conversation that are empty. */
export function useMissingFields(conversation: ConversationView): readonly FieldDefinition[] {
  const fields = useEndpoint(getConversationChoices, { id: conversation.id }, { keep: true }).data?.fields ?? []
  return fields.filter(({ id, is_required }) => is_required && conversation.fields[id] === undefined)
}

interface Props {
  readonly fields: readonly FieldDefinition[]
  /** What is done with them: "Send and close". */
  readonly act: string
  /** Resolves to what stands in the way, if anything. */
  readonly onAct: (values: FieldValues) => Promise<Problem | null>
  /** The same without closing. */
  readonly other: { readonly label: string; readonly run: () => void }
}

/** What a conversation lacks before it is closed, asked where somebody closes it. */
export function FieldsToFill({ fields: given, act, onAct, other }: Props) {
  // What was missing when it was asked goes on being shown.
  const [fields] = useState(given)
  const [values, setValues] = useState<FieldValues>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isBusy, setBusy] = useState(false)
  const isEmpty = (value: unknown) => value === undefined || value === null || (Array.isArray(value) && value.length === 0)
  const missing = fields.filter(({ id }) => isEmpty(values[id]))
  async function submit() {
    if (missing.length > 0) return
    setBusy(true)
    setProblem(await onAct(values))
    setBusy(false)
  }
  return (
    <form
      className={styles.fill}
      aria-label={t.triage.fill.title}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <p className={styles.fillTitle} role="alert">
        {t.triage.fill.title}
      </p>
      <div className={styles.fillFields}>
        {fields.map((field, index) => (
          <FieldInput
            key={field.id}
            field={field}
            value={values[field.id] ?? null}
            error={problem?.fields.get(`/fields/${field.id}`)}
            autoFocus={index === 0}
            onChange={(value) => setValues((all) => ({ ...all, [field.id]: value }))}
          />
        ))}
      </div>
      {problem && problem.fields.size === 0 && <p className={styles.fillProblem}>{problem.message}</p>}
      <div className={styles.fillActs}>
        <ActButton
          type="submit"
          size="compact-sm"
          loading={isBusy}
          because={missing.length > 0 ? t.triage.fill.missing(missing.map(({ name }) => name).join(', ')) : null}
        >
          {act}
        </ActButton>
        <Button type="button" size="compact-sm" variant="default" disabled={isBusy} onClick={other.run}>
          {other.label}
        </Button>
      </div>
    </form>
  )
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem({ status: 0, code: 'unknown', detail: error instanceof Error ? error.message : String(error) })
}
