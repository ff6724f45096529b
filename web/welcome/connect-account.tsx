import { Button } from '@mantine/core'
import { Stethoscope } from 'lucide-react'
import { useState } from 'react'
import { type Inbox, listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { createSource, listSources, trySource } from '../../src/api/endpoints/sources.ts'
import { useAction } from '../query.ts'
import { Checks } from '../sources/checks.tsx'
import { MailboxFields } from '../sources/mailbox-fields.tsx'
import { choicesOf, draftOf, mailboxOf, type SourceDraft } from '../sources/source-draft.ts'
import { t } from '../texts/texts.ts'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'

const POINTERS = ['address', 'host', 'port', 'username', 'password'].map((name) => `/mailbox/${name}`)

/** The account that gets the mail of an inbox: the doctor walks the way before it is stored. */
export function ConnectAccount({ inbox, onDone }: { inbox: Inbox; onDone: () => void }) {
  const [draft, setDraft] = useState<SourceDraft>(() => ({
    ...draftOf(null),
    name: inbox.name,
    address: inbox.address,
    inbox: inbox.id,
  }))
  const tried = useAction(trySource, { quiet: true })
  const create = useAction(createSource, { quiet: true, changes: [listSources, listInboxes], onDone })
  const errors = errorsFor(create.error ?? tried.error, POINTERS)
  return (
    <Form onSubmit={() => create.mutate({ body: { ...choicesOf(draft), mailbox: mailboxOf(draft) } })} problem={errors.rest}>
      <MailboxFields draft={draft} isNew setDraft={setDraft} error={(name) => errors.of(`/mailbox/${name}`)} />
      <div aria-live="polite">
        <Button
          variant="light"
          leftSection={<Stethoscope size={15} aria-hidden />}
          loading={tried.isPending}
          onClick={() => tried.mutate({ body: mailboxOf(draft) })}
        >
          {t.sources.form.try}
        </Button>
        {tried.data && <Checks examination={tried.data} />}
      </div>
      <Button type="submit" loading={create.isPending} fullWidth>
        {t.setup.inConnect}
      </Button>
      <Button variant="subtle" fullWidth onClick={onDone}>
        {t.setup.inConnectLater}
      </Button>
    </Form>
  )
}
