import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/lib/clock.ts'
import { type FeedbackWorld, feedbackWorld } from '../../support/feedback-world.ts'
import { envelopeOf } from '../../support/topic-server.ts'

const recipients = Array.from({ length: 20 }, (_, i) => `r${i}@example.org`)

async function incidents(w: FeedbackWorld) {
  for (const job of w.reader.jobs) await job.run(w.clock.now())
  const { rows } = await sql<{ kind: string; resolved: boolean }>`
    select kind, resolved_at is not null as resolved from incident order by id`.execute(w.database.db)
  return rows
}

async function tell(w: FeedbackWorld): Promise<void> {
  const event = { eventType: 'Open', mail: { messageId: 'x', destination: [] } }
  const told = {
    eventType: 'Delivery',
    mail: { messageId: 'ses-r0', destination: [] },
    delivery: { recipients: ['r0@example.org'] },
  }
  for (const each of [event, told]) await w.post(w.ses, envelopeOf(each, { at: w.clock.now() }))
  await w.read()
}

test('a provider that told something once, takes mail, and falls silent is an incident until it tells again', async () => {
  const w = await feedbackWorld()
  await tell(w)
  w.clock.advance(HOUR)
  const ids = await w.sent(...recipients)
  for (const [recipient, id] of Object.entries(ids)) await w.took(w.ses, id, `ses-${recipient.split('@')[0]}`)
  expect(await incidents(w)).toEqual([])
  w.clock.advance(4 * HOUR)
  expect(await incidents(w)).toEqual([{ kind: 'feedback.silent', resolved: false }])
  await tell(w)
  expect(await incidents(w)).toEqual([{ kind: 'feedback.silent', resolved: true }])
})

test('a route that was given nothing since is left alone, and so is one that never told anything', async () => {
  const w = await feedbackWorld()
  await tell(w)
  for (const [recipient, id] of Object.entries(await w.sent(...recipients)))
    await w.took(w.scaleway, id, `tem-${recipient.split('@')[0]}`)
  w.clock.advance(5 * HOUR)
  expect(await incidents(w)).toEqual([])
})

test('what came is kept for a week as it came, and is known for a month', async () => {
  const w = await feedbackWorld()
  await w.post(w.ses, Buffer.from('nonsense'))
  await w.read()
  const kept = async () =>
    (await sql<{ kept: boolean }>`select body is not null as kept from feedback`.execute(w.database.db)).rows
  w.clock.advance(8 * DAY)
  await incidents(w)
  expect(await kept()).toEqual([{ kept: false }])
  w.clock.advance(23 * DAY)
  await incidents(w)
  expect(await kept()).toEqual([])
})
