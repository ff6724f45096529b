import { Button, Select, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Undo2, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import {
  addParticipant,
  followConversation,
  getConversationChoices,
  removeParticipant,
  undoActs,
  unfollowConversation,
  unlinkConversation,
} from '../../../src/api/endpoints/triage.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { call } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { clockOrDay } from '../../ui/format.ts'
import { Ago } from '../../ui/time.tsx'
import { FieldRow, TextRow } from './field-row.tsx'
import styles from './triage.module.css'
import { useTriage } from './use-triage.ts'

type Props = { readonly conversation: ConversationView }

/** What is known of a conversation beside what was said in it; what can be changed is changed where it stands. */
export function ConversationSidebar({ conversation }: Props) {
  return (
    <div className={styles.sidebar}>
      <Details conversation={conversation} />
      <Fields conversation={conversation} />
      <Participants conversation={conversation} />
      <Followers conversation={conversation} />
      <Linked conversation={conversation} />
    </div>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function mayWrite({ may_write, deleted_at }: ConversationView): boolean {
  return may_write && deleted_at === null
}

function Details({ conversation: c }: Props) {
  const { change } = useTriage(c)
  const says = t.triage.sidebar
  const write = mayWrite(c)
  return (
    <Section title={says.facts}>
      <ul className={styles.rows}>
        <Fact name={says.inbox}>{c.inbox.name}</Fact>
        <TextRow
          name={says.requester}
          value={c.requester.address}
          mayWrite={write}
          onSave={(requester) => requester !== '' && change({ requester }, t.triage.done.change)}
        />
        <TextRow
          name={says.due}
          type="datetime-local"
          value={c.due_at ? local(c.due_at) : ''}
          shown={c.due_at ? clockOrDay(c.due_at, new Date()) : ''}
          mayWrite={write}
          onSave={(text) => change({ due_at: text === '' ? null : new Date(text).toISOString() }, t.triage.done.change)}
        />
        <Fact name={says.created}>
          <Ago at={c.created_at} />
        </Fact>
        {c.last_customer_at && (
          <Fact name={says.lastCustomer}>
            <Ago at={c.last_customer_at} />
          </Fact>
        )}
        {c.last_agent_at && (
          <Fact name={says.lastAgent}>
            <Ago at={c.last_agent_at} />
          </Fact>
        )}
      </ul>
    </Section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <li className={styles.row}>
      <span className={styles.name}>{name}</span>
      <span className={styles.value}>{children}</span>
    </li>
  )
}

/** As an input of the browser writes it, in the reader's zone. */
function local(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function Fields({ conversation: c }: Props) {
  const { change } = useTriage(c)
  const fields = useEndpoint(getConversationChoices, { id: c.id }, { keep: true }).data?.fields ?? []
  if (fields.length === 0) return null
  return (
    <Section title={t.triage.sidebar.fields}>
      <ul className={styles.rows}>
        {fields.map((field) => (
          <FieldRow
            key={field.id}
            field={field}
            value={c.fields[field.id] ?? null}
            mayWrite={mayWrite(c)}
            onSave={(value) => change({ fields: { [field.id]: value } }, t.triage.done.change)}
          />
        ))}
      </ul>
    </Section>
  )
}

function Participants({ conversation: c }: Props) {
  const { run } = useTriage(c)
  const [address, setAddress] = useState('')
  const [warnings, setWarnings] = useState<readonly string[]>([])
  const says = t.triage.sidebar
  const write = mayWrite(c)
  async function add(who: string, name = '') {
    const done = await run(call(addParticipant, { params: { id: c.id }, body: { address: who, name } }), t.triage.done.added(who))
    if (!done) return
    setAddress('')
    setWarnings(done.warnings)
  }
  const remove = (who: string) =>
    void run(call(removeParticipant, { params: { id: c.id, address: who } }), t.triage.done.removed(who))
  return (
    <Section title={says.participants}>
      {c.participants.length === 0 && <p className={styles.quiet}>{says.nobodyElse}</p>}
      <ul className={styles.rows}>
        {c.participants.map(({ address: who, name, is_removed }) => (
          <li key={who} className={styles.row} data-out={is_removed}>
            <span title={is_removed ? says.takenOut : who}>{name || who}</span>
            {write && (
              <button
                type="button"
                className={styles.plain}
                aria-label={is_removed ? says.putBack(who) : says.takeOut(who)}
                onClick={() => (is_removed ? void add(who, name) : remove(who))}
              >
                {is_removed ? <Undo2 size={13} aria-hidden /> : <X size={13} aria-hidden />}
              </button>
            )}
          </li>
        ))}
      </ul>
      {write && (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            if (address.trim()) void add(address.trim())
          }}
        >
          <TextInput
            size="xs"
            type="email"
            label={says.addParticipant}
            value={address}
            maxLength={320}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" variant="default">
            {says.add}
          </Button>
        </form>
      )}
      {warnings.map((warning) => (
        <p key={warning} className={styles.warning} role="status">
          {warning}
        </p>
      ))}
    </Section>
  )
}

function Followers({ conversation: c }: Props) {
  const { run } = useTriage(c)
  const agents = useEndpoint(getConversationChoices, { id: c.id }, { keep: true }).data?.agents ?? []
  const says = t.triage.sidebar
  const write = mayWrite(c)
  const others = agents.filter(({ id }) => !c.followers.some((follower) => follower.id === id))
  const params = (id: string) => ({ id: c.id, user_id: id as Id<'user'> })
  return (
    <Section title={says.followers}>
      {c.followers.length === 0 && <p className={styles.quiet}>{says.nobodyFollows}</p>}
      <ul className={styles.rows}>
        {c.followers.map(({ id, name }) => (
          <li key={id} className={styles.row}>
            <span>{name}</span>
            {write && (
              <button
                type="button"
                className={styles.plain}
                aria-label={says.takeOut(name)}
                onClick={() => void run(call(unfollowConversation, { params: params(id) }), t.triage.done.change)}
              >
                <X size={13} aria-hidden />
              </button>
            )}
          </li>
        ))}
      </ul>
      {write && others.length > 0 && (
        <Select
          size="xs"
          mt={6}
          label={says.addFollower}
          searchable
          value={null}
          data={others.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(id) => id && void run(call(followConversation, { params: params(id) }), t.triage.done.change)}
        />
      )}
    </Section>
  )
}

function Linked({ conversation: c }: Props) {
  const { run } = useTriage(c)
  const choices = useEndpoint(getConversationChoices, { id: c.id }, { keep: true }).data
  const says = t.triage.sidebar
  const write = mayWrite(c)
  const unlink = (id: Id<'conversation'>) =>
    void run(call(unlinkConversation, { params: { id: c.id, other_id: id } }), t.triage.done.unlinked)
  const unmerge = (id: Id<'conversation'>, number: number) =>
    void run(call(undoActs, { body: { acts: [{ act: 'unmerge', ids: [id] }] } }), t.triage.done.unmerged(number))
  return (
    <>
      <Section title={says.links}>
        {(choices?.links.length ?? 0) === 0 && <p className={styles.quiet}>{says.noLinks}</p>}
        <ul className={styles.rows}>
          {(choices?.links ?? []).map(({ id, number, subject, kind }) => (
            <li key={id} className={styles.row}>
              <span>
                <Link to="/conversations/$number" params={{ number: String(number) }}>
                  #{number} {subject}
                </Link>{' '}
                <span className={styles.quiet}>{says.kinds[kind] ?? kind}</span>
              </span>
              {write && (
                <button type="button" className={styles.plain} aria-label={says.unlink(number)} onClick={() => unlink(id)}>
                  <X size={13} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      </Section>
      {(choices?.merged.length ?? 0) > 0 && (
        <Section title={says.merged}>
          <ul className={styles.rows}>
            {(choices?.merged ?? []).map(({ id, number, subject }) => (
              <li key={id} className={styles.row}>
                <span>
                  #{number} {subject}
                </span>
                {write && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={says.unmerge(number)}
                    onClick={() => unmerge(id, number)}
                  >
                    {t.triage.undo}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}
