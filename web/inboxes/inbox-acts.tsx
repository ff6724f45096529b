import { useState } from 'react'
import { closeInbox, getInbox, type Inbox, listInboxes, reopenInbox } from '../../src/api/endpoints/inboxes.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'
import { RemoveInbox } from './remove-inbox.tsx'

export function InboxActs({ inbox }: { inbox: Inbox }) {
  const { id, name, closed_at } = inbox
  const because = whyNot(useMe(), 'inboxes.manage')
  const ask = useAsk()
  const [isRemoving, setRemoving] = useState(false)
  const changes = [listInboxes, getInbox]
  const close = useAction(closeInbox, { changes, onDone: () => toast('good', t.inboxes.isClosed(name)) })
  const reopen = useAction(reopenInbox, { changes, onDone: () => toast('good', t.inboxes.isOpen(name)) })
  async function askAndClose() {
    if (await ask({ title: t.inboxes.closeTitle(name), body: t.inboxes.closeBody, act: t.inboxes.close }))
      close.mutate({ params: { id } })
  }
  return (
    <>
      {closed_at ? (
        <ActButton
          variant="default"
          because={because}
          loading={reopen.isPending}
          onClick={() => reopen.mutate({ params: { id } })}
        >
          {t.inboxes.reopen}
        </ActButton>
      ) : (
        <ActButton variant="default" because={because} loading={close.isPending} onClick={() => void askAndClose()}>
          {t.inboxes.close}
        </ActButton>
      )}
      <ActButton variant="default" because={because} onClick={() => setRemoving(true)}>
        {t.inboxes.remove}
      </ActButton>
      {isRemoving && <RemoveInbox inbox={inbox} onClose={() => setRemoving(false)} />}
    </>
  )
}
