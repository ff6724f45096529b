import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { Conversation } from '../conversation.ts'
import { refusalFor } from './act.ts'
import { insertTags, selectFields } from './queries.ts'
import { tagName } from './tag.ts'
import { applyChange, type Change } from './triage.ts'

/** What a conversation is begun with, by the same rules as every later change of it, but without a line for each. It is not stored yet. */
export async function asBegun(
  tx: Tx,
  conversation: Conversation,
  { status, tags, fields }: { readonly tags: readonly string[] } & Pick<Change, 'status' | 'fields'>,
  now: Date,
): Promise<Conversation> {
  const { workspaceId, id, number } = conversation
  const addTags = tags.map((text) => {
    const name = tagName(text)
    if (name !== null) return name
    throw new Refusal('invalid_request', {
      why: 'A tag has 1 to 50 characters, without commas and line breaks.',
      pointer: '/tags',
    })
  })
  const known = {
    label: null,
    fields: await selectFields(tx, workspaceId),
    mayWork: () => true,
    waitingSince: () => conversation.waitingSince,
    contactId: conversation.contactId,
  }
  const change: Change = { ...(status && { status }), ...(fields && { fields }), addTags }
  const verdict = applyChange(conversation, change, known, now)
  if (!verdict.ok) throw await refusalFor(tx, workspaceId, { id, number, because: verdict.because })
  await insertTags(tx, workspaceId, addTags, now)
  return verdict.after
}
