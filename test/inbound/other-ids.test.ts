/** Ids that are not the Message-ID we gave: what a provider made of it, and what agents were told under. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { sesWireMessageId } from '../../src/delivery/providers/ses/limits.ts'
import { groundOf, prepareAnswer } from '../../src/helpdesk/answering/answer.ts'
import { sendAnswer } from '../../src/helpdesk/answering/send-answer.ts'
import { BLANK_DRAFT } from '../../src/helpdesk/drafts/draft.ts'
import { changeConversations } from '../../src/helpdesk/triage/change.ts'
import { actOn } from '../../src/inbound/arrivals/act.ts'
import { desk } from '../helpdesk/desk.ts'
import { world } from '../support/world.ts'
import { inlet } from './support.ts'

test('an answer that names the id which a provider put in place of ours finds its conversation, and says why', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const { conversation } = await d.conversation()
  const deps = { db: w.database.db, blobs: w.blobs, secrets: w.secrets, url: 'https://desk.example' }
  const content = { ...BLANK_DRAFT, to: ['Bob <bob@customer.example>'], html: '<p>Soon.</p>' }
  const request = { content, status: null, seen: null }
  const prepared = await prepareAnswer(
    deps,
    d.agent,
    'reply',
    await groundOf(deps, d.agent, conversation.id),
    request,
    w.clock.now(),
  )
  const item = await w.inWorkspace((tx) => sendAnswer(tx, deps, prepared, d.agent, w.clock.now()))
  await w.dispatch()
  const wire = sesWireMessageId('0102018f-aaaa-bbbb', 'eu-west-1')
  await sql`insert into provider_message (workspace_id, route_id, provider_id, delivery_id, message_id, wire_message_id, created_at)
            select ${w.workspaceId}, r.id, '0102018f-aaaa-bbbb', d.id, d.message_id, ${wire}, ${w.clock.now()}
              from delivery as d cross join (select id from route limit 1) as r where d.message_id = ${item.messageId}`.execute(
    w.database.db,
  )
  // Nothing else leads there: another sender, no token, no tag.
  const mail = (headers: string) =>
    `From: Carl <carl@elsewhere.example>\nTo: support@example.com\nSubject: Hello\nMessage-ID: <${headers.length}@elsewhere.example>\n${headers}\n\nThanks.\n`
  const answered = await i.take(mail(`References: <unknown@x.example> <${wire}>`), { inboxId: d.inbox.id })
  expect(answered).toMatchObject({ outcome: 'reply_added', conversationId: conversation.id })
  expect(answered.matchedBy).toContain(wire)
  expect(await i.take(mail('In-Reply-To: <0102018f-aaaa-cccc@eu-west-1.amazonses.com>'), { inboxId: d.inbox.id })).toMatchObject({
    outcome: 'conversation_started',
  })
})

test('an answer to the mail about many assignments waits in quarantine, reaches no customer, and can be dealt with there', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const boss = await d.hire('Boss', 'owner')
  const made = [(await d.conversation()).conversation, (await d.conversation()).conversation]
  const deps = { blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' }
  await w.inWorkspace((tx) =>
    changeConversations(
      tx,
      deps,
      made.map(({ id }) => id),
      { assigneeId: d.agent.id },
      boss,
      w.clock.now(),
    ),
  )
  await w.dispatch()
  const told = w.smtp.messages.length
  expect(told).toBe(1)
  const id = /^Message-ID: (<[^>]+>)/im.exec(String(w.smtp.messages[0]?.content))?.[1]
  const answer = `From: ann.agent@shop.example\nTo: support@example.com\nSubject: Re: Boss assigned 2 conversations to you\nMessage-ID: <1@shop.example>\nIn-Reply-To: ${id}\n\nI take both.\n`
  const put = await i.take(answer, { inboxId: d.inbox.id })
  expect(put).toMatchObject({ state: 'quarantined', reason: 'agent_not_proven', conversationId: null })
  for (const { id: one, items } of made) expect((await d.find(one)).items).toBe(items)
  await w.dispatch()
  const after = w.smtp.messages.slice(told).flatMap(({ recipients }) => recipients)
  expect(after.filter((recipient) => recipient.includes('bob@customer.example'))).toEqual([])
  const act = { act: 'ignore', target: { ids: [put.id] }, inboxId: null, number: null, whole: 'address', others: false } as const
  expect(await w.inWorkspace((tx) => actOn(tx, act, d.agent, w.clock.now()))).toMatchObject({ done: 1 })
})
