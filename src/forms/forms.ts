/** Reading forms and what was sent with them; trying their mails. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Db, Tx } from '../db/database.ts'
import { submit } from '../delivery/submit.ts'
import { Refusal } from '../errors.ts'
import { DAY } from '../lib/clock.ts'
import type { ContactId, MessageId, WorkspaceId } from '../lib/ids.ts'
import type { Form, FormId } from './form.ts'
import { composeFormMail, EXAMPLE_DATA, wrongInMail } from './mail.ts'
import { showDraft } from './published.ts'
import { selectForm } from './queries.ts'
import { countSubmissions, deleteSubmissionsOf, type StateCount, selectSubmissionsOf } from './submission-queries.ts'

export { selectChanged as changedSincePublished, selectForm as findForm, selectForms as listForms } from './queries.ts'
export { type StateCount, selectSubmissions as listSubmissions } from './submission-queries.ts'

export const COUNTED_DAYS = 30

export async function countedFor(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly FormId[],
  now: Date,
): Promise<StateCount[]> {
  return await countSubmissions(db, workspaceId, ids, new Date(now.getTime() - COUNTED_DAYS * DAY))
}

const MOST_TOLD = 1_000

/** For whoever asks what is known of them. */
export async function submissionsOfPerson(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  person: { readonly contactId: ContactId; readonly addresses: readonly string[] },
): Promise<Record<string, unknown>[]> {
  const found = await selectSubmissionsOf(db, workspaceId, person, MOST_TOLD)
  return found.map(({ workspaceId: _, messageId: __, contactId: ___, ...told }) => told)
}

/** Whoever is erased: what they typed into forms goes too. Called before the contact is gone. */
export async function forgetSubmissionsOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  person: { readonly ids: readonly ContactId[]; readonly addresses: readonly string[] },
): Promise<void> {
  await deleteSubmissionsOf(tx, workspaceId, person)
}

/** Sends the mails of the draft to somebody of the workspace, with made-up words in them; their links lead nowhere. */
export async function testMails(
  tx: Tx,
  deps: { readonly blobs: BlobStore; readonly url: string },
  { id, to }: { readonly id: FormId; readonly to: string },
  actor: Actor,
  now: Date,
): Promise<MessageId[]> {
  const form = await selectForm(tx, actor.workspaceId, id)
  if (!form) throw new Refusal('not_found', { what: 'form' })
  const { settings } = form
  if (settings.sender === '')
    throw new Refusal('form_not_ready', { why: 'Say from which address the mail to confirm comes.', pointer: '/settings/sender' })
  const shown = await showDraft(tx, form)
  const data = {
    ...EXAMPLE_DATA,
    contact: { ...EXAMPLE_DATA.contact, email: to },
    form: { name: form.name, title: settings.title || form.name },
    lists: shown.lists.map(({ name }) => name),
    confirm_url: `${deps.url}/confirm/this-is-a-test`,
    preferences_url: `${deps.url}/p/this-is-a-test`,
  }
  const sent: MessageId[] = []
  for (const mail of [settings.confirmation, settings.welcome]) {
    if (mail === null) continue
    const wrong = wrongInMail(mail, now)
    if (wrong !== null) throw new Refusal('form_not_ready', { why: wrong, pointer: '/settings' })
    const common = {
      workspaceId: form.workspaceId,
      formId: form.id,
      submissionId: null,
      purpose: 'test' as const,
      actor: actorReference(actor),
    }
    const made = await composeFormMail(deps.blobs, { ...common, settings, mail, to, data }, now)
    await submit(tx, deps.blobs, [made], now)
    sent.push(made.id)
  }
  return sent
}

export type { Form }
