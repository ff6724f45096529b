import { Button, NumberInput, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { testForm } from '../../../src/api/endpoints/forms.ts'
import type { FormMail } from '../../../src/forms/form.ts'
import { parseMailbox } from '../../../src/mail/address.ts'
import { useMe } from '../../me.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { errorsFor } from '../../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../../ui/form.tsx'
import { Panel } from '../../ui/panel.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from '../forms.module.css'
import type { PartProps } from '../use-form-draft.ts'

export function MailsTab({ form, settings, set }: PartProps) {
  return (
    <div className={styles.stack}>
      <Panel title={t.forms.confirming}>
        <div className={styles.fields}>
          <FormRow half>
            <Mailbox
              label={t.forms.sender}
              hint={t.forms.senderHint}
              value={settings.sender}
              onChange={(sender) => set({ sender })}
            />
            <Mailbox
              label={t.forms.replyTo}
              hint={t.forms.replyToHint}
              value={settings.reply_to ?? ''}
              onChange={(text) => set({ reply_to: text === '' ? null : text })}
            />
          </FormRow>
          <Switch
            label={t.forms.optIn}
            description={t.forms.optInHint}
            checked={settings.double_opt_in}
            onChange={(event) => set({ double_opt_in: event.currentTarget.checked })}
          />
          <NumberInput
            label={t.forms.confirmHours}
            w={280}
            min={1}
            max={720}
            clampBehavior="strict"
            allowDecimal={false}
            value={settings.confirm_hours}
            onChange={(value) => typeof value === 'number' && value >= 1 && set({ confirm_hours: value })}
          />
        </div>
      </Panel>
      <Panel title={t.forms.confirmation}>
        <MailFields
          hint={t.forms.confirmationHint}
          mail={settings.confirmation}
          onChange={(confirmation) => set({ confirmation })}
        />
      </Panel>
      <Panel title={t.forms.welcome}>
        <div className={styles.fields}>
          <Switch
            label={t.forms.welcomeOn}
            checked={settings.welcome !== null}
            onChange={(event) => set({ welcome: event.currentTarget.checked ? t.forms.firstWelcome : null })}
          />
          {settings.welcome && (
            <MailFields hint={t.forms.welcomeHint} mail={settings.welcome} onChange={(welcome) => set({ welcome })} />
          )}
        </div>
      </Panel>
      <Test id={form.id} />
    </div>
  )
}

interface MailFieldsProps {
  readonly hint: string
  readonly mail: FormMail
  readonly onChange: (mail: FormMail) => void
}

function MailFields({ hint, mail, onChange }: MailFieldsProps) {
  return (
    <div className={styles.fields}>
      <TextInput
        label={t.forms.subject}
        maxLength={500}
        value={mail.subject}
        onChange={(event) => onChange({ ...mail, subject: event.currentTarget.value })}
      />
      <Textarea
        label={t.forms.body}
        description={hint}
        autosize
        minRows={6}
        maxRows={24}
        value={mail.body}
        onChange={(event) => onChange({ ...mail, body: event.currentTarget.value })}
      />
    </div>
  )
}

/** What is no address is not saved, and says so. */
function Mailbox({
  label,
  hint,
  value,
  onChange,
}: {
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly onChange: (text: string) => void
}) {
  const [text, setText] = useState(value)
  const isWrong = text.trim() !== '' && !parseMailbox(text.trim())
  return (
    <TextInput
      label={label}
      description={hint}
      maxLength={320}
      value={text}
      error={isWrong ? t.forms.senderWrong : null}
      onChange={(event) => {
        const next = event.currentTarget.value.trim()
        setText(event.currentTarget.value)
        if (next === '' || parseMailbox(next)) onChange(next)
      }}
    />
  )
}

function Test({ id }: { readonly id: PartProps['form']['id'] }) {
  const [to, setTo] = useState(useMe().user?.email ?? '')
  const test = useAction(testForm, {
    quiet: true,
    onDone: ({ message_ids }) => toast('good', t.forms.tested(message_ids.length)),
  })
  const errors = errorsFor(test.error, ['/to'])
  return (
    <Panel title={t.forms.test}>
      <Form onSubmit={() => test.mutate({ params: { id }, body: { to: to.trim() } })} problem={errors.rest}>
        <TextInput
          label={t.forms.testTo}
          description={t.forms.testHint}
          type="email"
          value={to}
          error={errors.of('/to')}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <FormActs>
          <Button type="submit" variant="default" loading={test.isPending} disabled={to.trim() === ''}>
            {t.forms.test}
          </Button>
        </FormActs>
      </Form>
    </Panel>
  )
}
