import { createHash } from 'node:crypto'
import { ENGINE, type Tx } from '../../db/database.ts'
import { type Clock, MINUTE } from '../../lib/clock.ts'
import type { Limiter } from '../../lib/limiter.ts'
import type { Mailbox } from '../../mailboxes/mailbox.ts'
import { takeUidls, unseenUidls } from '../../mailboxes/mailboxes.ts'
import type { FolderNow, Arrival as MailOnServer, MailReader, RawMail } from '../../mailboxes/open-mailbox.ts'
import type { Arrival } from '../inbound-mail.ts'
import { MAX_MAIL_BYTES } from '../mail-size.ts'
import { type ReceiveDeps, type ReceivedMail, receive } from '../receive.ts'
import {
  deleteOldAfterwards,
  insertAfterwards,
  type Place,
  recountBy,
  renumberMail,
  saveMailTaken,
  selectPlace,
  upsertPlace,
} from './queries.ts'
import type { Source } from './source.ts'

export interface TakeDeps extends ReceiveDeps {
  readonly clock: Clock
  /** How many large mails are in memory at once, over all sources. */
  readonly largeMail: Limiter
}

/** A source and the lease by which this process fetches from it. */
export interface Run {
  readonly source: Source
  readonly owner: string
  readonly mailbox: Mailbox
  readonly signal: AbortSignal
}

/** Somebody else fetches from the source now, or nobody should. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

const HEAD_BYTES = 256 * 1024
const LARGE_BYTES = 1024 * 1024
const PAGE = 100
/** Stored in one transaction. */
const BATCH_MAILS = 20
const BATCH_BYTES = 4 * 1024 * 1024
/** A mail at which so many sessions ended is left aside: behind it, mail waits. The count of server against rows fetches it later, and shows it. */
const STUCK_TIMES = 3
const RECOUNT_SOON_MS = 10 * MINUTE

/**
 * Takes everything new of a folder, oldest first, page by page. The bytes, the row and the place come with one commit, so that whatever happens in
 * between, nothing is lost and nothing is twice.
 */
export async function takeFolder(deps: TakeDeps, run: Run, reader: MailReader, folder: string): Promise<void> {
  const now = await reader.enter(folder)
  let place = await placeFor(deps, run, reader, now)
  for (;;) {
    const found = await reader.arrivals(takenBy(deps, run, place), PAGE + 1)
    if (found.some(({ key }) => isStuck(place, key)) && run.mailbox.settings.protocol === 'imap') {
      place = await passStuck(deps, run, place)
      continue
    }
    const page = found.filter(({ key }) => !isStuck(place, key)).slice(0, PAGE)
    if (page.length === 0) return
    place = await takePage(deps, run, reader, place, page)
    if (run.signal.aborted) return
  }
}

function takenBy({ database }: TakeDeps, { mailbox }: Run, { lastUid }: Place) {
  return { lastUid, unseen: (uidls: readonly string[]) => unseenUidls(database.db, mailbox, uidls) }
}

function isStuck({ stuckKey, stuckTimes }: Place, key: string): boolean {
  return stuckKey === key && stuckTimes >= STUCK_TIMES
}

/** Goes on behind it. The next count finds it missing and fetches it, or shows that it is. */
async function passStuck(deps: TakeDeps, run: Run, place: Place): Promise<Place> {
  const passed: Place = { ...place, lastUid: Math.max(place.lastUid, Number(place.stuckKey)), stuckKey: null, stuckTimes: 0 }
  const soon = new Date(deps.clock.now().getTime() + RECOUNT_SOON_MS)
  await keep(deps, run, passed, (tx) => recountBy(tx, run.source, soon))
  return passed
}

/** Where to go on. At first contact, and when the folder's numbers are new ones, that has to be settled first. */
async function placeFor(deps: TakeDeps, run: Run, reader: MailReader, { path, generation, lastUid }: FolderNow): Promise<Place> {
  const { source, mailbox } = run
  const known = await selectPlace(deps.database.db, source, path)
  if (known?.generation === generation) return known
  const isFirst = known === null
  const begins = isFirst && source.beginWith === 'new' ? lastUid : 0
  const place: Place = {
    folder: path,
    generation,
    lastUid: begins,
    beganAfter: begins,
    knownUntil: isFirst ? 0 : lastUid,
    stuckKey: null,
    stuckTimes: 0,
  }
  const there: string[] = []
  if (isFirst && source.beginWith === 'new' && mailbox.settings.protocol === 'pop3')
    for await (const keys of reader.keysUpTo(0)) there.push(...keys.map(({ key }) => key))
  await keep(deps, run, place, async (tx) => {
    if (there.length > 0) await takeUidls(tx, mailbox, there, deps.clock.now())
    if (!isFirst) await deleteOldAfterwards(tx, source, path, generation)
  })
  return place
}

async function keep(deps: TakeDeps, { source, owner }: Run, place: Place, alsoInTx?: (tx: Tx) => Promise<void>): Promise<void> {
  await deps.database.transaction(ENGINE, async (tx) => {
    if (!(await upsertPlace(tx, source, owner, place, deps.clock.now()))) throw new LeaseLost()
    await alsoInTx?.(tx)
  })
}

async function takePage(
  deps: TakeDeps,
  run: Run,
  reader: MailReader,
  from: Place,
  page: readonly MailOnServer[],
): Promise<Place> {
  let place = from
  let batch: Batch = emptyBatch()
  for (const mail of page) {
    const fetched = await fetchOne(deps, run, reader, place, batch, mail)
    batch = { ...batch, reached: mail.key, keys: [...batch.keys, mail.key] }
    if (fetched !== null && (await isNew(deps, run, place, mail, fetched)))
      batch = {
        ...batch,
        mails: [...batch.mails, toReceived(run, mail, fetched, deps.clock.now())],
        bytes: batch.bytes + fetched.raw.length,
      }
    if (batch.keys.length >= BATCH_MAILS || batch.bytes >= BATCH_BYTES || run.signal.aborted) {
      place = await store(deps, run, place, batch)
      batch = emptyBatch()
      if (run.signal.aborted) return place
    }
  }
  return batch.keys.length > 0 ? await store(deps, run, place, batch) : place
}

interface Batch {
  readonly mails: readonly ReceivedMail[]
  readonly keys: readonly string[]
  readonly bytes: number
  readonly reached: string | null
}

function emptyBatch(): Batch {
  return { mails: [], keys: [], bytes: 0, reached: null }
}

/** What was fetched before it is stored when this one breaks the session: behind a mail that always does, everything would be fetched for ever. */
async function fetchOne(
  deps: TakeDeps,
  run: Run,
  reader: MailReader,
  place: Place,
  batch: Batch,
  mail: MailOnServer,
): Promise<RawMail | null> {
  try {
    return await fetchMail(deps, reader, mail)
  } catch (error) {
    if (run.signal.aborted) throw error
    const stored = batch.keys.length > 0 ? await store(deps, run, place, batch) : place
    const times = stored.stuckKey === mail.key ? stored.stuckTimes + 1 : 1
    await keep(deps, run, { ...stored, stuckKey: mail.key, stuckTimes: times })
    throw error
  }
}

/** A mail that is too large comes as its head alone; large ones wait for one another, since they stand in memory. */
export async function fetchMail({ largeMail }: TakeDeps, reader: MailReader, mail: MailOnServer): Promise<RawMail | null> {
  if (mail.sizeBytes > MAX_MAIL_BYTES) {
    const head = await reader.fetch(mail, HEAD_BYTES)
    return head && { ...head, isCut: true }
  }
  if (mail.sizeBytes <= LARGE_BYTES) return await reader.fetch(mail, MAX_MAIL_BYTES)
  return (await largeMail.run(() => reader.fetch(mail, MAX_MAIL_BYTES))) ?? null
}

/** Read anew after the numbers changed: a mail whose very bytes are here gets its new number and nothing else; so does what was there before we began. */
async function isNew(
  deps: TakeDeps,
  { source }: Run,
  { generation, knownUntil }: Place,
  { key, path }: MailOnServer,
  { raw, receivedAt }: RawMail,
): Promise<boolean> {
  if (Number(key) > knownUntil || knownUntil === 0) return true
  const hash = createHash('sha256').update(raw).digest()
  if (await deps.database.transaction(ENGINE, (tx) => renumberMail(tx, source, { folder: path, generation, uid: key, hash })))
    return false
  return source.beginWith === 'all' || receivedAt === null || receivedAt >= source.createdAt
}

export function toReceived(
  { source, mailbox }: Run,
  { path, key, generation }: MailOnServer,
  { raw, receivedAt, isCut }: RawMail,
  now: Date,
): ReceivedMail {
  const isImap = mailbox.settings.protocol === 'imap'
  const arrival: Arrival = {
    workspaceId: source.workspaceId,
    channel: mailbox.settings.protocol,
    place: { sourceId: source.id, folder: path, uidValidity: isImap ? generation : null, uid: key },
    inboxId: source.inboxId,
    envelopeSender: null,
    envelopeRecipients: [],
    remoteIp: null,
    helo: null,
    // A server whose clock is ahead must not put mail into our future.
    receivedAt: receivedAt !== null && receivedAt < now ? receivedAt : now,
    isCut,
  }
  return { arrivals: [arrival], content: raw }
}

/** One commit: bytes, rows, place, and what is to be done with them on the server later. */
async function store(deps: TakeDeps, run: Run, place: Place, { mails, keys, reached }: Batch): Promise<Place> {
  const { source, mailbox } = run
  const isImap = mailbox.settings.protocol === 'imap'
  const next: Place = { ...place, ...(isImap && { lastUid: Math.max(place.lastUid, Number(reached)) }) }
  const now = deps.clock.now()
  await receive(deps, mails, now, async (tx) => {
    // First of all the lease: a process that lost it writes nothing.
    if (!(await upsertPlace(tx, source, run.owner, next, now))) throw new LeaseLost()
    if (!isImap) await takeUidls(tx, mailbox, keys, now)
    if (mails.length > 0) await saveMailTaken(tx, source, run.owner, now)
    await insertAfterwards(tx, source, worksOf(source, mails), now)
  })
  return next
}

export function worksOf({ afterwards, moveTo }: Source, mails: readonly ReceivedMail[]) {
  if (afterwards === 'leave') return []
  return mails.flatMap(({ arrivals }) =>
    arrivals.flatMap(({ place, isCut }) =>
      // Of a mail that is here in part only, the whole must stay where it is.
      place && !(isCut && afterwards === 'delete')
        ? [
            {
              folder: place.folder,
              generation: place.uidValidity,
              key: place.uid,
              act: afterwards,
              moveTo: afterwards === 'move' ? moveTo : null,
            },
          ]
        : [],
    ),
  )
}
