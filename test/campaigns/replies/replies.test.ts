import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { activityFollower } from '../../../src/contacts/activity/follow.ts'
import { findItems } from '../../../src/helpdesk/conversations.ts'
import type { ConversationId } from '../../../src/lib/ids.ts'
import { parseMail } from '../../../src/mail/parse.ts'
import { desk } from '../../helpdesk/desk.ts'
import { inlet } from '../../inbound/support.ts'
import { campaignsOf } from '../../support/campaign.ts'
import { caughtUp } from '../../support/caught-up.ts'
import { type World, world } from '../../support/world.ts'

async function sentMails(w: World) {
  const read = await Promise.all(w.smtp.messages.map(({ content }) => parseMail(Buffer.from(content, 'latin1'))))
  return read.flatMap((result) => (result.kind === 'parsed' ? [result.mail] : []))
}

function answer(from: string, to: string, headers: string, text: string): string {
  return `From: ${from}\nTo: ${to}\nSubject: Re: News\nMessage-ID: <${Math.random().toString(36).slice(2)}@customer.example>\n${headers}\n${text}\n`
}

test('an answer to a campaign starts a conversation in the inbox that it names, a second one joins it, and out-of-office answers stay apart', async () => {
  const w = await world()
  const d = await desk(w)
  // It starts nothing for strangers: whoever answers what we sent is none.
  const inbox = await d.addInbox('Letters', { no_match: 'quarantine' })
  const i = inlet(w)
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, [{ address: 'ann@customer.example' }, { address: 'bob@customer.example' }])
  const id = await c.started([list], { replyInboxId: inbox.id })
  await c.prepare()
  await w.dispatch()
  const mails = await sentMails(w)
  expect(mails.map(({ replyTo }) => replyTo)).toEqual([
    [{ name: 'Letters', address: 'letters@example.com' }],
    [{ name: 'Letters', address: 'letters@example.com' }],
  ])
  const idOf = (address: string) => mails.find(({ to }) => to[0]?.address === address)?.messageId ?? ''

  const quoted = `I like it!\n\nOn Sunday Shop <news@example.com> wrote:\n> Dear friend,\n> Unsubscribe: https://waybill.example.com/u/x\n`
  const first = await i.take(
    answer('Ann <ann@customer.example>', 'letters@example.com', `In-Reply-To: ${idOf('ann@customer.example')}\n`, quoted),
  )
  expect(first).toMatchObject({ outcome: 'conversation_started', matchedBy: 'It answers the campaign “Spring news”.' })
  // From another address, and to one that is another inbox of ours: what it answers says where it belongs.
  const second = await i.take(
    answer('Ann <ann@work.example>', 'support@example.com', `References: ${idOf('ann@customer.example')}\n`, 'One more thing.'),
  )
  expect(second).toMatchObject({ outcome: 'reply_added', conversationId: first.conversationId })
  const away = await i.take(
    answer(
      'Bob <bob@customer.example>',
      'letters@example.com',
      `In-Reply-To: ${idOf('bob@customer.example')}\nAuto-Submitted: auto-replied\n`,
      'I am away.',
    ),
  )
  expect(away).toMatchObject({ outcome: 'ignored', reason: 'answer_to_campaign', conversationId: null })
  expect((await c.progress(id)).replied).toEqual({ people: 1, automatic: 1 })
  const items = await findItems(w.database.db, w.workspaceId, first.conversationId as ConversationId, {
    before: null,
    limit: 10,
  })
  expect(items.toReversed().map(({ bodyText }) => bodyText.trim())).toEqual(['I like it!', 'One more thing.'])

  await caughtUp(w.database, activityFollower, w.clock.now())
  const { rows } = await sql`
    select kind, address, campaign_id as "campaignId" from contact_activity where kind = 'replied'`.execute(w.database.db)
  expect(rows).toEqual([{ kind: 'replied', address: 'ann@customer.example', campaignId: id }])
})

test('where an inbox takes plus addresses, each mail asks for answers at its own, which is enough to know what is answered', async () => {
  const w = await world()
  const { inbox } = await desk(w, { plus_address: true })
  const i = inlet(w)
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, [{ address: 'ann@customer.example' }, { address: 'bob@customer.example' }])
  const id = await c.started([list], { replyInboxId: inbox.id })
  await c.prepare()
  await w.dispatch()
  const to = (await sentMails(w)).map(({ replyTo }) => replyTo[0]?.address ?? '')
  expect(new Set(to).size).toBe(2)
  for (const address of to) expect(address).toMatch(/^support\+c\.[a-z2-7]{42}@example\.com$/)
  const reply = (address: string) => i.take(answer('Ann <ann@customer.example>', address, '', 'Without any header of that kind.'))
  expect(await reply(to[0] ?? '')).toMatchObject({
    outcome: 'conversation_started',
    matchedBy: expect.stringContaining('Spring'),
  })
  // One that was made up says nothing.
  expect((await reply((to[1] ?? '').replace(/\.(.)/, (_, a) => `.${a === 'a' ? 'b' : 'a'}`))).matchedBy).not.toContain('Spring')
  expect((await c.progress(id)).replied).toEqual({ people: 1, automatic: 0 })
})
