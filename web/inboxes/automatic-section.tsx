import { NumberInput, Switch, TextInput } from '@mantine/core'
import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { NO_MATCH } from '../../src/helpdesk/inbox.ts'
import { AUTOMATIC_VARIABLES } from '../../src/helpdesk/variables.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import styles from './inboxes.module.css'
import { SectionForm } from './section-form.tsx'
import { TextEditor } from './text-editor.tsx'
import { useSection } from './use-section.ts'

const POINTERS = ['auto_reply', 'no_match_answer'].flatMap((name) => [`/${name}/subject`, `/${name}/html`])

export function AutomaticSection({ inbox }: { inbox: Inbox }) {
  const section = useSection(inbox, ['auto_reply', 'no_match', 'no_match_answer', 'no_match_alert'], POINTERS)
  const { draft, set, errors } = section
  return (
    <SectionForm title={t.inboxes.tabs.automatic} section={section}>
      <StandingText
        label={t.inboxes.autoReply}
        hint={t.inboxes.autoReplyHint}
        pointer="/auto_reply"
        value={draft.auto_reply}
        errorOf={errors.of}
        onChange={(auto_reply) => set({ auto_reply })}
      />
      <div>
        <h3 className={styles.label}>{t.inboxes.noMatch}</h3>
        <ChoiceCards
          label={t.inboxes.noMatch}
          name="no_match"
          value={draft.no_match}
          onChange={(no_match) => set({ no_match })}
          choices={NO_MATCH.map((value) => ({ value, title: t.inboxes.noMatches[value], hint: t.inboxes.noMatchHints[value] }))}
        />
      </div>
      {draft.no_match !== 'start' && (
        <div className={styles.nested}>
          <StandingText
            label={t.inboxes.noMatchAnswer}
            hint={t.inboxes.noMatchAnswerHint}
            pointer="/no_match_answer"
            value={draft.no_match_answer}
            errorOf={errors.of}
            onChange={(no_match_answer) => set({ no_match_answer })}
          />
          <NumberInput
            label={t.inboxes.noMatchAlert}
            description={t.inboxes.noMatchAlertHint}
            value={draft.no_match_alert ?? ''}
            error={errors.of('/no_match_alert')}
            min={1}
            allowDecimal={false}
            onChange={(value) => set({ no_match_alert: typeof value === 'number' ? value : null })}
          />
        </div>
      )}
    </SectionForm>
  )
}

type Text = Inbox['auto_reply']

interface Props {
  readonly label: string
  readonly hint: string
  readonly pointer: string
  readonly value: Text
  readonly errorOf: (pointer: string) => string | undefined
  readonly onChange: (value: Text) => void
}

function StandingText({ label, hint, pointer, value, errorOf, onChange }: Props) {
  return (
    <>
      <Switch
        label={label}
        description={hint}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? { subject: '', html: '' } : null)}
      />
      {value && (
        <div className={styles.nested}>
          <TextInput
            label={t.inboxes.subject}
            value={value.subject}
            error={errorOf(`${pointer}/subject`)}
            maxLength={300}
            required
            onChange={(event) => onChange({ ...value, subject: event.currentTarget.value })}
          />
          <TextEditor
            label={t.inboxes.text}
            value={value.html}
            error={errorOf(`${pointer}/html`)}
            variables={AUTOMATIC_VARIABLES}
            onChange={(html) => onChange({ ...value, html })}
          />
        </div>
      )}
    </>
  )
}
