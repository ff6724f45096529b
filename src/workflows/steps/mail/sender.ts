import type { Inbox } from '../../../helpdesk/inbox.ts'
import { findInbox, listInboxes } from '../../../helpdesk/inboxes.ts'
import { type InboxId, isId } from '../../../lib/ids.ts'
import { isName, type Mailbox, parseAddress, parseMailbox } from '../../../mail/address.ts'
import { readField } from '../read-field.ts'
import type { StepContext } from '../step.ts'
import { MailTrouble } from './trouble.ts'

export interface MailSender {
  readonly mailbox: Mailbox
  /** Whose address it is: its mail goes by its route. */
  readonly inbox: Inbox | null
}

/** An inbox by its id, or a mailbox as it is written. Nobody named: the conversation's inbox, or else the workspace's first. */
export async function senderFor(context: StepContext, named: string | undefined): Promise<MailSender> {
  const { tx, run } = context
  if (named !== undefined && !isId(named)) {
    const mailbox = parseMailbox(named)
    if (!mailbox) throw new MailTrouble('invalid', `“${named}” is no address that mail could come from.`)
    return { mailbox, inbox: null }
  }
  const inbox =
    named !== undefined
      ? await findInbox(tx, run.workspaceId, named as InboxId)
      : ((await ofConversation(context)) ?? (await firstInbox(context)))
  const address = inbox && parseAddress(inbox.address)
  if (!inbox || !address)
    throw new MailTrouble(
      'no_sender',
      named
        ? 'The sender that this step names is not there any more.'
        : 'No sender is named, and this workspace has no inbox to send from.',
    )
  return { mailbox: { name: isName(inbox.name) ? inbox.name : '', address }, inbox }
}

async function ofConversation(context: StepContext): Promise<Inbox | null> {
  const id = readField(await context.scope(), 'conversation.inbox_id')
  return typeof id === 'string' ? await findInbox(context.tx, context.run.workspaceId, id as InboxId) : null
}

async function firstInbox({ tx, run }: StepContext): Promise<Inbox | null> {
  const open = (await listInboxes(tx, run.workspaceId)).filter(({ closedAt }) => closedAt === null)
  return open.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0] ?? null
}
