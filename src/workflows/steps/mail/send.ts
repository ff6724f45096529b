import { actorReference } from '../../../accounts/actor.ts'
import type { Stream } from '../../../delivery/stream.ts'
import { prepareSend, recipientsOf } from '../../../gateway/prepare.ts'
import { send } from '../../../gateway/send.ts'
import type { AttachmentRequest } from '../../../gateway/send-request.ts'
import type { ItemFile } from '../../../helpdesk/item.ts'
import { type DeliveryId, type MessageId, newId } from '../../../lib/ids.ts'
import { explainMailbox, formatAddress, formatMailbox, type Mailbox, parseMailbox } from '../../../mail/address.ts'
import { nextWorkingMoment } from '../../calendars/calendars.ts'
import type { Send } from '../../definition/nodes/mail.ts'
import { readField } from '../read-field.ts'
import { type Step, type StepContext, StepFailure, step } from '../step.ts'
import { answering } from './answer.ts'
import { callBack, carryOut, lookAgain, type MailPlan } from './carry-out.ts'
import { agreedBy, notSuppressed, wayOutOf } from './consent.ts'
import { wordsFor } from './content.ts'
import type { MailStepDeps } from './deps.ts'
import { type Fate, goOn, leftOut, messagesIn } from './ends.ts'
import { filesFor } from './files.ts'
import { AUTOMATIC, BUDGETS, expiresAt, isFromMachine, originOf } from './machine.ts'
import { selectOnce, takeOnce } from './once-queries.ts'
import { senderFor } from './sender.ts'
import { inWords, MailTrouble } from './trouble.ts'

export function sendStep(deps: MailStepDeps): Step<Send> {
  return step<Send>({
    type: 'email.send@1',
    run: (context, config) =>
      inWords(async () => {
        const key = await onceKey(context, config)
        const before =
          key !== null && context.token.memo.messages === undefined ? await selectOnce(context.tx, context, key) : null
        if (before !== null) return await goOn(context, 'queued', { messages: [before], leftOut: [] })
        return await carryOut(context, deps, config.wait_for, () => planOf(context, deps, config, key))
      }),
    hit: (context, config) => lookAgain(context, config.wait_for),
    timeOut: (context, config) => lookAgain(context, config.wait_for),
    drop: (context) => callBack(context),
  })
}

async function onceKey(context: StepContext, { once_for: once }: Send): Promise<string | null> {
  if (once === undefined) return null
  const value = await context.value(once)
  const key = typeof value === 'string' ? value : JSON.stringify(value)
  if (value === null || key === '' || key.length > 500)
    throw new MailTrouble('invalid', `“${once}” gives nothing that this mail could be known by.`)
  return key
}

const STREAM_OF: Readonly<Record<Send['kind'], Stream>> = {
  transactional: 'transactional',
  conversation: 'conversation',
  marketing: 'bulk',
}

async function planOf(context: StepContext, deps: MailStepDeps, config: Send, key: string | null): Promise<MailPlan> {
  const stream = STREAM_OF[config.kind]
  const to = await toOf(context, config.to)
  const cc = await mailboxesOf(context, config.cc, 'cc')
  const bcc = await mailboxesOf(context, config.bcc, 'bcc')
  const { addresses } = recipientsOf([...to, ...cc, ...bcc].map(({ address }) => address))
  const { may, not } = await mailable(context, config, addresses, stream)
  const people = { to, cc, bcc }
  const agreed = config.kind === 'marketing' ? await agreedBy(context, addresses[0] ?? '') : null
  // Whoever wrote and is written to is answered, whatever the step is called.
  const answers = config.to.who === 'subject' && context.run.subject?.kind === 'conversation'
  return {
    ...{ recipients: may, leftOut: not, budget: answers ? BUDGETS.answer : BUDGETS.other, portOfNobody: 'suppressed' },
    ...(agreed && { agreed }),
    async write(missing) {
      const id = await (config.in_thread ? inThread : onItsOwn)(context, deps, config, people, missing, agreed?.lists ?? null)
      // Somebody else wrote it at the same moment: on the next try it is known.
      if (key !== null && !messagesIn(context.token.memo).length && (await takeOnce(context.tx, context, key, id)) !== null)
        throw new StepFailure('fault', 'This mail was written at the same moment by another run.', 'failed', context.now)
      return id
    },
  }
}

/** Whoever goes on at once has to know now who will not get it; others learn it from the delivery. */
async function mailable(
  context: StepContext,
  { kind, to, wait_for: waitsFor }: Send,
  addresses: readonly string[],
  stream: Stream,
): Promise<{ readonly may: readonly string[]; readonly not: readonly Fate[] }> {
  if (
    to.who === 'subject' &&
    kind !== 'marketing' &&
    context.run.cause.conversationId !== null &&
    isFromMachine(await context.scope())
  ) {
    const [address = ''] = addresses
    const not = [leftOut(address, 'automatic', 'What this would answer was written by a program: programs are not answered.')]
    return { may: addresses.slice(1), not }
  }
  return waitsFor === 'queued' || kind === 'marketing'
    ? await notSuppressed(context, addresses, stream)
    : { may: addresses, not: [] }
}

interface People {
  readonly to: readonly Mailbox[]
  readonly cc: readonly Mailbox[]
  readonly bcc: readonly Mailbox[]
}

async function onItsOwn(
  context: StepContext,
  deps: MailStepDeps,
  config: Send,
  { to, cc, bcc }: People,
  missing: readonly string[],
  lists: readonly string[] | null,
): Promise<MessageId> {
  const { tx, run, now, actor } = context
  const sender = await senderFor(context, config.sender)
  const stream = STREAM_OF[config.kind]
  const deliveryIds = missing.map(() => newId<DeliveryId>(now.getTime()))
  const replyTo = await mailboxesOf(context, config.reply_to === undefined ? [] : [config.reply_to], 'reply_to')
  const wayOut = lists && (await wayOutOf(context, deps, deliveryIds[0] as DeliveryId, [...replyTo, sender.mailbox]))
  const words = await wordsFor(context, deps, config.content, wayOut?.own ?? null)
  const scheduledAt = await openedAt(context, config)
  const from = formatMailbox(sender.mailbox)
  const origin = { kind: 'workflow', ...originOf(context), ...(lists && { lists, sender: from }) }
  const request = {
    ...{ stream, from, tags: [], metadata: {}, scheduledAt, expiresAt: expiresAt(config.ttl, scheduledAt ?? now) },
    ...{ to: to.map(formatMailbox), cc: cc.map(formatMailbox), bcc: bcc.map(formatMailbox) },
    replyTo: replyTo.map(formatMailbox),
    ...words,
    headers: {
      ...Object.fromEntries(AUTOMATIC),
      ...URGENCY[config.priority],
      ...(await headersOf(context, config)),
      ...wayOut?.headers,
    },
    attachments: await attachmentsOf(context, deps, await filesFor(context, config.attachments)),
    viaRoute: sender.inbox?.routeId ?? null,
    ...(config.clicks && { tracking: { clicks: true } }),
  }
  const place = { blobs: deps.blobs, tracking: { database: { db: tx }, url: deps.url } }
  const prepared = await prepareSend(place, request, { workspaceId: run.workspaceId, actor: actorReference(actor), origin }, now)
  const submission = { ...prepared.submission, recipients: missing, deliveryIds }
  await send(tx, deps.blobs, { ...prepared, submission }, null, now)
  return submission.id
}

/** Who else it goes to stands in its head, as it did the first time; that it goes to the missing ones alone is the envelope's. */
async function inThread(
  context: StepContext,
  deps: MailStepDeps,
  config: Send,
  { to, cc, bcc }: People,
  missing: readonly string[],
): Promise<MessageId> {
  const those = (people: readonly Mailbox[]) =>
    people.filter(({ address }) => missing.includes(formatAddress(address))).map(formatMailbox)
  return await answering(context, deps, {
    kind: 'reply',
    words: async () => await wordsFor(context, deps, config.content, null),
    ...{ to: those(to), cc: those(cc), bcc: those(bcc), items: null, status: null },
    ...{ attachments: config.attachments, scheduledAt: await openedAt(context, config), ttl: config.ttl },
  })
}

async function openedAt({ tx, run, now }: StepContext, { window }: Send): Promise<Date | null> {
  if (window === undefined) return null
  const at = await nextWorkingMoment(tx, run.workspaceId, window, now)
  return at > now ? at : null
}

/** As mail programs have it; how soon it leaves is its stream's. */
const URGENCY: Readonly<Record<Send['priority'], Readonly<Record<string, string>>>> = {
  high: { 'X-Priority': '1', Importance: 'high' },
  normal: {},
  low: { 'X-Priority': '5', Importance: 'low' },
}

async function headersOf(context: StepContext, { headers }: Send): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [name, template] of Object.entries(headers))
    found[name] = (await context.text(template)).replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return found
}

async function toOf(context: StepContext, to: Send['to']): Promise<Mailbox[]> {
  if (to.who === 'addresses') return await mailboxesOf(context, to.addresses, 'to')
  const scope = await context.scope()
  const [requester, email] = [readField(scope, 'conversation.requester'), readField(scope, 'contact.email')]
  const address = context.run.subject?.kind === 'contact' ? email : (requester ?? email)
  if (typeof address !== 'string' || address === '')
    throw new MailTrouble('no_recipient', 'This run is about nobody who has an address.')
  const mailbox = parseMailbox(address)
  if (!mailbox) throw new MailTrouble('invalid_address', `“${address}” is no address that mail can go to.`)
  const name = readField(scope, 'contact.name')
  return [
    { name: typeof name === 'string' && email === address && !/[\p{Cc}]/u.test(name) ? name : '', address: mailbox.address },
  ]
}

/** Each text is an address, or several with commas between them; what is empty when it is filled in is nobody. */
async function mailboxesOf(context: StepContext, texts: readonly string[], where: string): Promise<Mailbox[]> {
  const found: Mailbox[] = []
  for (const template of texts) {
    const text = (await context.text(template)).trim()
    if (text === '') continue
    const whole = parseMailbox(text)
    const parts = whole ? [] : text.split(/[,;\n]/).filter((part) => part.trim() !== '')
    found.push(...(whole ? [whole] : parts.map((part) => mailboxOf(part.trim(), where))))
  }
  return found
}

function mailboxOf(text: string, where: string): Mailbox {
  const mailbox = parseMailbox(text)
  if (mailbox) return mailbox
  const why = explainMailbox(text)
  throw new MailTrouble(
    'invalid_address',
    `“${text.slice(0, 200)}” (${where}) is no address that mail can go to${why ? `: ${why}` : '.'}`,
  )
}

async function attachmentsOf(
  { tx, run }: StepContext,
  { blobs }: MailStepDeps,
  files: readonly ItemFile[],
): Promise<AttachmentRequest[]> {
  if (files.length === 0) return []
  const contents = await blobs.read(tx, run.workspaceId, [...new Set(files.map(({ hash }) => hash))])
  return files.map(({ filename, contentType, hash }) => {
    const content = contents.get(hash)
    if (content === undefined) throw new MailTrouble('not_kept', `The file “${filename.slice(0, 80)}” is not kept any more.`)
    return { filename, contentType, content: Buffer.from(content, 'latin1').toString('base64'), contentId: null }
  })
}
