import { Button, SegmentedControl } from '@mantine/core'
import { Stethoscope } from 'lucide-react'
import { useState } from 'react'
import { type Inbox, listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { connectSource, createSource, listOAuthApps, listSources, trySource } from '../../src/api/endpoints/sources.ts'
import type { OAuthProvider } from '../../src/mailboxes/mailbox.ts'
import { useAction, useEndpoint } from '../query.ts'
import { goOnAfterConnecting } from '../sources/after-connecting.ts'
import { Checks } from '../sources/checks.tsx'
import { MailboxFields } from '../sources/mailbox-fields.tsx'
import { AppForm } from '../sources/oauth-apps.tsx'
import { choicesOf, draftOf, mailboxOf, providerOf, type SourceDraft } from '../sources/source-draft.ts'
import { t } from '../texts/texts.ts'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'

const POINTERS = ['address', 'host', 'port', 'username', 'password', 'provider'].map((name) => `/mailbox/${name}`)
const KINDS = ['password', 'microsoft', 'google'] as const

interface Props {
  readonly inbox: Inbox
  readonly onDone: () => void
}

/** The account that gets the mail of an inbox: the doctor walks the way before it is stored, or its provider is asked to let us in. */
export function ConnectAccount({ inbox, onDone }: Props) {
  const [draft, setDraft] = useState<SourceDraft>(() => ({
    ...draftOf(null),
    name: inbox.name,
    address: inbox.address,
    inbox: inbox.id,
  }))
  const tried = useAction(trySource, { quiet: true })
  const connect = useAction(connectSource, {
    onDone: ({ url }) => {
      goOnAfterConnecting('test')
      window.location.assign(url)
    },
  })
  const create = useAction(createSource, {
    quiet: true,
    changes: [listSources, listInboxes],
    onDone: ({ id }) => (providerOf(draft) ? connect.mutate({ params: { id } }) : onDone()),
  })
  const errors = errorsFor(create.error ?? tried.error, POINTERS)
  const provider = providerOf(draft)
  const apps = useEndpoint(listOAuthApps, {}).data
  const lacksApp = provider !== null && apps !== undefined && !apps.items.some((app) => app.provider === provider)
  return (
    <Form onSubmit={() => create.mutate({ body: { ...choicesOf(draft), mailbox: mailboxOf(draft) } })} problem={errors.rest}>
      <SegmentedControl
        fullWidth
        aria-label={t.sources.form.kind}
        value={draft.kind}
        onChange={(kind) => setDraft((before) => ({ ...before, kind: kind as (typeof KINDS)[number] }))}
        data={KINDS.map((value) => ({ value, label: t.setup.inKinds[value] }))}
      />
      {provider && lacksApp && <NeedsApp provider={provider} redirectUri={apps.redirect_uri} />}
      <MailboxFields draft={draft} isNew setDraft={setDraft} error={(name) => errors.of(`/mailbox/${name}`)} />
      {provider === null && (
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
      )}
      <Button type="submit" loading={create.isPending || connect.isPending} disabled={lacksApp} fullWidth>
        {provider ? t.setup.inAgree(t.sources.apps.names[provider]) : t.setup.inConnect}
      </Button>
      <Button variant="subtle" fullWidth onClick={onDone}>
        {t.setup.inConnectLater}
      </Button>
    </Form>
  )
}

/** Who asks people to let it in has to be known to their provider first: once for all mailboxes there. */
function NeedsApp({ provider, redirectUri }: { provider: OAuthProvider; redirectUri: string }) {
  const [isOpen, setOpen] = useState(false)
  const name = t.sources.apps.names[provider]
  return (
    <>
      <Note
        tone="care"
        hint={redirectUri}
        act={
          <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
            {t.sources.apps.register}
          </Button>
        }
      >
        {t.setup.inNeedsApp(name)}
      </Note>
      {isOpen && <AppForm provider={provider} app={null} onClose={() => setOpen(false)} />}
    </>
  )
}
