import type { Folder, OpenMailbox } from './open-mailbox.ts'

/** What a try shows of a mailbox that works. */
export interface MailboxLook {
  readonly folders: readonly Folder[]
  readonly inboxMails: number
  /** Null: no folder is known to hold what was taken for spam. */
  readonly junkPath: string | null
}

/** The steps that reading takes, without changing anything: list the folders, open the inbox. */
export async function lookAround(open: OpenMailbox): Promise<MailboxLook> {
  const folders = await open.folders()
  const { exists } = await open.open('INBOX')
  return { folders, inboxMails: exists, junkPath: folders.find(({ role }) => role === 'junk')?.path ?? null }
}
