import { setImmediate } from 'node:timers/promises'
import type { StagedBlob } from '../../blobs/blob-store.ts'
import { peopleForMail } from '../../contacts/audience/people.ts'
import { readTimeZone } from '../../contacts/contact.ts'
import { ENGINE, type Tx } from '../../db/database.ts'
import { MAX_CHUNK } from '../../delivery/mailings/mailing.ts'
import { type MailingChunk, submitMailing } from '../../delivery/mailings/submit-mailing.ts'
import { assert } from '../../lib/assert.ts'
import { type ContactId, type DeliveryId, type MessageId, newId } from '../../lib/ids.ts'
import { explainAddress, formatAddress, formatMailbox, parseAddress } from '../../mail/address.ts'
import { messageIdOf } from '../../mail/message-id.ts'
import type { Compiled } from '../../templates/compile.ts'
import type { OwnOf } from '../../tracking/personalise.ts'
import { variantOf } from '../ab/ab-test.ts'
import { asVariant, variantsOf } from '../ab/as-variant.ts'
import type { Campaign } from '../campaign.ts'
import { authorOf, programOf } from '../compile.ts'
import { mailingOf } from '../life.ts'
import { dueIn } from '../local-time.ts'
import { excludeRecipients, giveDeliveries, moveCursor, type NotPrepared, saveCampaign, selectUnfilled } from '../queries.ts'
import { lockAt, type PrepareDeps, WAITS_MS } from './step.ts'

interface Ready {
  readonly contactId: ContactId
  readonly recipient: string
  readonly slots: readonly string[]
  readonly deliveryId: DeliveryId | undefined
  /** At an hour of their own; undefined: as soon as it is their turn. */
  readonly dueAt: Date | undefined
  readonly variant: number
}

interface Who {
  readonly contactId: ContactId
  readonly address: string
  readonly person: Readonly<Record<string, unknown>> | undefined
}

/** Others wait for the same thread: after so many it is given away for a moment. */
const BREATH = 100

/** So many chunks are done in one step: while one is stored, the next is written. */
const CHUNKS_A_STEP = 8

/** Writes for the next people what is theirs, and gives each a delivery. Reading and writing them needs no transaction; what comes of it is one. */
export async function fillStep(deps: PrepareDeps, seen: Campaign, now: Date): Promise<boolean> {
  let at = seen
  let chunk = await lookAtNext(deps, at, now)
  for (let left = CHUNKS_A_STEP - 1; ; left--) {
    if (!chunk) return await deps.database.transaction(ENGINE, (tx) => endOfFilling(tx, at, now))
    const behind: Campaign = { ...at, cursor: chunk.last }
    const [isStored, next] = await Promise.all([
      store(deps, at, chunk, now),
      left > 0 ? lookAtNext(deps, behind, now) : undefined,
    ])
    if (!isStored || next === undefined) return isStored
    at = behind
    chunk = next
  }
}

interface Chunk {
  readonly looked: readonly Looked[]
  readonly last: ContactId
}

/** Null: nobody is left. */
async function lookAtNext({ database, ownOf }: PrepareDeps, campaign: Campaign, now: Date): Promise<Chunk | null> {
  const unfilled = await selectUnfilled(database.db, campaign, campaign.cursor, MAX_CHUNK)
  const last = unfilled.at(-1)?.contactId
  if (last === undefined) return null
  const people = await peopleForMail(
    database.db,
    campaign.workspaceId,
    unfilled.map(({ contactId }) => contactId),
  )
  const looked: Looked[] = []
  let breath = 0
  // By version, so that the ids of those who get the same mail grow.
  for (const [plan, group] of Map.groupBy(unfilled, ({ contactId }) => planFor(campaign, contactId))) {
    for (const { contactId, address } of group) {
      looked.push(lookAt(campaign, plan, { contactId, address, person: people.get(contactId) }, ownOf, now))
      if (++breath % BREATH === 0) await setImmediate()
    }
  }
  return { looked, last }
}

/** False when somebody moved the campaign meanwhile. */
async function store({ database, blobs }: PrepareDeps, seen: Campaign, { looked, last }: Chunk, now: Date): Promise<boolean> {
  return await database.transaction(ENGINE, async (tx) => {
    const campaign = await lockAt(tx, seen)
    if (!campaign) return false
    await excludeRecipients(
      tx,
      campaign,
      looked.flatMap(({ excluded }) => excluded ?? []),
    )
    const ready = looked.flatMap((one) => one.ready ?? [])
    for (const [variant, group] of Map.groupBy(ready, (one) => one.variant)) await place(tx, blobs, campaign, variant, group, now)
    await moveCursor(tx, campaign, last, now)
    return true
  })
}

async function place(
  tx: Tx,
  blobs: PrepareDeps['blobs'],
  campaign: Campaign,
  variant: number,
  ready: readonly Ready[],
  now: Date,
): Promise<void> {
  const placed = await submitMailing(tx, blobs, chunkOf(asVariant(campaign, variant), ready, now), now)
  const given = placed.map(({ deliveryId }, i) => ({ contactId: (ready[i] as Ready).contactId, deliveryId }))
  await giveDeliveries(tx, campaign, given, { isAgain: false, variant: campaign.ab ? variant : null })
}

/** Which version somebody gets; `rest`: they wait for the one that wins. */
function planFor({ id, ab, winner }: Campaign, contactId: ContactId): number | 'rest' {
  if (!ab) return 0
  return winner ?? variantOf(contactId, id, ab) ?? 'rest'
}

/** Neither is there for whoever waits for the winner of a test. */
interface Looked {
  readonly ready?: Ready
  readonly excluded?: NotPrepared
}

/** Whoever waits is looked at for every version: any of them may win, and who could not get it is counted before the first mail leaves. */
function lookAt(campaign: Campaign, plan: number | 'rest', who: Who, ownOf: OwnOf, now: Date): Looked {
  const { contactId } = who
  for (const variant of plan === 'rest' ? variantsOf(campaign) : [plan]) {
    const fate = writeFor(programFor(asVariant(campaign, variant), variant, now), who, ownOf, now)
    if ('reason' in fate) return { excluded: { contactId, ...fate } }
    if (plan !== 'rest') return { ready: { contactId, ...fate, variant, dueAt: dueFor(campaign, who.person, now) } }
  }
  return {}
}

async function endOfFilling(tx: Tx, seen: Campaign, now: Date): Promise<boolean> {
  const campaign = await lockAt(tx, seen)
  if (!campaign) return false
  await saveCampaign(tx, { ...campaign, phase: 'checking', cursor: null, movedAt: now })
  return true
}

/** The programs of campaigns at work: made once, not for every thousand people. */
const programs = new Map<string, Compiled>()
const PROGRAMS_KEPT = 10

function programFor(campaign: Campaign, variant: number, now: Date): Compiled {
  const key = `${campaign.id} ${variant} ${campaign.contentHash}`
  const known = programs.get(key)
  if (known) return known
  if (programs.size >= PROGRAMS_KEPT) programs.delete(programs.keys().next().value ?? '')
  const program = programOf(campaign, now)
  programs.set(key, program)
  return program
}

/** What one person reads, or why they get nothing. Whatever is wrong with one is that one's outcome. */
function writeFor(
  program: Compiled,
  who: Who,
  ownOf: OwnOf,
  now: Date,
): Omit<Ready, 'contactId' | 'dueAt' | 'variant'> | Omit<NotPrepared, 'contactId'> {
  if (!who.person) return { reason: 'gone', detail: '' }
  const address = parseAddress(who.address)
  if (!address) return { reason: 'malformed', detail: explainAddress(who.address) ?? '' }
  const recipient = formatAddress(address)
  // Its id is given out early where a value is made of it. When the mail is sent again, the link of the first one leads to the same.
  const deliveryId = program.usesOwn ? newId<DeliveryId>(now.getTime()) : undefined
  const own = deliveryId === undefined ? {} : ownOf(deliveryId)
  const rendered = program.render({ contact: { ...who.person, email: recipient }, own }, now)
  switch (rendered.kind) {
    case 'ready':
      return { recipient, slots: rendered.values, deliveryId }
    case 'missing_field':
      return { reason: 'missing_field', detail: rendered.fields.join(', ') }
    case 'unrenderable':
      return { reason: 'unrenderable', detail: rendered.sentence }
  }
}

/** Of whom no zone is known, or one that nobody knows, it is that of the campaign. */
function dueFor(
  { localTime, localDate }: Campaign,
  person: Readonly<Record<string, unknown>> | undefined,
  now: Date,
): Date | undefined {
  if (!localTime || localDate === null) return undefined
  return dueIn(readTimeZone(String(person?.time_zone ?? '')) ?? localTime.zone, localDate, localTime, now)
}

/** What is the same for all recipients of a chunk. */
export function chunkOf(
  campaign: Campaign,
  recipients: readonly {
    readonly recipient: string
    readonly slots: readonly string[]
    readonly deliveryId?: DeliveryId | undefined
    readonly dueAt?: Date | undefined
  }[],
  now: Date,
): MailingChunk {
  const author = authorOf(campaign)
  const { contentHash, sizeBytes, linkSet, tracking } = campaign
  assert(contentHash !== null && sizeBytes !== null, 'the stencil was written before')
  const messageId = newId<MessageId>(now.getTime())
  // It is in the store already: its row only has to be referred to again.
  const content: StagedBlob = {
    workspaceId: campaign.workspaceId,
    hash: Buffer.from(contentHash, 'hex'),
    sizeBytes,
    ascii: null,
    bytes: null,
    location: '',
  }
  return {
    workspaceId: campaign.workspaceId,
    mailingId: mailingOf(campaign),
    messageId,
    origin: { kind: 'campaign', campaign_id: campaign.id },
    actor: campaign.createdBy,
    envelopeSender: formatAddress(author.address),
    sender: formatMailbox(author),
    fromDomain: author.address.domain,
    subject: campaign.content.subject,
    tags: [],
    rfcMessageId: messageIdOf(messageId, author.address.domain),
    content,
    tracking: linkSet && { linkSet, opens: tracking.opens === true, clicks: tracking.clicks === true },
    expiresAt: new Date(now.getTime() + WAITS_MS),
    resendOf: null,
    recipients,
  }
}
