import { Link } from '@tanstack/react-router'
import { Ban } from 'lucide-react'
import { useId } from 'react'
import { type ContactDetail, getContact, listContacts } from '../../src/api/endpoints/contacts.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { Loadable, Skeleton } from '../ui/loadable.tsx'
import { CampaignsOf } from './campaigns-of.tsx'
import styles from './contacts.module.css'
import { ConversationsOf } from './conversations-of.tsx'
import { nameOf } from './name-of.ts'
import { Others } from './others.tsx'

interface Props {
  readonly contactId: Id<'contact'> | null
  /** Who asks, where no contact is known. */
  readonly address: string
  readonly conversationId?: Id<'conversation'>
}

const SHOWN = 5

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
  return (
    <section className={styles.person} aria-label={t.contacts.person}>
      <Loadable query={query} skeleton={<Skeleton lines={3} />}>
        {(contact) => (
          <>
            <Head contact={contact} />
            <Part title={t.contacts.otherConversations}>
              <ConversationsOf contactId={contact.id} limit={SHOWN} {...(conversationId && { except: conversationId })} />
            </Part>
            <Part title={t.campaigns.ofContact.title}>
              <CampaignsOf contactId={contact.id} limit={SHOWN} />
            </Part>
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
