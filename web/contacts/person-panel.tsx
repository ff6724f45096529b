import { Link } from '@tanstack/react-router'
import { Ban } from 'lucide-react'
import { useId } from 'react'
import { type ContactDetail, getContact, listContacts } from '../../src/api/endpoints/contacts.ts'
import { listContactFields } from '../../src/api/endpoints/lists.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { Loadable, Skeleton } from '../ui/loadable.tsx'
import { CampaignsOf } from './campaigns-of.tsx'
import styles from './contacts.module.css'
import { ConversationsOf } from './conversations-of.tsx'
import { MailTo } from './mail-to.tsx'
import { nameOf } from './name-of.ts'
import { Others } from './others.tsx'

interface Props {
  readonly contactId: Id<'contact'> | null
  /** Who asks, where no contact is known. */
  readonly address: string
  readonly conversationId?: Id<'conversation'>
}

const SHOWN = 5
const MAILS_SHOWN = 3

/** Beside a conversation: who this is, how to reach them, and what they asked before. */
export function PersonPanel({ contactId, address, conversationId }: Props) {
  return contactId ? (
    <Known contactId={contactId} {...(conversationId && { conversationId })} />
  ) : (
    <Unknown address={address} {...(conversationId && { conversationId })} />
  )
}

function Unknown({ address, conversationId }: { address: string; conversationId?: Id<'conversation'> }) {
  const found = useEndpoint(listContacts, { search: address }, { enabled: address !== '' })
  const contact = found.data?.items.find(({ addresses }) => addresses.includes(address.toLowerCase()))
  if (contact) return <Known contactId={contact.id} {...(conversationId && { conversationId })} />
  return (
    <section className={styles.person} aria-label={t.contacts.person}>
      <strong className={styles.wrap}>{address}</strong>
      <p className={styles.small}>{t.contacts.nobodyKnown}</p>
    </section>
  )
}

function Known({ contactId, conversationId }: { contactId: Id<'contact'>; conversationId?: Id<'conversation'> }) {
  const query = useEndpoint(getContact, { id: contactId })
  const mayReadMail = useMe().permissions.includes('delivery.read')
  return (
    <section className={styles.person} aria-label={t.contacts.person}>
      <Loadable query={query} skeleton={<Skeleton lines={3} />}>
        {(contact) => (
          <>
            <Head contact={contact} />
            <Says contact={contact} />
            <Part title={t.contacts.otherConversations}>
              <ConversationsOf contactId={contact.id} limit={SHOWN} {...(conversationId && { except: conversationId })} />
            </Part>
            <Part title={t.campaigns.ofContact.title}>
              <CampaignsOf contactId={contact.id} limit={SHOWN} />
            </Part>
            {mayReadMail && contact.addresses[0] && (
              <Part title={t.contacts.mailTo}>
                <MailTo address={contact.addresses[0]} limit={MAILS_SHOWN} />
              </Part>
            )}
            {contact.others && (
              <Part title={t.contacts.others(contact.others.domain)}>
                <Others others={{ ...contact.others, people: contact.others.people.slice(0, SHOWN) }} />
              </Part>
            )}
          </>
        )}
      </Loadable>
    </section>
  )
}

function Head({ contact }: { contact: ContactDetail }) {
  const { id, company, job_title, addresses, phones, note, suppressions } = contact
  const isSuppressed = (address: string) => suppressions.some((one) => one.address === address)
  return (
    <div className={styles.card}>
      <Link to="/contacts/$id" params={{ id }} className={`${styles.name} ${styles.wrap}`}>
        {nameOf(contact)}
      </Link>
      {(company !== '' || job_title !== '') && (
        <span className={styles.wrap}>{[job_title, company].filter(Boolean).join(', ')}</span>
      )}
      {addresses.map((address) => (
        <span key={address} className={`${styles.small} ${styles.wrap}`}>
          <Link to="/deliveries" search={{ recipient: address }} title={t.contacts.deliveriesTo(address)}>
            {address}
          </Link>{' '}
          {isSuppressed(address) && <Badge tone="bad" icon={Ban} label={t.contacts.suppressed} plain />}
        </span>
      ))}
      {phones.map((phone) => (
        <a key={phone} className={styles.small} href={`tel:${phone.replace(/[^+\d]/g, '')}`}>
          {phone}
        </a>
      ))}
      {note !== '' && <p className={`${styles.small} ${styles.note}`}>{note}</p>}
    </div>
  )
}

/** Where they stand with lists, and what the workspace keeps of them. */
function Says({ contact: { lists, data } }: { contact: ContactDetail }) {
  const known = Object.entries(data).filter(([, value]) => value !== null && value !== '')
  const fields = useEndpoint(listContactFields, {}, { enabled: known.length > 0 }).data?.items ?? []
  const facts = [
    ...lists.map(({ list_id, list, status }) => [list_id, list, t.lists.status[status]] as const),
    ...known.map(([key, value]) => [key, fields.find((field) => field.key === key)?.label ?? key, shown(value)] as const),
  ]
  if (facts.length === 0) return null
  return (
    <ul className={`${styles.small} ${styles.wrap}`}>
      {facts.map(([key, name, value]) => (
        <li key={key}>
          {name}: {value}
        </li>
      ))}
    </ul>
  )
}

function shown(value: ContactDetail['data'][string] | undefined): string {
  if (typeof value === 'boolean') return value ? t.contacts.yes : t.contacts.no
  return Array.isArray(value) ? value.join(', ') : String(value ?? '')
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={styles.small}>
        {title}
      </h3>
      {children}
    </section>
  )
}
