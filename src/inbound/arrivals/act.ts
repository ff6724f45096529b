/** What people do about mail that was put aside or ignored, one or many at a time. What cannot be done to one is said of it; the others are done. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { mayReach, type Reach, reachOf } from '../../helpdesk/access/reach.ts'
import { endOfMerges } from '../../helpdesk/conversations.ts'
import { listInboxes } from '../../helpdesk/inboxes.ts'
import { reachConversation } from '../../helpdesk/reading/read.ts'
import { refuseNotLive } from '../../helpdesk/triage/act.ts'
import type { Stood } from '../../helpdesk/triage/take-out.ts'
import { type ConversationId, type InboundMailId, type InboxId, newId } from '../../lib/ids.ts'
import { ruleAgainst } from '../decide.ts'
import { patternOf } from '../ignoring/rule.ts'
import { addRule } from '../ignoring/rules.ts'
import type { Wish } from '../inbound-mail.ts'
import { insertActs, type LockedMail, letWait, lockMails, selectMails, settleIgnored } from './act-queries.ts'
import {
  type ActId,
  type ActObstacle,
  type ArrivalAct,
  type ArrivalFilter,
  goesUnread,
  NO_FILTER,
  obstacleTo,
} from './arrival.ts'
import { clearWhenEmpty } from './incident.ts'
import { selectFitting, type Within } from './queries.ts'

export interface ActRequest {
  readonly act: ArrivalAct
  readonly target: { readonly ids: readonly InboundMailId[] } | { readonly filter: ArrivalFilter }
  /** Of `start` and `spam`: where; null for each mail's own inbox. */
  readonly inboxId: InboxId | null
  /** Of `attach`. */
  readonly number: number | null
  /** Of `ignore_sender`: the address, or everybody at its domain; and whether what they sent before goes with it. */
  readonly whole: 'address' | 'domain'
  readonly others: boolean
}

export interface Acted {
  readonly id: ActId
  readonly done: number
  readonly refused: readonly { readonly id: InboundMailId; readonly because: ActObstacle }[]
  /** More fit than are done at once. */
  readonly isCut: boolean
}

export const MAX_IDS = 500
export const MAX_FITTING = 10_000
const MAX_SENDERS = 100
const BY_HAND = { reason: 'by_hand', ruleId: null, madeRule: null } as const

/** Of whom mail may be seen here: whole inboxes only, since what is put aside is assigned to nobody. Mail of no inbox is for those who reach all. */
export function withinOf(reach: Reach): Within {
  return reach.all ? null : reach.inboxes
}

export async function actOn(tx: Tx, request: ActRequest, actor: Actor, now: Date): Promise<Acted> {
  const { workspaceId } = actor
  const reach = await reachOf(tx, actor)
  const place = await placeOf(tx, request, actor, reach)
  const { ids, isCut } = await targetOf(tx, request, actor, reach)
  const { able, refused } = sorted(ids, await lockMails(tx, workspaceId, ids), request, reach, place)
  const id = newId<ActId>(now.getTime())
  switch (request.act) {
    case 'ignore':
      await ignore(tx, able, { ...BY_HAND, id, actor, detail: `${actor.name} ignored it.` }, 'ignore', now)
      break
    case 'ignore_sender':
      return { id, done: await ignoreSenders(tx, able, request, { id, actor }, now), refused, isCut }
    default:
      await wishFor(tx, able, request, { id, actor, place }, now)
  }
  return { id, done: able.length, refused, isCut }
}

/** What `actOn` would do, without doing it. */
export async function foreseeAct(tx: Tx, request: ActRequest, actor: Actor): Promise<Omit<Acted, 'id'>> {
  const reach = await reachOf(tx, actor)
  const place = await placeOf(tx, request, actor, reach)
  const { ids, isCut } = await targetOf(tx, request, actor, reach)
  const { able, refused } = sorted(ids, await selectMails(tx, actor.workspaceId, ids), request, reach, place)
  if (request.act !== 'ignore_sender') return { done: able.length, refused, isCut }
  let done = 0
  for (const { inboxId, pattern, mails } of sendersOf(able, request.whole))
    done += (await withOthers(tx, actor, request, inboxId, pattern, mails)).length
  return { done, refused, isCut }
}

interface WishedPlace {
  readonly inboxId: InboxId | null
  readonly conversationId: ConversationId | null
  /** Of that conversation: as it stands before the mail opens it. */
  readonly stood?: Stood
  /** Inboxes that take nothing more. */
  readonly closed: ReadonlySet<InboxId>
}

async function placeOf(tx: Tx, { act, inboxId, number }: ActRequest, actor: Actor, reach: Reach): Promise<WishedPlace> {
  if (act === 'attach') {
    if (number === null) throw new Refusal('invalid_request', { why: 'Say which conversation: its number.', pointer: '/number' })
    const reached = await reachConversation(tx, actor, String(number), reach)
    const conversation = await endOfMerges(tx, reached)
    if (!mayReach(reach, conversation)) throw new Refusal('not_found', { what: 'conversation' })
    await refuseNotLive(tx, conversation)
    const { status, labelId, snoozedUntil } = conversation
    return { inboxId: null, conversationId: conversation.id, stood: { status, labelId, snoozedUntil }, closed: new Set() }
  }
  if (act !== 'start' && act !== 'spam') return { inboxId: null, conversationId: null, closed: new Set() }
  const inboxes = await listInboxes(tx, actor.workspaceId)
  const closed = new Set(inboxes.filter((inbox) => inbox.closedAt !== null).map(({ id }) => id))
  if (inboxId !== null) {
    const isThere = inboxes.some(({ id }) => id === inboxId) && (reach.all || reach.inboxes.includes(inboxId))
    if (!isThere) throw new Refusal('not_found', { what: 'inbox', pointer: '/inbox_id' })
    if (closed.has(inboxId))
      throw new Refusal('wrong_state', { what: 'inbox', state: 'closed', action: 'given new conversations' })
  }
  return { inboxId, conversationId: null, closed }
}

async function targetOf(
  tx: Tx,
  { target }: ActRequest,
  actor: Actor,
  reach: Reach,
): Promise<{ ids: readonly InboundMailId[]; isCut: boolean }> {
  if ('ids' in target) return { ids: [...new Set(target.ids)], isCut: false }
  const ids = await selectFitting(tx, actor.workspaceId, withinOf(reach), target.filter, MAX_FITTING + 1)
  return { ids: ids.slice(0, MAX_FITTING), isCut: ids.length > MAX_FITTING }
}

function sorted(
  ids: readonly InboundMailId[],
  mails: readonly LockedMail[],
  { act }: ActRequest,
  reach: Reach,
  { inboxId, closed }: WishedPlace,
): { readonly able: LockedMail[]; readonly refused: Acted['refused'] } {
  const byId = new Map(mails.map((mail) => [mail.id, mail]))
  const able: LockedMail[] = []
  const refused: { id: InboundMailId; because: ActObstacle }[] = []
  for (const id of ids) {
    const mail = byId.get(id)
    const isReached = mail && (reach.all || (mail.inboxId !== null && reach.inboxes.includes(mail.inboxId)))
    const own = mail?.inboxId ?? null
    const isShut = (act === 'start' || act === 'spam') && inboxId === null && own !== null && closed.has(own)
    const because = !mail || !isReached ? 'not_there' : isShut ? 'no_inbox' : obstacleTo(act, mail, inboxId)
    if (because !== null) refused.push({ id, because })
    else if (mail) able.push(mail)
  }
  return { able, refused }
}

interface Doing {
  readonly id: ActId
  readonly actor: Actor
}

/** What is wished waits for its turn, like mail that has just come. */
async function wishFor(
  tx: Tx,
  mails: readonly LockedMail[],
  { act }: ActRequest,
  { id, actor, place }: Doing & { readonly place: WishedPlace },
  now: Date,
): Promise<void> {
  if (mails.length === 0) return
  const { workspaceId } = actor
  const by = actorReference(actor)
  const wishes = mails.map((mail) => ({
    id: mail.id,
    wish: wishOf(mail, act, place, { by, name: actor.name, was: mail.inboxId }),
  }))
  const ids = mails.map((mail) => mail.id)
  await insertActs(tx, workspaceId, { id, act, by, ruleId: null, stood: place.stood ?? null }, ids, now)
  await letWait(tx, workspaceId, wishes, now)
  const events = mails.map((mail) => ({
    type: 'inbound.replayed' as const,
    workspaceId,
    subjectId: mail.id,
    actor: by,
    data: { from: mail.from.address, inbox_id: mail.inboxId, act },
  }))
  await append(tx, events, now)
}

function wishOf(mail: LockedMail, act: ArrivalAct, place: WishedPlace, base: Pick<Wish, 'by' | 'name' | 'was'>): Wish {
  const unread = goesUnread(mail)
  if (act === 'attach') return { ...base, act, conversationId: place.conversationId as ConversationId, unread }
  if (act === 'start' || act === 'spam') return { ...base, act, inboxId: (place.inboxId ?? mail.inboxId) as InboxId, unread }
  return { ...base, act: 'replay' }
}

interface IgnoredFor {
  readonly reason: 'by_hand' | 'ignore_rule'
  readonly detail: string
  readonly ruleId: string | null
  /** The same where this act made it: it goes when the act is taken back. */
  readonly madeRule: string | null
}

async function ignore(
  tx: Tx,
  mails: readonly LockedMail[],
  why: Doing & IgnoredFor,
  act: 'ignore' | 'ignore_sender',
  now: Date,
): Promise<void> {
  if (mails.length === 0) return
  const { id, actor, reason, detail, ruleId, madeRule } = why
  const { workspaceId } = actor
  const by = actorReference(actor)
  const ids = mails.map((mail) => mail.id)
  await insertActs(tx, workspaceId, { id, act, by, ruleId: madeRule }, ids, now)
  await settleIgnored(tx, workspaceId, ids, { reason, detail, by, ruleId }, now)
  const events = mails.map((mail) => ({
    type: 'inbound.settled' as const,
    workspaceId,
    subjectId: mail.id,
    actor: by,
    data: { from: mail.from.address, inbox_id: mail.inboxId, outcome: 'ignored', reason },
  }))
  await append(tx, events, now)
  await clearWhenEmpty(
    tx,
    workspaceId,
    mails.map(({ inboxId }) => inboxId),
    now,
  )
}

interface Sender {
  readonly inboxId: InboxId | null
  readonly pattern: string
  readonly mails: readonly LockedMail[]
}

/** A rule for each sender and inbox: it holds where their mail was put aside, not everywhere. */
async function ignoreSenders(
  tx: Tx,
  mails: readonly LockedMail[],
  request: ActRequest,
  { id, actor }: Doing,
  now: Date,
): Promise<number> {
  const senders = sendersOf(mails, request.whole)
  let done = 0
  for (const { inboxId, pattern, mails: own } of senders) {
    const by = { workspaceId: actor.workspaceId, actor: actorReference(actor) }
    const { rule, isNew } = await addRule(tx, by, { inboxId, field: 'from', pattern, note: '' }, now)
    const all = await withOthers(tx, actor, request, inboxId, pattern, own)
    const detail = `The rule ${pattern} turns it away; ${actor.name} made it.`
    const madeRule = isNew ? rule.id : null
    await ignore(tx, all, { id, actor, reason: 'ignore_rule', detail, ruleId: rule.id, madeRule }, 'ignore_sender', now)
    done += all.length
  }
  return done
}

function sendersOf(mails: readonly LockedMail[], whole: ActRequest['whole']): Sender[] {
  const groups = Map.groupBy(mails, ({ inboxId, from }) => `${inboxId} ${patternOf(from.address, whole)}`)
  if (groups.size > MAX_SENDERS)
    throw new Refusal('invalid_request', {
      why: `So many senders are not ignored at once: at most ${MAX_SENDERS}.`,
      limit: MAX_SENDERS,
    })
  return [...groups.values()].map((group) => {
    const [first] = group as [LockedMail]
    return { inboxId: first.inboxId, pattern: patternOf(first.from.address, whole), mails: group }
  })
}

/** With whatever else of them lies in the quarantine of the same inbox. */
async function withOthers(
  tx: Tx,
  actor: Actor,
  { others }: ActRequest,
  inboxId: InboxId | null,
  pattern: string,
  mails: readonly LockedMail[],
): Promise<readonly LockedMail[]> {
  if (!others) return mails
  const filter = { ...NO_FILTER, outcome: 'quarantined' as const, inboxId: inboxId ?? ('none' as const) }
  const ids = await selectFitting(tx, actor.workspaceId, null, filter, MAX_FITTING)
  const known = new Set(mails.map(({ id }) => id))
  const more = (
    await lockMails(
      tx,
      actor.workspaceId,
      ids.filter((id) => !known.has(id)),
    )
  ).filter(
    ({ from, state }) =>
      state === 'quarantined' && ruleAgainst([{ field: 'from', pattern }], { from: from.address, to: [], subject: '' }),
  )
  return [...mails, ...more]
}
