import { Button } from '@mantine/core'
import { useState } from 'react'
import { createRoute, listRoutes } from '../../src/api/endpoints/routes.ts'
import { Doctor } from '../parts/doctor.tsx'
import { EMPTY_DRAFT, type RouteDraft, settingsOf } from '../parts/route-draft.ts'
import { RouteFields, SMTP_POINTERS } from '../parts/route-form.tsx'
import { useDoctor } from '../parts/use-doctor.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import styles from './frame.module.css'
import { WelcomeFrame } from './frame.tsx'

type Way = 'sandbox' | 'smtp'

/** How does mail leave? The sandbox, which is there already, or a mail server with the doctor beside its form. */
export function ChooseRoute({ email, onDone }: { email: string; onDone: () => void }) {
  const [way, setWay] = useState<Way>('sandbox')
  return (
    <WelcomeFrame title={t.setup.outTitle} lead={t.setup.outLead} step={2} wide={way === 'smtp'}>
      <div className={styles.stack}>
        <ChoiceCards
          label={t.setup.outTitle}
          name="way"
          value={way}
          onChange={setWay}
          choices={[
            { value: 'sandbox', title: t.setup.sandboxTitle, hint: t.setup.sandboxHint },
            { value: 'smtp', title: t.setup.smtpTitle, hint: t.setup.smtpHint },
          ]}
        />
        {way === 'sandbox' ? (
          <Button fullWidth onClick={onDone}>
            {t.setup.useSandbox}
          </Button>
        ) : (
          <MailServer email={email} onDone={onDone} />
        )}
      </div>
    </WelcomeFrame>
  )
}

function MailServer({ email, onDone }: { email: string; onDone: () => void }) {
  const [draft, setDraft] = useState<RouteDraft>(EMPTY_DRAFT)
  const doctor = useDoctor({ draft, onChange: setDraft, savedId: null, address: email || undefined })
  const create = useAction(createRoute, { quiet: true, changes: [listRoutes], onDone })
  function submit() {
    create.mutate({ body: { name: draft.host.trim(), settings: settingsOf(draft), is_default: true } })
  }
  return (
    <div className={styles.columns}>
      <Form onSubmit={submit} problem={errorsFor(create.error, SMTP_POINTERS).rest}>
        <RouteFields draft={draft} onChange={setDraft} refused={create.error} withName={false} />
        <FormActs>
          <Button type="submit" loading={create.isPending}>
            {t.setup.useSmtp}
          </Button>
        </FormActs>
      </Form>
      <section className={styles.doctor} aria-labelledby="doctor">
        <h2 id="doctor">{t.doctor.title}</h2>
        <Doctor {...doctor} />
      </section>
    </div>
  )
}
