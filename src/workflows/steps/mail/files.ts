/** Files that go along: named by what we keep, never by where something else keeps it. Nothing is fetched, and no file of this machine is read. */

import { filesOf } from '../../../helpdesk/conversations.ts'
import type { UploadId } from '../../../helpdesk/drafts/draft.ts'
import { uploadsOf } from '../../../helpdesk/drafts/uploads.ts'
import type { ItemFile } from '../../../helpdesk/item.ts'
import { type ItemId, isId } from '../../../lib/ids.ts'
import type { Json } from '../../definition/graph.ts'
import { URL_AS_FILE } from '../../definition/nodes/mail.ts'
import type { StepContext } from '../step.ts'
import { MailTrouble } from './trouble.ts'

const MAX_FILES = 50
/** `<message>/<number>`: one file of a message of the conversation; without a number all that it came with. */
const OF_MESSAGE = /^([0-9a-f-]{36})\/(\d{1,3})$/

export async function filesFor(context: StepContext, expressions: readonly string[]): Promise<ItemFile[]> {
  const named: Json[] = []
  for (const expression of expressions) named.push(await context.value(expression))
  const ids = named.flat(3).filter((one) => one !== null && one !== '')
  if (ids.length > MAX_FILES) throw new MailTrouble('limit', `These are ${ids.length} attachments; a mail takes ${MAX_FILES}.`)
  const found: ItemFile[] = []
  for (const id of ids) found.push(...(await filesNamed(context, id)))
  return found.map((file, ordinal) => ({ ...file, ordinal, contentId: null, isInline: false }))
}

async function filesNamed({ tx, run: { workspaceId } }: StepContext, id: Json): Promise<ItemFile[]> {
  const text = typeof id === 'string' ? id : JSON.stringify(id)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new MailTrouble('invalid', URL_AS_FILE.sentence)
  const [, message, ordinal] = OF_MESSAGE.exec(text) ?? []
  if (message === undefined && isId(text)) {
    const uploads = await uploadsOf(tx, workspaceId, [text as UploadId])
    if (uploads.length > 0) return uploads.map((file) => ({ ...file, ordinal: 0, contentId: null, isInline: false }))
  }
  const item = message ?? text
  const files = isId(item) ? await filesOf(tx, workspaceId, [item as ItemId]) : []
  const chosen =
    ordinal === undefined ? files.filter(({ isInline }) => !isInline) : files.filter((file) => file.ordinal === Number(ordinal))
  if (chosen.length === 0) throw new MailTrouble('not_kept', `No file with the id “${text.slice(0, 100)}” is kept here.`)
  return chosen
}
