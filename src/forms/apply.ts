/** What was typed becomes true of a person: by their own word, or, where nobody has to confirm, of somebody who was not known. */
import type { BlobStore } from '../blobs/blob-store.ts'
import { changeConsent, type ListId } from '../contacts/consent/change-consent.ts'
import { scopeOfList } from '../contacts/consent/consent.ts'
import { findContact } from '../contacts/contacts.ts'
import { contactAt, sayOwnWords } from '../contacts/own-words.ts'
import type { Tx } from '../db/database.ts'
import { submit } from '../delivery/submit.ts'
import { suppressionsOf, unsuppress } from '../delivery/suppression/suppress.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import type { ContactId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import { PREFERENCES_PATH } from '../tracking/personalise.ts'
import { composeFormMail } from './mail.ts'
import type { Shown } from './published.ts'
import type { Submission } from './submission.ts'
import { preferencesTokenOf } from './tokens.ts'

export interface ApplyDeps {
  readonly blobs: BlobStore
  readonly secrets: Pick<Secrets, 'hmac'>
  readonly url: string
}

interface How {
  /** The button behind the link that only they got was pressed. */
  readonly isConfirmed: boolean
  readonly ip: string | null
}

export async function applySubmission(
  tx: Tx,
  deps: ApplyDeps,
  shown: Shown,
  said: Submission,
  how: How,
  now: Date,
): Promise<ContactId> {
  const { workspaceId, address, answers } = said
  const { form } = shown
  const told = { form_id: form.id, form: form.name, submission_id: said.id }
  const { id: contactId } = await contactAt(tx, workspaceId, address, told, now)
  const words = {
    ...(answers.first_name !== undefined && { firstName: answers.first_name }),
    ...(answers.last_name !== undefined && { lastName: answers.last_name }),
    ...(answers.language !== undefined && { language: answers.language }),
    ...(answers.data && { data: answers.data }),
  }
  await sayOwnWords(tx, workspaceId, contactId, words, told, now)
  const open = shown.lists.filter(({ id }) => said.lists.includes(id))
  const wishes = open.map(({ id: listId }) => ({ contactId, listId, wants: 'subscribed' as const }))
  const by = {
    source: how.isConfirmed ? ('recipient' as const) : ('form' as const),
    sourceId: said.id,
    actor: null,
    wording: wordingOf(shown, said, how, now),
    ip: how.ip ?? said.ip,
    told,
  }
  const outcomes = await changeConsent(tx, workspaceId, wishes, by, now)
  if (how.isConfirmed)
    await welcomeBack(
      tx,
      said,
      open.map(({ id }) => id),
      now,
    )
  const joined = outcomes.filter(({ was, became }) => was !== became && became === 'subscribed').map(({ listId }) => listId)
  if (joined.length === 0) return contactId
  const names = open.filter(({ id }) => joined.includes(id)).map(({ name }) => name)
  await append(
    tx,
    {
      type: 'contact.subscribed',
      workspaceId,
      subjectId: contactId,
      ...(said.messageId && { messageId: said.messageId }),
      data: { ...told, lists: joined, names, confirmed: how.isConfirmed },
    },
    now,
  )
  await sendWelcome(tx, deps, shown, said, contactId, names, now)
  return contactId
}

/** Whoever left everything once, and asks for something now, is written to again. A complaint stays: it was said to the receiver, who counts. */
async function welcomeBack(tx: Tx, { workspaceId, address }: Submission, lists: readonly ListId[], now: Date): Promise<void> {
  const left = (await suppressionsOf(tx, workspaceId, [address], now)).filter(
    ({ stream, reason }) => stream === 'bulk' && reason === 'unsubscribed',
  )
  for (const stream of [...left.map((one) => one.stream), ...lists.map(scopeOfList)])
    await unsuppress(tx, workspaceId, address, stream, null, now).catch(unlessNoneWas)
}

function unlessNoneWas(error: unknown): void {
  if (!(error instanceof Refusal) || error.code !== 'not_found') throw error
}

/** The proof in words: which form and version, when it was sent and when confirmed, and each text that was ticked, with its hash. */
export function wordingOf(
  { form, settings, consents }: Shown,
  said: Submission,
  { isConfirmed }: Pick<How, 'isConfirmed'>,
  now: Date,
): string {
  const when = isConfirmed
    ? `sent ${said.at.toISOString()}, confirmed by mail ${now.toISOString()}`
    : `sent ${said.at.toISOString()}, without confirmation`
  const boxes = said.consents.map(({ key, version, hash, given }) => {
    const text = consents.find((one) => one.key === key && one.version === version)?.text ?? ''
    return `${given ? 'ticked' : 'not ticked'}: “${text.slice(0, MOST_OF_A_TEXT)}” (${key}, version ${version}, SHA-256 ${hash})`
  })
  const button = boxes.length === 0 ? [`button “${settings.button}”`] : []
  return [`Form “${form.name}”, version ${said.version}, submission ${said.id}`, when, ...button, ...boxes]
    .join('; ')
    .slice(0, 2_000)
}
const MOST_OF_A_TEXT = 300

async function sendWelcome(
  tx: Tx,
  { blobs, secrets, url }: ApplyDeps,
  { form, settings }: Shown,
  said: Submission,
  contactId: ContactId,
  lists: readonly string[],
  now: Date,
): Promise<void> {
  if (settings.welcome === null) return
  const found = await findContact(tx, form.workspaceId, contactId)
  if (!found) return
  const contact = {
    ...found.data,
    ...{
      email: said.address,
      first_name: found.firstName,
      last_name: found.lastName,
      name: found.name,
      language: found.language,
    },
  }
  const mail = await composeFormMail(
    blobs,
    {
      ...{ workspaceId: form.workspaceId, formId: form.id, submissionId: said.id, purpose: 'welcome', actor: null },
      ...{ settings, mail: settings.welcome, to: said.address },
      data: {
        contact,
        form: { name: form.name, title: settings.title || form.name },
        lists,
        preferences_url: `${url}${PREFERENCES_PATH}${preferencesTokenOf(said.id, secrets)}`,
      },
    },
    now,
  )
  await submit(tx, blobs, [mail], now)
}
