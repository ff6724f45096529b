import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Inbox } from '../../src/helpdesk/inbox.ts'
import { desk } from '../helpdesk/desk.ts'
import { type Inlet, inlet } from '../inbound/support.ts'
import { type World, world } from '../support/world.ts'

/** Of src/inbound/queries.ts: what one address gets by itself in a day, at most. */
const BUDGET = 10
/** More than any of these may take; a loop would take them all. */
const MAX_MAILS = 60

interface Party {
  readonly w: World
  readonly i: Inlet
  readonly inbox: Inbox
}

/** An installation of its own with one inbox that answers by itself. */
async function party(name: string, settings: Record<string, string>): Promise<Party> {
  const w = await world()
  const d = await desk(w)
  return { w, i: inlet(w), inbox: await d.addInbox(name, settings) }
}

const AUTO_REPLY = { auto_reply: JSON.stringify({ subject: 'We got it', html: '<p>Thank you, we will answer.</p>' }) }
const NO_MATCH = {
  no_match: 'ignore',
  no_match_answer: JSON.stringify({ subject: 'Please answer to a mail of ours', html: '<p>This belongs to nothing.</p>' }),
}

type Carry = (content: string, n: number) => string

/** Providers give mail a Message-ID of their own, and keep what the old one was to themselves. */
const renamed: Carry = (content, n) => content.replace(/^Message-ID: .*$/im, `Message-ID: <${n}@provider.example>`)
/** The worst of them: nothing is left that says by whom, or that by a machine, it was written. */
const bared: Carry = (content, n) =>
  renamed(content, n).replace(
    /^(?:Auto-Submitted|X-Auto-Response-Suppress|References|In-Reply-To): .*\r?\n(?:[ \t].*\r?\n)*/gim,
    '',
  )

/** Answers whatever comes, and says nothing of being a program (RFC 3834 has it say so, once a person, and never to a machine). */
function vacation(from: string, to: string, n: number): string {
  return `From: ${from}\r\nTo: ${to}\r\nSubject: Hello\r\nMessage-ID: <vacation-${n}@provider.example>\r\n\r\nI am at the sea until Monday. (${n})\r\n`
}

/** Carries what each sends to the other until nobody sends anything any more; returns what each sent. */
async function carry(a: Party, b: Party, by: Carry, vacationAt: readonly Party[]): Promise<{ a: number; b: number }> {
  let carried = 0
  const taken = new Map([a, b].map((one) => [one, 0]))
  for (let quiet = 0; quiet < 2; ) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      await from.w.dispatch()
      const fresh = from.w.smtp.messages.slice(taken.get(from))
      taken.set(from, from.w.smtp.messages.length)
      quiet = fresh.length === 0 ? quiet + 1 : 0
      for (const { content, recipients, sender } of fresh) {
        expect(recipients).toEqual([to.inbox.address])
        carried += 1
        expect(carried, 'mails that were carried').toBeLessThan(MAX_MAILS)
        await to.i.take(by(content, carried), { sender: by === bared ? 'sender@provider.example' : sender, recipients })
        if (vacationAt.includes(to))
          await from.i.take(vacation(to.inbox.address, from.inbox.address, carried), { recipients: [from.inbox.address] })
      }
    }
  }
  return { a: a.w.smtp.messages.length, b: b.w.smtp.messages.length }
}

async function unsettled({ w }: Party): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from inbound_mail where state <> 'settled'`.execute(
    w.database.db,
  )
  return rows[0]?.n ?? 0
}

function begin({ i, inbox }: Party, from: Party) {
  const mail = `From: ${from.inbox.address}\nTo: ${inbox.address}\nSubject: Hello\nMessage-ID: <begin@customer.example>\n\nIs anybody there?\n`
  return i.take(mail, { recipients: [inbox.address] })
}

test.each([
  ['of whom one is told, and neither answers a machine', AUTO_REPLY, renamed, { a: 1, b: 0 }],
  ['whose provider hides that machines wrote', AUTO_REPLY, bared, { a: BUDGET, b: BUDGET }],
  ['one of which is update-only and answers too, and machines are hidden', NO_MATCH, bared, { a: BUDGET, b: BUDGET }],
] as const)('two inboxes that answer one another come to an end: two %s', async (_, settings, by, sent) => {
  const [a, b] = [await party('Sales', AUTO_REPLY), await party('Help', settings)]
  await begin(a, b)
  expect(await carry(a, b, by, [])).toEqual(sent)
  expect([await unsettled(a), await unsettled(b)]).toEqual([0, 0])
})

test('a vacation program that answers everything, and hides it, gets no more than the budget of a day, and the next day nothing by itself', async () => {
  const [a, b] = [await party('Sales', AUTO_REPLY), await party('Help', AUTO_REPLY)]
  await begin(a, b)
  const sent = await carry(a, b, renamed, [b])
  expect(sent).toEqual({ a: BUDGET, b: 0 })
  a.w.clock.advance(25 * 3_600_000)
  expect(await carry(a, b, renamed, [])).toEqual(sent)
  expect([await unsettled(a), await unsettled(b)]).toEqual([0, 0])
  const next = await begin(b, a)
  expect(next.outcome).toBe('conversation_started')
})
