import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listCredentials, type SmtpPlace } from '../../src/api/endpoints/credentials.ts'
import { createInbox, type Inbox, listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { isPublicName } from '../../src/delivery/domains/hosts.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { ConnectAccount } from './connect-account.tsx'
import styles from './frame.module.css'
import { WelcomeFrame } from './frame.tsx'

const WAYS = ['forward', 'account', 'later'] as const
type Way = (typeof WAYS)[number]

/** Where does mail arrive? One inbox with its address, and how its mail gets here; or only sending, for now. */
export function FirstInbox({ onDone }: { onDone: () => void }) {
  const [way, setWay] = useState<Way>('forward')
  const [made, setMade] = useState<Inbox | null>(null)
  const choices = [
    { value: 'forward', title: t.setup.inForward, hint: t.setup.inForwardHint },
    { value: 'account', title: t.setup.inAccount, hint: t.setup.inAccountHint },
    { value: 'later', title: t.setup.inLater, hint: t.setup.inLaterHint },
  ] as const
  return (
    <WelcomeFrame title={t.setup.inTitle} lead={t.setup.inLead} step={3}>
      <div className={styles.stack}>
        {made ? (
          <Made inbox={made} way={way} onDone={onDone} />
        ) : (
          <>
            <ChoiceCards label={t.setup.inTitle} name="in" value={way} choices={choices} onChange={setWay} />
            {way === 'later' ? (
              <Button fullWidth onClick={onDone}>
                {t.setup.inSkip}
              </Button>
            ) : (
              <MakeInbox onMade={setMade} />
            )}
          </>
        )}
      </div>
    </WelcomeFrame>
  )
}

function MakeInbox({ onMade }: { onMade: (inbox: Inbox) => void }) {
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const create = useAction(createInbox, { quiet: true, changes: [listInboxes], onDone: onMade })
  const errors = errorsFor(create.error, ['/name', '/address'])
  return (
    <Form onSubmit={() => create.mutate({ body: { name: name.trim(), address: address.trim() } })} problem={errors.rest}>
      <TextInput
        label={t.setup.inName}
        placeholder={t.setup.inNameExample}
        value={name}
        error={errors.of('/name')}
        maxLength={100}
        required
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        type="email"
        label={t.setup.inAddress}
        value={address}
        error={errors.of('/address')}
        required
        onChange={(event) => setAddress(event.currentTarget.value)}
      />
      <Button type="submit" loading={create.isPending} fullWidth>
        {t.setup.inAct}
      </Button>
    </Form>
  )
}

function Made({ inbox, way, onDone }: { inbox: Inbox; way: Way; onDone: () => void }) {
  const query = useEndpoint(listCredentials, {})
  return (
    <>
      <Note tone="good" alert>
        {t.setup.inMade(inbox.address)}
      </Note>
      {way === 'account' ? (
        <ConnectAccount inbox={inbox} onDone={onDone} />
      ) : (
        <>
          <Loadable query={query}>{({ server }) => <Forwarding inbox={inbox} server={server} />}</Loadable>
          <Button fullWidth onClick={onDone}>
            {t.setup.inGoOn}
          </Button>
        </>
      )}
    </>
  )
}

function Forwarding({ inbox, server: { mail_host, inbound_port } }: { inbox: Inbox; server: SmtpPlace }) {
  if (inbound_port === null) return <Note tone="care">{t.setup.inForwardNoPort}</Note>
  if (!isPublicName(mail_host)) return <Note tone="care">{t.setup.inForwardNoName}</Note>
  const domain = inbox.address.slice(inbox.address.lastIndexOf('@') + 1)
  return (
    <Note tone="calm" hint={t.setup.inForwardHow(mail_host, inbound_port, domain)}>
      {t.setup.inForwardTo(mail_host)}
    </Note>
  )
}
