/**
 * Mails that were read, into the database: a group of one workspace is one transaction, with as many statements as one mail has. Each mail has its own
 * outcome. Where anything fails, nothing of the group is written, and whoever asked writes each alone, so that one mail never costs another its place.
 */
import { ownIdOf, type Reply, recordReplies } from '../campaigns/replies/answered.ts'
import { ENGINE, type Tx } from '../db/database.ts'
import { knowBy } from '../helpdesk/outgoing/known-by.ts'
import { type Place, receiveMessages } from '../helpdesk/receive-message.ts'
import { SECOND } from '../lib/clock.ts'
import { goesAlone, performAlone } from './alone.ts'
import { decide } from './decide.ts'
import { factsOf } from './facts.ts'
import { isPlaced, type Outcome, type PlaceWish } from './inbound-mail.ts'
import { type LookedAround, lookAround, lookAroundAll } from './look-around.ts'
import { countTurnedAway, lockClaimed, putOff } from './queries.ts'
import { settleAll } from './settle.ts'
import {
  type Decided,
  incomingOf,
  outcomeOf,
  performTogether,
  putFiles,
  type Ready,
  sameMailsIn,
  thereStill,
  type WriteDeps,
} from './together.ts'
import { wishedPlace } from './wished-place.ts'

/** News of a mail that is being handed over at this moment is looked at again soon after. */
const AFTER_EARLY_MS = 5 * SECOND

/** Mails of one workspace. Gives back those that have to be written alone: nothing was written of them. */
export async function writeTogether(deps: WriteDeps, mails: readonly Ready[]): Promise<readonly Ready[]> {
  const now = deps.clock.now()
  return await deps.database.transaction(ENGINE, async (tx) => {
    const decided = await decideAll(tx, deps, mails)
    const alone = decided.filter(goesAlone)
    const together = decided.filter((mail) => !alone.includes(mail))
    await settleDecided(tx, together, await performTogether(tx, deps, together, null, now), now)
    return alone
  })
}

export async function writeAlone(deps: WriteDeps, mail: Ready): Promise<void> {
  const now = deps.clock.now()
  const { wish } = mail.claimed
  await deps.database.transaction(ENGINE, async (tx) => {
    if (isPlaced(wish)) return await writeWhereWished(tx, deps, mail, wish, now)
    const [decided] = await decideAll(tx, deps, [mail])
    if (!decided) return
    const outcome = await performAlone(tx, deps, decided, now)
    if (outcome === 'later') return await putOff(tx, mail.claimed, new Date(now.getTime() + AFTER_EARLY_MS), true)
    await settleDecided(tx, [decided], [outcome], now)
  })
}

/** Held, and decided what is to be done with each. Those that somebody else took since are left out. */
async function decideAll(tx: Tx, deps: WriteDeps, mails: readonly Ready[]): Promise<Decided[]> {
  const workspaceId = mails[0]?.claimed.workspaceId
  if (!workspaceId) return []
  const held = await lockClaimed(
    tx,
    workspaceId,
    mails.map(({ claimed }) => claimed),
  )
  const ours = mails.filter(({ claimed }) => held.has(claimed.id))
  if (ours.length === 0) return []
  const looked = await lookAroundAll(
    tx,
    deps,
    workspaceId,
    ours.map(({ claimed, read }) => ({ came: claimed, says: read })),
  )
  return ours.map((mail, i) => {
    const around = looked[i] as LookedAround
    return { ...mail, looked: around, decision: decide(around.known) }
  })
}

async function settleDecided(tx: Tx, mails: readonly Decided[], outcomes: readonly Outcome[], now: Date): Promise<void> {
  const ended = mails.map(({ claimed, read, looked, decision }, i) => {
    const isByRule = decision.do === 'ignore' && decision.reason === 'ignore_rule'
    const ruleId = isByRule ? (looked.rule?.id ?? null) : null
    const facts = { ...factsOf(read, looked.addressed.inbox?.id ?? null), ruleId }
    return { claimed, outcome: outcomes[i] as Outcome, facts }
  })
  const [first] = ended
  if (!first) return
  await countTurnedAway(
    tx,
    first.claimed.workspaceId,
    ended.flatMap(({ facts }) => facts.ruleId ?? []),
    now,
  )
  await settleAll(tx, ended, now)
  await recordAnswers(tx, mails, outcomes, now)
}

/** What answers mails of campaigns. From now on their conversations are found by the ids of those mails, so that a second answer joins the first. */
async function recordAnswers(tx: Tx, mails: readonly Decided[], outcomes: readonly Outcome[], now: Date): Promise<void> {
  const workspaceId = mails[0]?.claimed.workspaceId
  const answers = mails.flatMap(({ claimed, read, looked: { answered } }, i) => {
    const outcome = outcomes[i]
    const isShown = outcome?.kind === 'conversation_started' || outcome?.kind === 'reply_added'
    const isApart = outcome?.kind === 'ignored' && outcome.reason === 'answer_to_campaign'
    if (!answered || !(isShown || isApart)) return []
    const place = isShown ? outcome : null
    const isAutomatic = isApart || read.automatic !== null
    const reply: Reply = { inboundId: claimed.id, answered, conversationId: place?.conversationId ?? null, isAutomatic }
    return [{ reply, place }]
  })
  if (!workspaceId || answers.length === 0) return
  await recordReplies(
    tx,
    workspaceId,
    answers.map(({ reply }) => reply),
    now,
  )
  await knowBy(
    tx,
    workspaceId,
    answers.flatMap(({ reply: { answered }, place }) =>
      place ? [{ conversationId: place.conversationId, itemId: place.itemId, rfcId: ownIdOf(answered) }] : [],
    ),
  )
}

/** Where a person wants it, whatever the decision would be; and put aside again where that is not possible any more. */
async function writeWhereWished(tx: Tx, deps: WriteDeps, mail: Ready, wish: PlaceWish, now: Date): Promise<void> {
  const { claimed, read } = mail
  const { workspaceId } = claimed
  if ((await lockClaimed(tx, workspaceId, [claimed])).size === 0) return
  const wished = await wishedPlace(tx, claimed, wish, () => deps.numbers.take(workspaceId))
  if (!wished.ok) {
    const { detail } = wished
    const outcome = { kind: 'quarantined', stage: 'write', reason: 'wish_not_possible', detail } as const
    return await settleAll(tx, [{ claimed, outcome, facts: factsOf(read, wish.was) }], now)
  }
  const { inboxId, place } = wished
  const { known, addressed } = await lookAround(tx, deps, { ...claimed, inboxId }, read)
  const rfcMessageId = read.mail.messageId
  const isAdded = wish.act === 'attach' && rfcMessageId !== null
  const same = isAdded ? await sameMailsIn(tx, workspaceId, [{ rfcMessageId, conversationId: wish.conversationId, read }]) : []
  const of = known.repeats ?? same[0]
  const outcome: Outcome = of ? { kind: 'duplicate', of } : await putInto(tx, deps, mail, place, addressed.own, now)
  await settleAll(tx, [{ claimed, outcome, facts: factsOf(read, inboxId) }], now)
}

async function putInto(
  tx: Tx,
  deps: WriteDeps,
  { claimed, read }: Ready,
  place: Place,
  own: LookedAround['addressed']['own'],
  now: Date,
): Promise<Outcome> {
  await putFiles(tx, deps, [read], now)
  const [received] = await receiveMessages(tx, deps, [{ incoming: incomingOf(claimed, read), place, own }], now)
  return outcomeOf(thereStill(received), place)
}
