import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  type ContactDetail,
  eraseContact,
  getContact,
  listContacts,
  partContact,
  tellEverything,
} from '../../src/api/endpoints/contacts.ts'
import { listContactFields } from '../../src/api/endpoints/lists.ts'
import type { Id } from '../../src/lib/ids.ts'
import { hrefOf } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Facts } from '../ui/facts.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { ContactAddresses } from './addresses.tsx'
import { CampaignsOf } from './campaigns-of.tsx'
import { ContactTimeline } from './contact-timeline.tsx'
import styles from './contacts.module.css'
import { ConversationsOf } from './conversations-of.tsx'
import { EditContact } from './edit-contact.tsx'
import { MergeDialog } from './merge-dialog.tsx'
import { nameOf } from './name-of.ts'
import { Others } from './others.tsx'
import { Standings } from './standings.tsx'

const route = getRouteApi('/shell/contacts/$id')

export function ContactPage() {
  const id = route.useParams().id as Id<'contact'>
  const query = useEndpoint(getContact, { id })
  const contact = query.data
  return (
    <Page
      title={contact ? nameOf(contact) : t.contacts.title}
      lead={contact && [contact.job_title, contact.company].filter(Boolean).join(', ')}
      acts={contact && <Acts contact={contact} />}
    >
      <Loadable query={query}>{(person) => <Person contact={person} />}</Loadable>
    </Page>
  )
}

function Acts({ contact }: { contact: ContactDetail }) {
  const [open, setOpen] = useState<'edit' | 'merge' | null>(null)
  const because = whyNot(useMe(), 'contacts.manage')
  const close = () => setOpen(null)
  return (
    <>
      <a href={hrefOf(tellEverything, { id: contact.id })} download>
        {t.person.tell}
      </a>
      <Erase contact={contact} />
      <ActButton variant="default" because={because} onClick={() => setOpen('merge')}>
        {t.contacts.merge}
      </ActButton>
      <ActButton because={because} onClick={() => setOpen('edit')}>
        {t.contacts.edit}
      </ActButton>
      {open === 'edit' && <EditContact contact={contact} onClose={close} />}
      {open === 'merge' && <MergeDialog contact={contact} onClose={close} />}
    </>
  )
}

function Erase({ contact }: { contact: ContactDetail }) {
  const ask = useAsk()
  const navigate = useNavigate()
  const erase = useAction(eraseContact, {
    changes: [listContacts],
    onDone: () => {
      toast('good', t.person.erased)
      void navigate({ to: '/contacts' })
    },
  })
  async function run() {
    if (await ask({ title: t.person.eraseTitle(nameOf(contact)), body: t.person.eraseBody, act: t.person.erase }))
      erase.mutate({ params: { id: contact.id } })
  }
  return (
    <ActButton
      variant="default"
      because={whyNot(useMe(), 'audience.manage')}
      loading={erase.isPending}
      onClick={() => void run()}
    >
      {t.person.erase}
    </ActButton>
  )
}

function Known({ contact }: { contact: ContactDetail }) {
  const fields = useEndpoint(listContactFields, {})
  const { tags, external_id, language, time_zone, data } = contact
  const told = (fields.data?.items ?? []).map(({ key, label }): [string, string | null] => [label, shown(data[key])])
  const facts: [string, string | null][] = [
    [t.person.tags, tags.join(', ')],
    ...told,
    [t.person.externalId, external_id],
    [t.person.language, language],
    [t.person.timeZone, time_zone],
  ]
  if (facts.every(([, value]) => !value)) return null
  return (
    <Panel title={t.person.known}>
      <Facts facts={facts} />
    </Panel>
  )
}

function shown(value: ContactDetail['data'][string] | undefined): string | null {
  if (value === undefined) return null
  if (typeof value === 'boolean') return value ? t.person.yes : t.person.no
  return typeof value === 'object' ? value.join(', ') : String(value)
}

function Person({ contact }: { contact: ContactDetail }) {
  const { phones, note, created_at, others, merges } = contact
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        <Panel title={t.contacts.addresses}>
          <ContactAddresses contact={contact} />
        </Panel>
        <Panel title={t.contacts.person}>
          <Facts
            facts={[
              [t.contacts.phones, phones.join(', ')],
              [
                t.contacts.note,
                note === '' ? null : (
                  <span key="note" className={styles.note}>
                    {note}
                  </span>
                ),
              ],
              [t.contacts.since, <Ago key="since" at={created_at} />],
            ]}
          />
        </Panel>
        <Known contact={contact} />
        <Standings contact={contact} />
        {merges.length > 0 && <Merges contact={contact} />}
        {others && (
          <Panel title={t.contacts.others(others.domain)}>
            <Others others={others} />
          </Panel>
        )}
      </div>
      <div className={styles.stack}>
        <Panel title={t.contacts.conversations}>
          <ConversationsOf contactId={contact.id} limit={25} />
        </Panel>
        <Panel title={t.campaigns.ofContact.title}>
          <CampaignsOf contactId={contact.id} limit={25} />
        </Panel>
        <ContactTimeline contact={contact} />
      </div>
    </div>
  )
}

function Merges({ contact }: { contact: ContactDetail }) {
  return (
    <Panel title={t.contacts.merges}>
      <ul className={styles.lines}>
        {contact.merges.map((merged) => (
          <li key={merged.id}>
            <span className={styles.wrap}>
              {nameOf(merged)}{' '}
              <span className={styles.small}>
                <Ago at={merged.merged_at} />
              </span>
            </span>
            <Part merged={merged} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Part({ merged }: { merged: ContactDetail['merges'][number] }) {
  const name = nameOf(merged)
  const ask = useAsk()
  const because = whyNot(useMe(), 'contacts.manage')
  const part = useAction(partContact, {
    changes: [getContact, listContacts],
    onDone: () => toast('good', t.contacts.parted(name)),
  })
  async function run() {
    if (await ask({ title: t.contacts.partTitle(name), body: t.contacts.partBody, act: t.contacts.part }))
      part.mutate({ params: { id: merged.id } })
  }
  return (
    <ActButton
      size="compact-sm"
      variant="default"
      because={because}
      label={t.contacts.partOf(name)}
      loading={part.isPending}
      onClick={() => void run()}
    >
      {t.contacts.part}
    </ActButton>
  )
}
