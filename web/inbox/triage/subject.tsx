import { TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import { t } from '../../texts/texts.ts'
import styles from './triage.module.css'
import { useTriage } from './use-triage.ts'

/** The heading of the page, changed where it stands. */
export function Subject({ conversation }: { conversation: ConversationView }) {
  const { change } = useTriage(conversation)
  const [text, setText] = useState<string | null>(null)
  const shown = conversation.subject || t.conversation.noSubject
  const mayWrite = conversation.may_write && conversation.deleted_at === null
  if (!mayWrite) return <h1>{shown}</h1>
  if (text === null)
    return (
      <h1>
        <button
          type="button"
          className={styles.subject}
          title={t.triage.subject.edit}
          onClick={() => setText(conversation.subject)}
        >
          {shown}
        </button>
      </h1>
    )
  const end = () => {
    setText(null)
    const subject = text.trim()
    if (subject !== '' && subject !== conversation.subject) void change({ subject }, t.triage.done.change)
  }
  return (
    <h1>
      <TextInput
        aria-label={t.triage.subject.label}
        value={text}
        maxLength={1_000}
        autoFocus
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={end}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur()
          if (event.key === 'Escape') setText(null)
        }}
      />
    </h1>
  )
}
