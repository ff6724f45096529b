import fc from 'fast-check'
import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import type { Actor } from '../../../src/accounts/actor.ts'
import { Refusal } from '../../../src/errors.ts'
import { type AnswerDeps, type AnswerRequest, groundOf, prepareAnswer } from '../../../src/helpdesk/answering/answer.ts'
import { editItem } from '../../../src/helpdesk/answering/edit.ts'
import { forwardedHtml, historyHtml, type Letter } from '../../../src/helpdesk/answering/letter.ts'
import { addNote } from '../../../src/helpdesk/answering/note.ts'
import { sendAnswer } from '../../../src/helpdesk/answering/send-answer.ts'
import { prepareStart, startConversation } from '../../../src/helpdesk/answering/start.ts'
import { undoSend } from '../../../src/helpdesk/answering/undo-send.ts'
import { addItem, findItem, findItems } from '../../../src/helpdesk/conversations.ts'
import { BLANK_DRAFT, type DraftContent } from '../../../src/helpdesk/drafts/draft.ts'
import { draftsOf, saveDraft } from '../../../src/helpdesk/drafts/drafts.ts'
import { draftPlace } from '../../../src/helpdesk/drafts/place.ts'
import { keepUpload, stageUpload } from '../../../src/helpdesk/drafts/uploads.ts'
import { ITEM_KINDS } from '../../../src/helpdesk/item.ts'
import { stateOfMail } from '../../../src/helpdesk/reading/delivery-state.ts'
import { lastSaid, readConversation } from '../../../src/helpdesk/reading/read.ts'
import { changeConversation } from '../../../src/helpdesk/triage/change.ts'
import { deleteConversations } from '../../../src/helpdesk/triage/delete.ts'
import { mergeConversations } from '../../../src/helpdesk/triage/merge.ts'
import { type ConversationId, type ItemId, newId } from '../../../src/lib/ids.ts'
import { type World, world } from '../../support/world.ts'
import { desk } from '../desk.ts'

function depsOf(w: World): AnswerDeps {
  return { db: w.database.db, blobs: w.blobs, secrets: w.secrets, url: 'https://desk.example' }
}

const content = (over: Partial<DraftContent> = {}): DraftContent => ({
  ...BLANK_DRAFT,
  to: ['Bob <bob@customer.example>'],
  html: '<p>Soon.</p>',
  ...over,
})

async function answer(
  w: World,
  actor: Actor,
  id: ConversationId,
  over: Partial<AnswerRequest> = {},
  kind: 'reply' | 'forward' = 'reply',
) {
  const deps = depsOf(w)
  const request = { content: content(), status: null, seen: null, ...over }
  const prepared = await prepareAnswer(deps, actor, kind, await groundOf(deps, actor, id), request, w.clock.now())
  return await w.inWorkspace((tx) => sendAnswer(tx, deps, prepared, actor, w.clock.now()))
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Refusal)) throw error ?? new Error('it was not refused')
  return error.code
}

test('an answer leaves as it was written, threads with what it answers, and ends the waiting', async () => {
  const w = await world()
  const d = await desk(w, {
    subject_tag: true,
    signature: '<p>{{ agent.first_name }} for {{ contact.first_name | you }}</p>',
    from_name: 'agent_at_inbox',
  })
  const { conversation, first } = await d.conversation()
  w.clock.advance(1_000)
  const staged = await stageUpload(w.blobs, w.workspaceId, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]))
  const picture = await w.inWorkspace((tx) =>
    keepUpload(tx, w.blobs, staged, { filename: '../map.png', contentType: 'image/png', userId: d.agent.id }, w.clock.now()),
  )
  const html = `<p>Here <script>alert(1)</script><img src="/v1/uploads/${picture.id}/content"></p>`
  const item = await answer(w, d.agent, conversation.id, {
    content: content({ html, cc: ['eve@elsewhere.example'], quote: 'last', files: [picture.id] }),
    seen: first.id,
  })
  await w.dispatch()

  expect(w.smtp.received().sort()).toEqual(['bob@customer.example', 'eve@elsewhere.example'])
  const mail = await PostalMime.parse(w.smtp.messages[0]!.content)
  expect(mail.from).toMatchObject({ name: 'Ann at Support', address: 'support@example.com' })
  expect(mail.subject).toBe(`Re: Where is my parcel? [support-${conversation.number}]`)
  expect(mail.inReplyTo).toBe(first.rfcMessageId)
  expect(mail.html).toContain(`src="cid:${picture.id}%40waybill"`)
  expect(mail.html).not.toContain('alert')
  expect(mail.text).toContain('Ann for Bob')
  expect(mail.text).toContain('> Where is it?')
  expect(mail.attachments[0]).toMatchObject({ filename: '_map.png', contentId: `<${picture.id}@waybill>`, disposition: 'inline' })

  expect(await d.find(conversation.id)).toMatchObject({
    status: 'pending',
    assigneeId: d.agent.id,
    waitingSince: null,
    lastAgentAt: w.clock.now(),
    items: 2,
  })
  const shown = await readConversation(
    w.database.db,
    d.agent,
    String(conversation.number),
    { before: null, limit: 10 },
    w.clock.now(),
  )
  const sent = shown.items.find(({ id }) => id === item.id)!
  expect(stateOfMail(sent.deliveries.slice(0, 1), null, w.clock.now()).sentence).toMatch(/^Sent · 250 /)
  expect(sent.bodyText).toBe('Here [image]')
  expect(sent.quotedText).toContain('Ann for Bob')
  expect(shown.participants.map(({ address }) => address)).toEqual(['eve@elsewhere.example'])
})

test('a bounce shows on the message it concerns', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation } = await d.conversation()
  w.smtp.answer('bob@customer.example', '550 5.1.1 no such user').always()
  await answer(w, d.agent, conversation.id)
  await w.dispatch()
  const shown = await readConversation(w.database.db, d.agent, conversation.id, { before: null, limit: 10 }, w.clock.now())
  const { state, sentence } = stateOfMail(shown.items.find(({ kind }) => kind === 'reply')!.deliveries, null, w.clock.now())
  expect(state).toBe('failed')
  expect(sentence).toMatch(/^Bounced: /)
})

test('what is taken back in time never leaves, and is the draft it was; colleagues are not told of it', async () => {
  const w = await world()
  const d = await desk(w, { undo_seconds: 15 })
  const eva = await d.hire('Eva Else')
  const { conversation, first } = await d.conversation()
  await sql`insert into conversation_follower values (${w.workspaceId}, ${conversation.id}, ${eva.id})`.execute(w.database.db)
  const before = await d.find(conversation.id)
  w.clock.advance(1_000)
  const written = content({
    html: '<p>Too <b>soon</b></p>',
    bcc: ['boss@shop.example'],
    cc: ['eve@elsewhere.example'],
    quote: 'all',
  })
  const place = { mode: 'reply', conversation, userId: d.agent.id } as const
  await w.inWorkspace((tx) => saveDraft(tx, w.workspaceId, place, written, 0, w.clock.now()))
  const item = await answer(w, d.agent, conversation.id, { content: written, status: 'closed', seen: first.id })
  expect(await w.inWorkspace((tx) => draftsOf(tx, w.workspaceId, conversation.id, d.agent.id))).toEqual([])
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])

  expect(await refusalOf(w.inWorkspace((tx) => undoSend(tx, eva, conversation.id, item.id, w.clock.now())))).toBe('not_found')
  await w.inWorkspace((tx) => undoSend(tx, d.agent, conversation.id, item.id, w.clock.now()))
  w.clock.advance(60_000)
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
  const [draft] = await w.inWorkspace((tx) => draftsOf(tx, w.workspaceId, conversation.id, d.agent.id))
  expect(draft?.content).toEqual(written)
  expect(await d.find(conversation.id)).toEqual({ ...before, updatedAt: expect.anything() })
  expect(
    (await findItems(w.database.db, w.workspaceId, conversation.id, { before: null, limit: 10 })).map(({ id }) => id),
  ).toEqual([first.id])
})

test('what has left cannot be taken back', async () => {
  const w = await world()
  const d = await desk(w, { undo_seconds: 15 })
  const { conversation } = await d.conversation()
  const item = await answer(w, d.agent, conversation.id)
  w.clock.advance(15_000)
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@customer.example'])
  expect(await refusalOf(w.inWorkspace((tx) => undoSend(tx, d.agent, conversation.id, item.id, w.clock.now())))).toBe(
    'undo_too_late',
  )
})

test('two who answer at once: one goes, the other is told and nothing is lost; said again without looking, it goes too', async () => {
  const w = await world()
  const d = await desk(w)
  const eva = await d.hire('Eva Else')
  const { conversation, first } = await d.conversation()
  const both = await Promise.allSettled([
    answer(w, d.agent, conversation.id, { seen: first.id, content: content({ html: '<p>of Ann</p>' }) }),
    answer(w, eva, conversation.id, { seen: first.id, content: content({ html: '<p>of Eva</p>' }) }),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const refused = both.find((each) => each.status === 'rejected')!
  expect(refused.reason).toMatchObject({ code: 'conversation_moved_on' })
  const [late, html] = both[0]!.status === 'rejected' ? [d.agent, '<p>of Ann</p>'] : [eva, '<p>of Eva</p>']
  await answer(w, late, conversation.id, {
    content: content({ html }),
    seen: await lastSaid(w.database.db, w.workspaceId, conversation.id),
  })
  await w.dispatch()
  const texts = await Promise.all(
    w.smtp.messages
      .filter(({ recipients }) => recipients.includes('bob@customer.example'))
      .map(async (each) => (await PostalMime.parse(each.content)).text?.split('\n')[0]),
  )
  expect(texts.sort()).toEqual(['of Ann', 'of Eva'])
})

test('the same answer sent twice by mistake goes once', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation, first } = await d.conversation()
  await answer(w, d.agent, conversation.id, { seen: first.id })
  expect(await refusalOf(answer(w, d.agent, conversation.id, { seen: first.id }))).toBe('conversation_moved_on')
})

test('a customer who writes in the same moment gets the answer that was written, not their own words', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation } = await d.conversation()
  const replies = [await answer(w, d.agent, conversation.id, { content: content({ html: '<p>One</p>' }) })]
  await d.customerWrites(conversation.id, 'Hello? Anybody?')
  replies.push(await answer(w, d.agent, conversation.id, { content: content({ html: '<p>Two</p>' }) }))
  await w.dispatch()
  for (const [i, text] of ['One', 'Two'].entries()) {
    const mail = w.smtp.messages.find(
      ({ content: raw }) => raw.includes(`Message-ID: ${replies[i]!.rfcMessageId}`) || raw.includes(replies[i]!.rfcMessageId!),
    )!
    expect((await PostalMime.parse(mail.content)).text?.split('\n')[0]).toBe(text)
  }
})

test('a note goes to nobody outside, and nothing of it is forwarded', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation, first } = await d.conversation()
  const request = { content: { html: '<p>He is a SECRET</p>', files: [] }, mentions: { users: [], teams: [] }, change: {} }
  const note = await w.inWorkspace((tx) => addNote(tx, depsOf(w), d.agent, conversation.id, request, w.clock.now()))
  const to = ['carrier@parcels.example']
  const forward = await answer(w, d.agent, conversation.id, { content: content({ to, html: '<p>See below</p>' }) }, 'forward')
  expect(
    await refusalOf(answer(w, d.agent, conversation.id, { content: content({ to, items: [first.id, note.id] }) }, 'forward')),
  ).toBe('invalid_request')
  await w.dispatch()
  expect(w.smtp.received()).toEqual(to)
  const mail = await PostalMime.parse(w.smtp.messages[0]!.content)
  expect(mail.subject).toBe('Fwd: Where is my parcel?')
  expect(mail.text).toContain('Where is it?')
  expect(`${mail.text}${mail.html}`).not.toContain('SECRET')
  expect([mail.inReplyTo, mail.references]).toEqual([undefined, undefined])
  expect(await findItem(w.database.db, w.workspaceId, forward.id)).toMatchObject({ kind: 'forward', subject: null })
  expect(await d.find(conversation.id)).toMatchObject({ status: 'open', waitingSince: conversation.waitingSince, items: 3 })
})

test('whatever stands in a conversation, only what customers had before is quoted or passed on', () => {
  const someItem = fc.record({ kind: fc.constantFrom(...ITEM_KINDS), hidden: fc.boolean(), html: fc.boolean() })
  fc.assert(
    fc.property(fc.array(someItem, { maxLength: 12 }), fc.constantFrom('last' as const, 'all' as const), (given, choice) => {
      const letters = given.map(({ kind, hidden, html }, i): Letter => {
        const said = `mark-${i}-${kind === 'customer' || kind === 'reply' ? 'theirs' : 'internal'}${hidden ? '-hidden' : ''};`
        const body = html ? { bodyHtml: `<p>${said}</p>`, bodyText: '' } : { bodyHtml: null, bodyText: said }
        const person = { name: 'X', address: 'x@example.org' }
        return {
          ...{
            id: newId<ItemId>(i + 1),
            kind,
            from: person,
            recipients: { to: [person], cc: [], bcc: [] },
            subject: null,
            ...body,
          },
          ...{ createdAt: new Date(i), hiddenAt: hidden ? new Date(i) : null },
        }
      })
      const written = `${historyHtml(letters, choice)}${forwardedHtml(letters, 'S', () => null)}`
      expect(written).not.toMatch(/internal|hidden/)
      const theirs = given.filter(({ kind, hidden }) => (kind === 'customer' || kind === 'reply') && !hidden).length
      expect(written.match(/theirs;/g)?.length ?? 0).toBe(theirs + (choice === 'all' ? theirs : Math.min(1, theirs)))
    }),
  )
})

test('an agent writes first, and may think again', async () => {
  const w = await world()
  const d = await desk(w, { undo_seconds: 15, subject_tag: true })
  const start = async () => {
    const request = {
      content: content({ subject: 'Your order', inboxId: d.inbox.id }),
      channel: 'email',
      status: null,
      tags: [],
      fields: {},
      customer: null,
      draftId: null,
    } as const
    const prepared = await prepareStart(depsOf(w), d.agent, request, w.clock.now())
    return await w.inWorkspace((tx) => startConversation(tx, depsOf(w), prepared, d.agent, w.clock.now()))
  }
  const regretted = await start()
  const [item] = await findItems(w.database.db, w.workspaceId, regretted.id, { before: null, limit: 5 }).then((all) =>
    all.filter(({ kind }) => kind === 'reply'),
  )
  const draft = await w.inWorkspace((tx) => undoSend(tx, d.agent, regretted.id, item!.id, w.clock.now()))
  expect(draft).toMatchObject({ mode: 'new', content: { subject: 'Your order' } })
  const kept = await start()
  w.clock.advance(20_000)
  await w.dispatch()
  expect(w.smtp.messages).toHaveLength(1)
  expect((await PostalMime.parse(w.smtp.messages[0]!.content)).subject).toBe(`Your order [support-${kept.number}]`)
  expect(await d.find(kept.id)).toMatchObject({
    requester: 'bob@customer.example',
    channel: 'email',
    status: 'pending',
    waitingSince: null,
    items: 1,
  })
})

test('what a customer said on the telephone waits for an answer like a mail', async () => {
  const w = await world()
  const d = await desk(w)
  const request = {
    content: content({ to: [], subject: 'Called', inboxId: d.inbox.id }),
    channel: 'phone',
    status: null,
    tags: [],
    fields: {},
    customer: 'Bob <bob@customer.example>',
    draftId: null,
  } as const
  const prepared = await prepareStart(depsOf(w), d.agent, request, w.clock.now())
  const { id } = await w.inWorkspace((tx) => startConversation(tx, depsOf(w), prepared, d.agent, w.clock.now()))
  expect(await d.find(id)).toMatchObject({
    channel: 'phone',
    status: 'open',
    waitingSince: w.clock.now(),
    contactId: expect.any(String),
    preview: 'Soon.',
  })
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
})

test('who may not reach a conversation can neither read nor answer it', async () => {
  const w = await world()
  const d = await desk(w, { restricted: true })
  const { conversation } = await d.conversation()
  await w.inWorkspace((tx) =>
    addItem(tx, { workspaceId: w.workspaceId, conversationId: conversation.id, kind: 'note' }, w.clock.now()),
  )
  const page = { before: null, limit: 10 }
  expect(await refusalOf(readConversation(w.database.db, d.agent, conversation.id, page, w.clock.now()))).toBe('not_found')
  expect(await refusalOf(answer(w, d.agent, conversation.id))).toBe('not_found')
})

test('what became part of another conversation is not answered, and its number is said; what is deleted is to be restored first', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation: target } = await d.conversation()
  const { conversation: middle, first } = await d.conversation()
  const { conversation: source } = await d.conversation()
  const merge = (from: ConversationId, into: ConversationId) =>
    w.inWorkspace((tx) => mergeConversations(tx, depsOf(w), [from], into, d.agent, w.clock.now()))
  await merge(source.id, middle.id)
  await merge(middle.id, target.id)

  const deps = depsOf(w)
  const note = { content: { html: '<p>Hm.</p>', files: [] }, mentions: { users: [], teams: [] }, change: {} }
  const tries: readonly ((id: ConversationId) => Promise<unknown>)[] = [
    (id) => answer(w, d.agent, id),
    (id) => answer(w, d.agent, id, { content: content({ to: [] }) }),
    (id) => answer(w, d.agent, id, {}, 'forward'),
    (id) => w.inWorkspace((tx) => addNote(tx, deps, d.agent, id, note, w.clock.now())),
    (id) => w.inWorkspace((tx) => changeConversation(tx, deps, id, { status: 'closed' }, d.agent, w.clock.now())),
  ]
  for (const attempt of tries) {
    const refused = await attempt(source.id).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'conversation_merged' })
    expect((refused as Refusal).message).toContain(`#${source.number} is part of #${target.number}`)
  }
  await w.inWorkspace((tx) => deleteConversations(tx, deps, [target.id], d.agent, w.clock.now()))
  for (const attempt of tries) expect(await refusalOf(attempt(target.id))).toBe('conversation_deleted')
  expect(await refusalOf(w.inWorkspace((tx) => editItem(tx, d.agent, source.id, first.id, '<p>x</p>', w.clock.now())))).toBe(
    'conversation_deleted',
  )
})

test('an answer can be taken back after its conversation was joined with another, and becomes a draft there', async () => {
  const w = await world()
  const d = await desk(w, { undo_seconds: 20 })
  const { conversation: target } = await d.conversation()
  const { conversation: source } = await d.conversation()
  const item = await answer(w, d.agent, source.id)
  await w.inWorkspace((tx) => mergeConversations(tx, depsOf(w), [source.id], target.id, d.agent, w.clock.now()))
  const merged = await d.find(target.id)

  const draft = await w.inWorkspace((tx) => undoSend(tx, d.agent, String(source.number), item.id, w.clock.now()))
  expect(draft).toMatchObject({ conversationId: target.id, mode: 'reply' })
  expect(await d.find(target.id)).toMatchObject({ status: merged.status, items: merged.items - 1 })
  w.clock.advance(60_000)
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
})

test('what is typed while conversations are joined is kept where they lead, beside what was begun there', async () => {
  const w = await world()
  const d = await desk(w)
  const { workspaceId, clock } = w
  const { conversation: target } = await d.conversation()
  const { conversation: source } = await d.conversation()
  const place = (conversation: { id: ConversationId }) =>
    w.inWorkspace((tx) => draftPlace(tx, d.agent, { id: conversation.id, mode: 'reply', userId: d.agent.id }))
  const type = async (where: { id: ConversationId }, html: string, version: number) => {
    const at = await place(where)
    return await w.inWorkspace((tx) => saveDraft(tx, workspaceId, at, content({ html }), version, clock.now()))
  }
  await type(target, '<p>Begun there.</p>', 0)
  const begun = await type(source, '<p>Begun here</p>', 0)
  await w.inWorkspace((tx) => mergeConversations(tx, depsOf(w), [source.id], target.id, d.agent, clock.now()))
  const [joined] = await w.inWorkspace((tx) => draftsOf(tx, workspaceId, target.id, d.agent.id))
  expect(joined!.content.html).toBe('<p>Begun there.</p><p>Begun here</p>')

  // Their window did not hear of it yet.
  await expect(type(source, '<p>Begun here, and more</p>', begun.version)).resolves.toMatchObject({ conversationId: target.id })
  const drafts = await w.inWorkspace((tx) => draftsOf(tx, workspaceId, target.id, d.agent.id))
  expect(drafts.map(({ content: { html } }) => html)).toEqual(['<p>Begun there.</p><p>Begun here</p><p>Begun here, and more</p>'])
})
