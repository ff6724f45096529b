/** What has to be said before an act: where to, or whom. For one mail or many. */
import { Button, Checkbox, Radio, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { type Arrival, type ArrivalActBody, previewArrivalAct } from '../../src/api/endpoints/arrivals.ts'
import { searchConversations } from '../../src/api/endpoints/conversation-lists.ts'
import { listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { goesUnread } from '../../src/inbound/arrivals/arrival.ts'
import type { Id } from '../../src/lib/ids.ts'
import { call } from '../api.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import styles from './arrivals.module.css'

/** What an act is on: these, or all that fit. `rows` are those of them that are known. */
export interface ActTarget {
  readonly rows: readonly Arrival[]
  readonly count: number
  readonly of: Pick<ArrivalActBody, 'ids'> | Pick<ArrivalActBody, 'filter'>
}

interface Props {
  readonly target: ActTarget
  readonly run: (body: ArrivalActBody) => void
  readonly onClose: () => void
}

const UNREAD = new Set(['unreadable', 'too_large', 'fails_again_and_again', 'cannot_be_stored'])

export function MakeDialog({ target, run, onClose }: Props) {
  const known = useEndpoint(listInboxes, {}).data?.items
  const inboxes = (known ?? []).filter(({ closed_at }) => closed_at === null)
  const [first] = target.rows
  const isOne = target.count === 1
  const own = isOne && inboxes.some(({ id }) => id === first?.inbox?.id) ? (first?.inbox?.id ?? null) : null
  const [chosen, setChosen] = useState<string | null>(null)
  const only = inboxes.length === 1 ? (inboxes[0]?.id ?? null) : null
  const value = chosen ?? (isOne ? (own ?? only) : OWN)
  const says = t.arrivals.makeDialog
  const data = [
    ...(isOne ? [] : [{ value: OWN, label: says.own }]),
    ...inboxes.map(({ id, name, address }) => ({ value: id as string, label: `${name} (${address})` })),
  ]
  function submit() {
    if (value === null) return
    run({ act: 'start', ...target.of, ...(value !== OWN && { inbox_id: value as Id<'inbox'> }) })
    onClose()
  }
  // Opened before, its button could not be pressed yet, and would not get the focus.
  if (!known) return null
  return (
    <Dialog title={isOne ? says.title : says.titleOf(target.count)} onClose={onClose}>
      <Form onSubmit={submit}>
        {target.rows.some(isUnread) && <Note tone="wait">{says.unread}</Note>}
        {target.rows.some(({ reason }) => reason === 'agent_not_proven') && <Note tone="care">{says.internal}</Note>}
        <Select label={says.inbox} data={data} value={value} onChange={setChosen} allowDeselect={false} />
        <Acts act={says.act} disabled={value === null} isFirst onClose={onClose} />
      </Form>
    </Dialog>
  )
}

const OWN = 'own'

function isUnread(arrival: Arrival): boolean {
  return goesUnread(arrival) || UNREAD.has(arrival.reason ?? '')
}

const LISTED = 12

/** By number, or by looking for it: with the sender's address to begin with. */
export function AttachDialog({ target, run, onClose }: Props) {
  const [first] = target.rows
  const [text, setText] = useState('')
  const [asked] = useDebouncedValue(text.trim() || (first?.from.address ?? ''), 250)
  const number = /^#?(\d{1,15})$/.exec(text.trim())?.[1]
  const found = useEndpoint(searchConversations, { q: asked || '-', limit: LISTED }, { enabled: asked !== '', keep: true })
  const says = t.arrivals.attachDialog
  function attach(to: number) {
    run({ act: 'attach', ...target.of, number: to })
    onClose()
  }
  return (
    <Dialog title={says.title} onClose={onClose} wide>
      <Form onSubmit={() => number !== undefined && attach(Number(number))}>
        {target.rows.some(({ reason }) => reason === 'agent_not_proven') && (
          <Note tone="care">{t.arrivals.makeDialog.internal}</Note>
        )}
        <TextInput
          label={says.number}
          placeholder={says.find}
          value={text}
          maxLength={200}
          data-autofocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ul className={styles.found} aria-label={says.found}>
          {(found.data?.items ?? []).map(({ id, number: to, subject, customer }) => (
            <li key={id}>
              <Button variant="subtle" size="compact-sm" fullWidth justify="flex-start" onClick={() => attach(to)}>
                {`#${to} ${subject} · ${customer.name || customer.address}`}
              </Button>
            </li>
          ))}
        </ul>
        {found.data?.items.length === 0 && <p className={styles.quiet}>{says.none}</p>}
        <Acts act={says.act} disabled={number === undefined} onClose={onClose} />
      </Form>
    </Dialog>
  )
}

export function SenderDialog({ target, run, onClose }: Props) {
  const [whole, setWhole] = useState<'address' | 'domain'>('address')
  const [others, setOthers] = useState(true)
  const [first] = target.rows
  const isOne = target.count === 1 && first
  const says = t.arrivals.senderDialog
  const body: ArrivalActBody = { act: 'ignore_sender', ...target.of, whole, others }
  const will = useQuery({
    queryKey: [previewArrivalAct.path, body],
    queryFn: ({ signal }) => call(previewArrivalAct, { body }, signal),
    gcTime: 0,
  })
  const address = first?.from.address ?? ''
  function submit() {
    run(body)
    onClose()
  }
  return (
    <Dialog title={isOne ? says.title : says.titleOf(target.count)} onClose={onClose}>
      <Form onSubmit={submit}>
        <Radio.Group label={says.whole} value={whole} onChange={(next) => setWhole(next as typeof whole)}>
          <Radio mt={6} value="address" label={isOne ? says.address(address) : says.addresses} />
          <Radio mt={6} value="domain" label={isOne ? says.domain(address.slice(address.lastIndexOf('@') + 1)) : says.domains} />
        </Radio.Group>
        <Checkbox label={says.others} checked={others} onChange={(event) => setOthers(event.currentTarget.checked)} />
        <p className={styles.quiet}>{says.hint}</p>
        {will.data && <Note tone="calm">{says.will(will.data.done)}</Note>}
        <Acts act={says.act} disabled={will.data?.done === 0} onClose={onClose} />
      </Form>
    </Dialog>
  )
}

interface ActsProps {
  readonly act: string
  readonly disabled: boolean
  /** It has the focus to begin with: nothing needs to be said. */
  readonly isFirst?: boolean
  readonly onClose: () => void
}

function Acts({ act, disabled, isFirst = false, onClose }: ActsProps): ReactNode {
  return (
    <FormActs end>
      <Button variant="default" onClick={onClose}>
        {t.common.cancel}
      </Button>
      <Button type="submit" disabled={disabled} {...(isFirst && { 'data-autofocus': true })}>
        {act}
      </Button>
    </FormActs>
  )
}
