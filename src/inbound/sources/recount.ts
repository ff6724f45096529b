import { ENGINE } from '../../db/database.ts'
import { HOUR } from '../../lib/clock.ts'
import { problemOf } from '../../mailboxes/mailbox-problem.ts'
import { forgetUidlsBut, takeUidls, unseenUidls } from '../../mailboxes/mailboxes.ts'
import type { Arrival, MailReader } from '../../mailboxes/open-mailbox.ts'
import { receive } from '../receive.ts'
import { insertAfterwards, saveCounted, selectHere, selectPlace, takeRecount } from './queries.ts'
import type { FolderCount } from './source.ts'
import { fetchMail, LeaseLost, type Run, type TakeDeps, toReceived, worksOf } from './take-mail.ts'

const EVERY_MS = 6 * HOUR
/** What is found missing and fetched in one count; more than this is a trouble that a person should see first. */
const FETCH_AT_MOST = 1_000

/** Counts what the server has against our rows, and fetches what is missing: whatever went wrong, here it shows, and here it ends. */
export async function recountIfDue(deps: TakeDeps, run: Run, reader: MailReader): Promise<void> {
  const { database, clock } = deps
  const { source, owner } = run
  const now = clock.now()
  const isDue = await database.transaction(ENGINE, (tx) =>
    takeRecount(tx, source, owner, new Date(now.getTime() + EVERY_MS), now),
  )
  if (!isDue) return
  const folders: FolderCount[] = []
  for (const folder of run.mailbox.settings.protocol === 'pop3' ? ['INBOX'] : source.folders) {
    const counted = await countFolder(deps, run, reader, folder).catch((error: unknown) => {
      if (problemOf(error, run.mailbox.settings)?.cause === 'folder') return null
      throw error
    })
    if (counted) folders.push(counted)
  }
  await database.transaction(ENGINE, (tx) => saveCounted(tx, source, { at: clock.now().toISOString(), folders }))
}

async function countFolder(deps: TakeDeps, run: Run, reader: MailReader, folder: string): Promise<FolderCount | null> {
  const { database, clock } = deps
  const { source, mailbox } = run
  const isImap = mailbox.settings.protocol === 'imap'
  const { generation } = await reader.enter(folder)
  const place = await selectPlace(database.db, source, folder)
  if (!place || place.generation !== generation) return null
  let [onServer, here] = [0, 0]
  const missing: Arrival[] = []
  const present: string[] = []
  for await (const page of reader.keysUpTo(place.lastUid)) {
    const keys = page.map(({ key }) => key)
    const found = await selectHere(database.db, source, { folder, generation: isImap ? generation : null, keys })
    const unseen = isImap ? null : new Set(await unseenUidls(database.db, mailbox, keys))
    // What was there before the source began was never to be taken.
    const wanted = page.filter(({ key }) => found.has(key) || (unseen ? unseen.has(key) : Number(key) > place.beganAfter))
    if (!isImap) present.push(...keys)
    onServer += wanted.length
    here += found.size
    for (const { key, sizeBytes } of wanted)
      if (!found.has(key) && missing.length < FETCH_AT_MOST) missing.push({ path: folder, generation, key, sizeBytes })
  }
  if (!isImap) await database.transaction(ENGINE, (tx) => forgetUidlsBut(tx, mailbox, present, clock.now()))
  let fetched = 0
  for (const mail of missing) if (await takeMissing(deps, run, reader, mail)) fetched++
  return { path: folder, on_server: onServer, here: here + fetched, fetched }
}

/** False: its server does not give it out. It stays missing in the count, and is tried again with the next. */
async function takeMissing(deps: TakeDeps, run: Run, reader: MailReader, mail: Arrival): Promise<boolean> {
  const { clock } = deps
  try {
    const raw = await fetchMail(deps, reader, mail)
    if (!raw) return false
    const received = toReceived(run, mail, raw, clock.now())
    const ids = await receive(deps, [received], clock.now(), async (tx) => {
      if (run.mailbox.settings.protocol === 'pop3') await takeUidls(tx, run.mailbox, [mail.key], clock.now())
      await insertAfterwards(tx, run.source, worksOf(run.source, [received]), clock.now())
    })
    return ids.length > 0
  } catch (error) {
    const problem = error instanceof LeaseLost ? null : problemOf(error, run.mailbox.settings)
    if (problem?.cause === 'folder' || problem?.cause === 'protocol' || problem?.cause === 'too_large') return false
    throw error
  }
}
