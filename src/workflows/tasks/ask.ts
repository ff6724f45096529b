/** A task comes to be: on the lists of those who are asked, and in a mail to each of them with a link of their own. */
import type { Member } from '../../accounts/member.ts'
import type { Tx } from '../../db/database.ts'
import { savepoint } from '../../db/savepoint.ts'
import { Refusal } from '../../errors.ts'
import type { Conversation } from '../../helpdesk/conversation.ts'
import type { Inbox } from '../../helpdesk/inbox.ts'
import { findInbox, listInboxes } from '../../helpdesk/inboxes.ts'
import { escaped, oneLine } from '../../helpdesk/notify/notification-mail.ts'
import type { NotifyDeps } from '../../helpdesk/notify/notify.ts'
import { composeMail, sendMail } from '../../helpdesk/outgoing/send-mail.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { randomToken, sha256 } from '../../lib/secrets.ts'
import { type Address, isName, parseAddress } from '../../mail/address.ts'
import { insertPerson, insertTask, type NewTask } from './queries.ts'
import type { Task } from './task.ts'

export const TASK_PATH = '/decide/'
const SUBJECT_MAX = 250

/** Answers how many of them a mail went to: whoever has no address, or where nothing can be sent from, has the task on their list all the same. */
export async function ask(
  tx: Tx,
  deps: NotifyDeps,
  task: NewTask,
  people: readonly Pick<Member, 'id' | 'name' | 'email'>[],
  { conversation, actor }: { readonly conversation: Conversation | null; readonly actor: string },
  now: Date,
): Promise<number> {
  await insertTask(tx, task)
  const inbox = await inboxFor(tx, task.workspaceId, conversation)
  const from = inbox && parseAddress(inbox.address)
  let mailed = 0
  for (const person of people) if (await askOne(tx, deps, task, person, { inbox, from, conversation, actor }, now)) mailed += 1
  return mailed
}

/** One more is asked who was not: by the same words, with a link of their own. */
export async function askAlso(
  tx: Tx,
  deps: NotifyDeps,
  task: Task,
  person: Pick<Member, 'id' | 'name' | 'email'>,
  about: { readonly conversation: Conversation | null; readonly actor: string },
  now: Date,
): Promise<void> {
  const inbox = await inboxFor(tx, task.workspaceId, about.conversation)
  await askOne(tx, deps, task, person, { inbox, from: inbox && parseAddress(inbox.address), ...about }, now)
}

async function askOne(
  tx: Tx,
  deps: NotifyDeps,
  task: Asked,
  person: Pick<Member, 'id' | 'name' | 'email'>,
  {
    inbox,
    from,
    conversation,
    actor,
  }: {
    readonly inbox: Inbox | null
    readonly from: Address | null
    readonly conversation: Conversation | null
    readonly actor: string
  },
  now: Date,
): Promise<boolean> {
  const token = randomToken()
  const address = parseAddress(person.email)
  const messageId =
    inbox && from && address
      ? await savepoint(tx, () =>
          mail(tx, deps, task, { inbox, from, to: { name: person.name, address }, token, conversation, actor }, now),
        ).catch(unlessRefused)
      : null
  await insertPerson(tx, task, { userId: person.id, tokenHash: sha256(token), messageId })
  return messageId !== null
}

type Asked = Pick<NewTask, 'workspaceId' | 'id' | 'title' | 'body' | 'workflow' | 'decisions' | 'dueAt'>

function unlessRefused(error: unknown): null {
  if (error instanceof Refusal) return null
  throw error
}

/** The conversation's, or the oldest one that takes mail. */
async function inboxFor(tx: Tx, workspaceId: WorkspaceId, conversation: Conversation | null): Promise<Inbox | null> {
  if (conversation) return await findInbox(tx, workspaceId, conversation.inboxId)
  return (await listInboxes(tx, workspaceId)).find(({ closedAt }) => !closedAt) ?? null
}

async function mail(
  tx: Tx,
  deps: NotifyDeps,
  { title, body, workflow, decisions, dueAt }: Asked,
  {
    inbox,
    from,
    to,
    token,
    conversation,
    actor,
  }: {
    readonly inbox: Inbox
    readonly from: Address
    readonly to: { readonly name: string; readonly address: Address }
    readonly token: string
    readonly conversation: Conversation | null
    readonly actor: string
  },
  now: Date,
): Promise<string> {
  const link = `${deps.url}${TASK_PATH}${token}`
  const about = conversation ? `${deps.url}/conversations/${conversation.number}` : null
  const choices = decisions.map(({ label }) => label).join(' / ')
  const until = dueAt ? `Until ${dueAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. ` : ''
  const hint = `${until}The link is yours: whoever has it decides in your name.`
  const name = `${oneLine(workflow, 100)} (${inbox.name})`
  const composed = await composeMail(
    { ...deps, db: tx },
    {
      inbox,
      ...{ purpose: 'notification' as const, conversationId: conversation?.id ?? null, itemId: null },
      from: { name: isName(name) ? name : '', address: from },
      to: [{ name: isName(to.name) ? to.name : '', address: to.address }],
      ...{ cc: [], bcc: [], replyTo: [], files: [], inReplyTo: null, references: [], token: null },
      subject: oneLine(title, SUBJECT_MAX),
      text: [title, body, `Decide (${choices}): ${link}`, hint, ...(about ? [`The conversation: ${about}`] : [])]
        .filter((part) => part !== '')
        .join('\n\n'),
      html: [
        `<p style="margin:16px 0"><strong>${escaped(title)}</strong></p>`,
        body === '' ? '' : `<div style="margin:16px 0;white-space:pre-wrap">${escaped(body)}</div>`,
        `<p style="margin:16px 0"><a href="${escaped(link)}">Decide: ${escaped(choices)}</a></p>`,
        about ? `<p style="margin:16px 0"><a href="${escaped(about)}">Open conversation #${conversation?.number}</a></p>` : '',
        `<p style="color:#666;font-size:12px">${escaped(hint)}</p>`,
      ].join(''),
      headers: [
        ['Auto-Submitted', 'auto-generated'],
        ['X-Auto-Response-Suppress', 'All'],
      ],
      ...{ stream: 'transactional' as const, actor, scheduledAt: null },
    },
    now,
  )
  return (await sendMail(tx, deps.blobs, composed, now)).messageId
}
