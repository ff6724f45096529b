import { expect, test } from 'vitest'
import { Refusal } from '../../../src/errors.ts'
import { type AnswerDeps, type AnswerRequest, groundOf, prepareAnswer } from '../../../src/helpdesk/answering/answer.ts'
import { addNote } from '../../../src/helpdesk/answering/note.ts'
import { sendAnswer } from '../../../src/helpdesk/answering/send-answer.ts'
import { prepareStart, type StartRequest, startConversation } from '../../../src/helpdesk/answering/start.ts'
import { findItems } from '../../../src/helpdesk/conversations.ts'
import { BLANK_DRAFT } from '../../../src/helpdesk/drafts/draft.ts'
import { changeConversations } from '../../../src/helpdesk/triage/change.ts'
import { createField, createLabel } from '../../../src/helpdesk/triage/settings.ts'
import { MAX_TAGS } from '../../../src/helpdesk/triage/tag.ts'
import type { ConversationId } from '../../../src/lib/ids.ts'
import { world } from '../../support/world.ts'
import { desk } from '../desk.ts'

/** An inbox that closes what is answered, in a workspace where an order number is required before. */
async function strictOffice() {
  const w = await world()
  const d = await desk(w, { status_after_reply: 'closed' })
  const deps: AnswerDeps = { db: w.database.db, blobs: w.blobs, secrets: w.secrets, url: 'https://desk.example' }
  const now = w.clock.now()
  const wanted = { inboxId: null, name: 'Order', type: 'text', options: [], isRequired: true, inList: false } as const
  const order = await w.inWorkspace((tx) => createField(tx, wanted, d.agent, now))
  const content = { ...BLANK_DRAFT, to: ['bob@customer.example'], html: '<p>Soon.</p>' }
  async function answer(id: ConversationId, over: Partial<AnswerRequest> = {}) {
    const request = { content, status: null, seen: null, ...over }
    const prepared = await prepareAnswer(deps, d.agent, 'reply', await groundOf(deps, d.agent, id), request, now)
    return await w.inWorkspace((tx) => sendAnswer(tx, deps, prepared, d.agent, now))
  }
  async function start(over: Partial<StartRequest>) {
    const request: StartRequest = {
      ...{ channel: 'phone', status: null, tags: [], fields: {}, customer: 'bob@customer.example', draftId: null },
      content: { ...content, subject: 'He called', inboxId: d.inbox.id },
      ...over,
    }
    const prepared = await prepareStart(deps, d.agent, request, now)
    return await w.inWorkspace((tx) => startConversation(tx, deps, prepared, d.agent, now))
  }
  return { w, d, deps, now, order, answer, start }
}

test('every way to close asks for the required fields by name, and does nothing else meanwhile', async () => {
  const { w, d, deps, now, answer, start } = await strictOffice()
  const { conversation } = await d.conversation()
  const label = await w.inWorkspace((tx) => createLabel(tx, { name: 'Solved', status: 'closed', color: 'green' }, d.agent, now))
  const note = { content: { html: '<p>Done.</p>', files: [] }, mentions: { users: [], teams: [] } }
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    'an answer that closes': () => answer(conversation.id, { status: 'closed' }),
    'an answer, as the inbox does it': () => answer(conversation.id),
    'a note that closes': () =>
      w.inWorkspace((tx) => addNote(tx, deps, d.agent, conversation.id, { ...note, change: { status: 'closed' } }, now)),
    'a call that is written down closed': () => start({ status: 'closed' }),
    'a first mail, as the inbox does it': () => start({ channel: 'email' }),
  }
  for (const [name, way] of Object.entries(ways)) {
    const refused = await way().catch((error: unknown) => error)
    expect(refused, name).toBeInstanceOf(Refusal)
    expect(refused, name).toMatchObject({ code: 'fields_missing' })
    expect((refused as Refusal).message, name).toContain('"Order"')
  }
  const bulk = (change: Parameters<typeof changeConversations>[3]) =>
    w.inWorkspace((tx) => changeConversations(tx, deps, [conversation.id], change, d.agent, now))
  const missing = [{ id: conversation.id, because: { code: 'fields_missing', names: ['Order'] } }]
  expect(await bulk({ status: 'closed' })).toMatchObject({ changed: [], refused: missing })
  expect(await bulk({ labelId: label.id })).toMatchObject({ changed: [], refused: missing })

  expect(await d.find(conversation.id)).toMatchObject({ status: 'open', items: 1, assigneeId: null })
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
})

test('what is begun brings its fields and tags along, and may be closed at once with them', async () => {
  const { w, d, order, start } = await strictOffice()
  const call = await start({ status: 'closed', fields: { [order.id]: ' A-7 ' }, tags: ['Urgent', 'urgent'] })
  expect(await d.find(call.id)).toMatchObject({
    status: 'closed',
    fields: { [order.id]: 'A-7' },
    tags: ['urgent'],
    waitingSince: null,
  })
  expect(call.closedAt).not.toBeNull()
  const mail = await start({ channel: 'email', fields: { [order.id]: 'A-8' } })
  expect(await d.find(mail.id)).toMatchObject({ status: 'closed', fields: { [order.id]: 'A-8' } })
  const lines = await findItems(w.database.db, w.workspaceId, call.id, { before: null, limit: 10 })
  expect(lines.map(({ kind }) => kind)).toEqual(['customer'])

  await expect(start({ fields: { [order.id]: 7 } })).rejects.toMatchObject({ code: 'field_wrong' })
  const many = Array.from({ length: MAX_TAGS + 1 }, (_, i) => `tag ${i}`)
  await expect(start({ tags: many })).rejects.toMatchObject({ code: 'too_many_tags' })
})
