/** Mail within a conversation: what is answered or passed on is a message of it, as if somebody of ours had written it. */
import { groundOf, prepareAnswer } from '../../../helpdesk/answering/answer.ts'
import { htmlOfText, lettersAmong } from '../../../helpdesk/answering/letter.ts'
import { sendAnswer } from '../../../helpdesk/answering/send-answer.ts'
import type { Conversation, ConversationStatus } from '../../../helpdesk/conversation.ts'
import { BLANK_DRAFT } from '../../../helpdesk/drafts/draft.ts'
import { listInboxes } from '../../../helpdesk/inboxes.ts'
import type { ItemId, MessageId } from '../../../lib/ids.ts'
import { formatAddress, parseAddress, parseMailbox } from '../../../mail/address.ts'
import type { Forward, Reply } from '../../definition/nodes/mail.ts'
import { liveConversation } from '../../facts/conversation.ts'
import { type Step, type StepContext, step } from '../step.ts'
import { callBack, carryOut, lookAgain, type MailPlan } from './carry-out.ts'
import { notSuppressed } from './consent.ts'
import { oneLine, type Words } from './content.ts'
import type { MailStepDeps } from './deps.ts'
import { filesFor } from './files.ts'
import { AUTOMATIC, BUDGETS, expiresAt, isFromMachine, originOf } from './machine.ts'
import { MailTrouble } from './trouble.ts'

interface Answering {
  readonly kind: 'reply' | 'forward'
  words(): Promise<Omit<Words, 'subject'> & { readonly subject: string | null }>
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  /** What is passed on; null: all of it. */
  readonly items: 'last' | null
  /** Null: as it is. */
  readonly status: ConversationStatus | null
  readonly attachments: readonly string[]
  readonly scheduledAt: Date | null
  readonly ttl: string
}

export async function conversationOf({ tx, run }: StepContext): Promise<Conversation> {
  const id = run.subject?.kind === 'conversation' ? run.subject.id : run.cause.conversationId
  const found = id === null ? null : await liveConversation(tx, run.workspaceId, id)
  if (!found) throw new MailTrouble('gone', 'The conversation is not there any more.')
  return found
}

export async function answering(context: StepContext, deps: MailStepDeps, wanted: Answering): Promise<MessageId> {
  const { tx, actor, now } = context
  const within = { ...deps, db: tx }
  const { id } = await conversationOf(context)
  const ground = await groundOf(within, actor, id)
  const { subject, html, text } = await wanted.words()
  const last = lettersAmong(ground.items).at(-1)
  if (wanted.kind === 'forward' && !last)
    throw new MailTrouble('nothing_there', 'There is no message yet that could be passed on.')
  const content = {
    ...BLANK_DRAFT,
    ...{ to: wanted.to, cc: wanted.cc, bcc: wanted.bcc, subject: subject === '' ? null : subject },
    html: html ?? htmlOfText(text ?? ''),
    items: wanted.items === 'last' && last ? [last.id as ItemId] : null,
  }
  const byMachine = {
    headers: AUTOMATIC,
    origin: originOf(context),
    scheduledAt: wanted.scheduledAt,
    expiresAt: expiresAt(wanted.ttl, wanted.scheduledAt ?? now),
  }
  const request = { content, status: wanted.status, seen: null, attached: await filesFor(context, wanted.attachments), byMachine }
  const prepared = await prepareAnswer(within, actor, wanted.kind, ground, request, now)
  const item = await sendAnswer(tx, within, prepared, actor, now)
  return item.messageId as MessageId
}

export function replyStep(deps: MailStepDeps): Step<Reply> {
  return step<Reply>({
    type: 'conversation.reply@1',
    run: (context, config) => carryOut(context, deps, config.wait_for, () => planOfReply(context, deps, config)),
    hit: (context, config) => lookAgain(context, config.wait_for),
    timeOut: (context, config) => lookAgain(context, config.wait_for),
    drop: (context) => callBack(context),
  })
}

async function planOfReply(context: StepContext, deps: MailStepDeps, config: Reply): Promise<MailPlan> {
  const conversation = await conversationOf(context)
  const address = await customerOf(context, conversation)
  const { may, not } =
    config.wait_for === 'queued' ? await notSuppressed(context, [address], 'conversation') : { may: [address], not: [] }
  return {
    ...{ recipients: may, leftOut: not, budget: BUDGETS.answer, portOfNobody: not.length > 0 ? 'suppressed' : 'refused' },
    write: (missing) =>
      answering(context, deps, {
        kind: 'reply',
        words: async () => ({ subject: null, html: null, text: await context.text(config.text) }),
        ...{ to: missing, cc: [], bcc: [], items: null, status: config.status ?? null, scheduledAt: null },
        ...{ attachments: config.attachments, ttl: config.ttl },
      }),
  }
}

/** No machine is answered, and none of our own inboxes: whoever answers one of them answers without end. */
async function customerOf(context: StepContext, { workspaceId, requester }: Conversation): Promise<string> {
  const parsed = parseAddress(requester)
  if (!parsed) throw new MailTrouble('no_recipient', 'The conversation has no customer with an address.', 'refused')
  const address = formatAddress(parsed)
  if (isFromMachine(await context.scope()))
    throw new MailTrouble('automatic', 'What this would answer was written by a program: programs are not answered.', 'refused')
  const own = (await listInboxes(context.tx, workspaceId)).flatMap(({ addresses }) => addresses.map((one) => one.address))
  if (own.includes(address.toLowerCase()))
    throw new MailTrouble('own_address', `${address} is an inbox of yours, which would answer without end.`, 'refused')
  return address
}

export function forwardStep(deps: MailStepDeps): Step<Forward> {
  return step<Forward>({
    type: 'conversation.forward@1',
    run: (context, config) => carryOut(context, deps, config.wait_for, () => planOfForward(context, deps, config)),
    hit: (context, config) => lookAgain(context, config.wait_for),
    timeOut: (context, config) => lookAgain(context, config.wait_for),
    drop: (context) => callBack(context),
  })
}

async function planOfForward(context: StepContext, deps: MailStepDeps, config: Forward): Promise<MailPlan> {
  await conversationOf(context)
  const addresses: string[] = []
  for (const template of config.to) {
    const text = oneLine(await context.text(template))
    const mailbox = parseMailbox(text)
    if (!mailbox) throw new MailTrouble('invalid_address', `“${text}” is no address that mail can go to.`)
    addresses.push(formatAddress(mailbox.address))
  }
  const distinct = [...new Set(addresses)]
  const { may, not } =
    config.wait_for === 'queued' ? await notSuppressed(context, distinct, 'conversation') : { may: distinct, not: [] }
  return {
    ...{ recipients: may, leftOut: not, budget: BUDGETS.other, portOfNobody: 'suppressed' },
    write: (missing) =>
      answering(context, deps, {
        kind: 'forward',
        words: async () => ({
          subject: null,
          html: null,
          text: config.text === undefined ? '' : await context.text(config.text),
        }),
        ...{ to: missing, cc: [], bcc: [], items: config.what === 'last' ? 'last' : null, status: null, scheduledAt: null },
        ...{ attachments: [], ttl: config.ttl },
      }),
  }
}
