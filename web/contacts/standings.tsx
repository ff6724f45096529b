import { Button, Checkbox, Select, Textarea } from '@mantine/core'
import { useState } from 'react'
import { type ContactDetail, changeStanding, getContact, timelineOfContact } from '../../src/api/endpoints/contacts.ts'
import { listLists } from '../../src/api/endpoints/lists.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './contacts.module.css'

const CHANGED = [getContact, timelineOfContact, listLists]

/** Where somebody stands with lists, and changing it, with the proof. */
export function Standings({ contact }: { contact: ContactDetail }) {
  const because = whyNot(useMe(), 'contacts.manage')
  const [chosen, setChosen] = useState<string | 'any' | null>(null)
  const leave = useAction(changeStanding, { changes: CHANGED, onDone: () => toast('good', t.lists.changed) })
  const add = (
    <ActButton size="compact-sm" variant="default" because={because} onClick={() => setChosen('any')}>
      {t.lists.put}
    </ActButton>
  )
  return (
    <Panel title={t.lists.lists} aside={add}>
      {contact.lists.length === 0 && <p className={styles.small}>{t.lists.none}</p>}
      <ul className={styles.lines}>
        {contact.lists.map(({ list_id, list, status, source, since }) => (
          <li key={list_id}>
            <span className={styles.wrap}>
              {list}: {t.lists.status[status]}{' '}
              <span className={styles.small}>
                {t.timeline.by[source]}, <Ago at={since} />
              </span>
            </span>
            {status === 'unsubscribed' ? (
              <ActButton
                size="compact-sm"
                variant="default"
                because={because}
                label={t.lists.ofList(t.lists.bringBack, list)}
                onClick={() => setChosen(list_id)}
              >
                {t.lists.bringBack}
              </ActButton>
            ) : (
              <ActButton
                size="compact-sm"
                variant="default"
                because={because}
                label={t.lists.ofList(t.lists.takeOff, list)}
                loading={leave.isPending && leave.variables.params.list_id === list_id}
                onClick={() => leave.mutate({ params: { id: contact.id, list_id }, body: { status: 'unsubscribed' } })}
              >
                {t.lists.takeOff}
              </ActButton>
            )}
          </li>
        ))}
      </ul>
      {chosen !== null && <Put contact={contact} listId={chosen === 'any' ? null : chosen} onClose={() => setChosen(null)} />}
    </Panel>
  )
}

function Put({ contact, listId, onClose }: { contact: ContactDetail; listId: string | null; onClose: () => void }) {
  const lists = useEndpoint(listLists, {})
  const [list, setList] = useState(listId)
  const [reason, setReason] = useState('')
  const [override, setOverride] = useState(false)
  const put = useAction(changeStanding, {
    quiet: true,
    changes: CHANGED,
    onDone: () => {
      toast('good', t.lists.changed)
      onClose()
    },
  })
  const open = lists.data?.items.filter(({ is_archived }) => !is_archived) ?? []
  function submit() {
    if (list === null) return
    const params = { id: contact.id, list_id: list as Id<'contact_list'> }
    put.mutate({ params, body: { status: 'subscribed', reason, override } })
  }
  return (
    <Dialog title={t.lists.put} onClose={onClose}>
      <Form onSubmit={submit} problem={put.error?.message ?? null}>
        <Select
          label={t.lists.which}
          required
          data={open.map(({ id, name }) => ({ value: id, label: name }))}
          value={list}
          onChange={setList}
        />
        <Textarea
          label={t.lists.reason}
          description={t.lists.reasonHint}
          autosize
          minRows={2}
          maxLength={2_000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Checkbox label={t.lists.override} checked={override} onChange={(event) => setOverride(event.currentTarget.checked)} />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={put.isPending} disabled={list === null || (override && reason.trim() === '')}>
            {t.lists.bringBack}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
