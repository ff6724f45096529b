import { ENGINE } from '../../db/database.ts'
import { problemOf } from '../../mailboxes/mailbox-problem.ts'
import type { MailReader } from '../../mailboxes/open-mailbox.ts'
import { type AfterwardsWork, deleteAfterwards, postponeAfterwards, selectAfterwards } from './queries.ts'
import type { Run, TakeDeps } from './take-mail.ts'

const AT_ONCE = 200
const ROUNDS = 20

/**
 * Marks, moves or deletes on the server what was processed here. Doing so twice changes nothing; what the server refuses is tried again later, and
 * holds up neither other mail nor other folders.
 */
export async function doAfterwards(deps: TakeDeps, run: Run, reader: MailReader, folder: string): Promise<void> {
  const { database, clock } = deps
  const isImap = run.mailbox.settings.protocol === 'imap'
  const { generation: now } = await reader.enter(folder)
  const generation = isImap ? now : null
  for (let round = 0; round < ROUNDS && !run.signal.aborted; round++) {
    const works = await selectAfterwards(database.db, run.source, { folder, generation, limit: AT_ONCE }, clock.now())
    if (works.length === 0) return
    await reader.enter(folder, 'write')
    for (const same of alike(works)) await doAll(deps, run, reader, same)
  }
}

async function doAll(deps: TakeDeps, run: Run, reader: MailReader, works: readonly AfterwardsWork[]): Promise<void> {
  const [first] = works
  if (!first) return
  const { folder, generation, act, moveTo } = first
  const keys = works.map(({ key }) => key)
  const which = { folder, generation, keys }
  const { database, clock } = deps
  try {
    if (act === 'mark_seen') await reader.markSeen(keys)
    else if (act === 'delete') await reader.remove(keys)
    else await reader.move(keys, moveTo ?? '')
  } catch (error) {
    const problem = problemOf(error, run.mailbox.settings)
    // A session that is gone says nothing about this work; it is there for the next one.
    if (problem === null || (problem.cause !== 'folder' && problem.cause !== 'protocol')) throw error
    await database.transaction(ENGINE, (tx) =>
      postponeAfterwards(tx, run.source, { ...which, problem: problem.sentence }, clock.now()),
    )
    return
  }
  await database.transaction(ENGINE, (tx) => deleteAfterwards(tx, run.source, which))
}

function alike(works: readonly AfterwardsWork[]): AfterwardsWork[][] {
  const groups = new Map<string, AfterwardsWork[]>()
  for (const work of works) {
    const key = `${work.act} ${work.moveTo ?? ''}`
    groups.set(key, [...(groups.get(key) ?? []), work])
  }
  return [...groups.values()]
}
