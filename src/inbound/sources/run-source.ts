import { ENGINE } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import { type Bell, createBell } from '../../mailboxes/bell.ts'
import type { Mailbox, MailboxProblem } from '../../mailboxes/mailbox.ts'
import { problemOf } from '../../mailboxes/mailbox-problem.ts'
import { findMailbox, recordLook } from '../../mailboxes/mailboxes.ts'
import type { MailReader } from '../../mailboxes/open-mailbox.ts'
import { type WatchDeps, watchMailbox } from '../../mailboxes/watch-mailbox.ts'
import { doAfterwards } from './afterwards.ts'
import { saveHeard, saveState } from './queries.ts'
import { type FolderRun, readFolder } from './read-folder.ts'
import { recountIfDue } from './recount.ts'
import type { Source } from './source.ts'
import { LeaseLost, type Run, type TakeDeps, takeFolder } from './take-mail.ts'

export interface SourceDeps extends TakeDeps, WatchDeps {
  /** Below it lie the folders of files that sources may read. */
  readonly importFolder: string
}

const PASSING: ReadonlySet<string> = new Set(['connection', 'timeout'])
const FOLDER_EVERY_MS = 5 * SECOND
const SWEEP_MS = 5 * MINUTE
/** What was processed is marked or moved soon after. */
const SWEEP_TO_ACT_MS = MINUTE

/** Fetches from one source until `signal` ends it. Rejects for faults of ours alone: whoever called puts the source off and comes again. */
export async function runSource(
  deps: SourceDeps,
  source: Source,
  owner: string,
  signal: AbortSignal,
  bell: Bell = createBell(),
): Promise<void> {
  try {
    if (source.kind === 'folder') return await runFolder(deps, { source, owner, signal }, bell)
    const mailbox = source.mailboxId && (await findMailbox(deps.database.db, source.workspaceId, source.mailboxId))
    if (mailbox) await runMailbox(deps, { source, owner, signal, mailbox }, bell)
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error
  }
}

async function runFolder(deps: SourceDeps, run: FolderRun, bell: Bell): Promise<void> {
  while (!run.signal.aborted) {
    const problem = await readFolder(deps, run, deps.importFolder)
    const now = deps.clock.now()
    await saveHeard(deps.database.db, run.source, { owner: run.owner, listening: 'poll' }, now)
    await tellState(deps, run, problem, now)
    await bell.wait(problem ? 12 * FOLDER_EVERY_MS : FOLDER_EVERY_MS, run.signal)
  }
}

async function runMailbox(deps: SourceDeps, run: Run, bell: Bell): Promise<void> {
  const { source, owner, signal, mailbox } = run
  const folders = mailbox.settings.protocol === 'pop3' ? ['INBOX'] : source.folders
  let cuts = 0
  const sweepMs = source.afterwards === 'leave' ? SWEEP_MS : SWEEP_TO_ACT_MS
  await watchMailbox(
    mailbox,
    { ...deps, timing: { sweepMs, ...deps.timing } },
    {
      folders,
      signal,
      bell,
      onHeard: (listening, now) => saveHeard(deps.database.db, source, { owner, listening }, now),
      onTrouble: async (problem) => {
        cuts++
        // Connections end; that is nothing to tell while the next one comes about.
        if (cuts > 1 || !PASSING.has(problem.cause)) await tellState(deps, run, problem, deps.clock.now())
      },
      onNews: async (reader) => {
        const problem = await takeFolders(deps, run, reader, folders)
        cuts = 0
        await tellState(deps, run, problem, deps.clock.now())
      },
    },
  )
}

/** A folder that is gone, or that may not be read, stops none of the others. */
async function takeFolders(
  deps: SourceDeps,
  run: Run,
  reader: MailReader,
  folders: readonly string[],
): Promise<MailboxProblem | null> {
  let problem: MailboxProblem | null = null
  for (const folder of folders) {
    if (run.signal.aborted) return problem
    try {
      await takeFolder(deps, run, reader, folder)
      await doAfterwards(deps, run, reader, folder)
    } catch (error) {
      const told = error instanceof LeaseLost ? null : problemOf(error, run.mailbox.settings)
      if (told?.cause !== 'folder') throw error
      problem ??= { ...told, sentence: `Folder ${folder}: ${told.sentence}` }
    }
  }
  if (!run.signal.aborted) await recountIfDue(deps, run, reader)
  return problem
}

/** Keeps how it fares, and says so when that changed. */
async function tellState(
  deps: SourceDeps,
  { source, owner, mailbox }: FolderRun & { readonly mailbox?: Mailbox },
  problem: MailboxProblem | null,
  now: Date,
): Promise<void> {
  await deps.database.transaction(ENGINE, async (tx) => {
    const was = await saveState(tx, source, owner, problem, now)
    if (was === null) throw new LeaseLost()
    if (mailbox) await recordLook(tx, mailbox, problem, now)
    const { workspaceId, id: subjectId, name } = source
    if (problem && was !== 'failing')
      await append(tx, { type: 'source.failed', workspaceId, subjectId, data: { name, cause: problem.cause } }, now)
    if (!problem && was === 'failing') await append(tx, { type: 'source.recovered', workspaceId, subjectId, data: { name } }, now)
  })
}
