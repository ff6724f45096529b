import { createHash } from 'node:crypto'
import { mkdir, readdir, realpath, rename, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { SECOND } from '../../lib/clock.ts'
import type { MailboxProblem } from '../../mailboxes/mailbox.ts'
import { receive } from '../receive.ts'
import { saveMailTaken } from './queries.ts'
import { readMailFile } from './read-mail-file.ts'
import type { Source } from './source.ts'
import { LeaseLost, type TakeDeps } from './take-mail.ts'

const AT_ONCE = 500
/** A file that changed a moment ago may still be being written. One from the future has another clock. */
const SETTLED_MS = 2 * SECOND
const DONE = 'done'

export interface FolderRun {
  readonly source: Source
  readonly owner: string
  readonly signal: AbortSignal
}

/** Where the files of a source lie: below the import folder, each workspace in its own. */
export function folderOf(importFolder: string, { workspaceId, path }: Pick<Source, 'workspaceId' | 'path'>): string {
  return join(importFolder, workspaceId, path ?? '')
}

/**
 * Takes every `.eml` of a folder (and every file of its `new/`, as in a maildir), oldest name first, and moves it to `done/` after the commit. A file that was
 * taken when the process died is known by its name and its bytes, and is only moved.
 */
export async function readFolder(deps: TakeDeps, run: FolderRun, importFolder: string): Promise<MailboxProblem | null> {
  const folder = folderOf(importFolder, run.source)
  try {
    await mkdir(join(folder, DONE), { recursive: true })
    // A link that leads elsewhere would hand the files of others to whoever may make one.
    const real = await realpath(folder)
    if (!real.startsWith((await realpath(importFolder)) + sep)) return problem(folder, 'it leads out of the import folder')
    for (const file of await filesOf(folder, deps.clock.now())) {
      if (run.signal.aborted) return null
      await takeFile(deps, run, folder, file)
    }
    return null
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return problem(folder, message)
  }
}

interface MailFile {
  /** Below the folder. */
  readonly name: string
  readonly changedAt: Date
}

async function filesOf(folder: string, now: Date): Promise<MailFile[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const fresh = entries.some((entry) => entry.isDirectory() && entry.name === 'new')
    ? await readdir(join(folder, 'new'), { withFileTypes: true })
    : []
  const names = [
    ...entries.filter((entry) => entry.isFile() && /^[^.].*\.eml$/i.test(entry.name)).map(({ name }) => name),
    ...fresh.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => join('new', name)),
  ]
  const files: MailFile[] = []
  for (const name of names.sort().slice(0, AT_ONCE)) {
    const { mtime } = await stat(join(folder, name))
    if (Math.abs(now.getTime() - mtime.getTime()) >= SETTLED_MS) files.push({ name, changedAt: mtime })
  }
  return files
}

async function takeFile(deps: TakeDeps, { source, owner }: FolderRun, folder: string, file: MailFile): Promise<void> {
  const { content, isCut } = await readMailFile(join(folder, file.name))
  const hash = createHash('sha256').update(content).digest('hex')
  const now = deps.clock.now()
  const arrival = {
    workspaceId: source.workspaceId,
    channel: 'folder' as const,
    // The name alone would make a second mail of the same name a known one.
    place: { sourceId: source.id, folder: source.path ?? '', uidValidity: null, uid: `${file.name} ${hash}` },
    inboxId: source.inboxId,
    envelopeSender: null,
    envelopeRecipients: [],
    remoteIp: null,
    helo: null,
    receivedAt: file.changedAt < now ? file.changedAt : now,
    isCut,
  }
  await receive(deps, [{ arrivals: [arrival], content }], now, async (tx) => {
    if (!(await saveMailTaken(tx, source, owner, now))) throw new LeaseLost()
  })
  await rename(join(folder, file.name), join(folder, DONE, `${hash.slice(0, 12)}-${file.name.split(sep).at(-1)}`))
}

function problem(folder: string, why: string): MailboxProblem {
  return {
    cause: 'folder',
    sentence: `The files in ${folder} cannot be read, or not be moved to ${DONE}: ${why}.`,
    hint: 'Let the user that Waybill runs as read and write there.',
  }
}
