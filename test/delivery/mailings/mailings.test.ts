import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { sendAgain } from '../../../src/delivery/acts/send-again.ts'
import { findMailing, mailingJobs, paceOfMailing } from '../../../src/delivery/mailings/mailings.ts'
import { holdEverythingOverdue } from '../../../src/delivery/maintenance.ts'
import { contentOfDelivery } from '../../../src/delivery/reading/content.ts'
import { oldestUnexplained } from '../../../src/delivery/reading/read.ts'
import { EVERYTHING, listSuppressions, suppress } from '../../../src/delivery/suppression/suppress.ts'
import { HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { newId } from '../../../src/lib/ids.ts'
import { parseMail } from '../../../src/mail/parse.ts'
import { createOwn, createPersonalise } from '../../../src/tracking/personalise.ts'
import { aMailing, nameOf, people } from '../../support/mailing.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const settle = async (w: World) => {
  for (const job of mailingJobs(w.database)) await job.run(w.clock.now())
}

async function mailsOf(w: World) {
  const mails = await Promise.all(w.smtp.messages.map(({ content }) => parseMail(Buffer.from(content, 'latin1'))))
  return mails.map((result) => {
    if (result.kind !== 'parsed') throw new Error(result.reason)
    return result.mail
  })
}

test('each recipient gets a mail of their own, under a Message-ID of their own, and one of them can be looked at', async () => {
  const w = await world()
  await aMailing(w, { to: ['ann@example.org', 'bob@example.net', 'zoë@example.org'] })
  w.smtp.answer('zoë@example.org', '550 5.6.7 no').always()
  await w.dispatch()
  expect(await w.states()).toMatchObject({ 'ann@example.org': 'sent', 'bob@example.net': 'sent' })
  const mails = await mailsOf(w)
  for (const name of ['ann', 'bob']) {
    const mail = mails.find(({ subject }) => subject === `News for ${name}`)
    expect(mail?.to[0]).toMatchObject({ name, address: expect.stringContaining(`${name}@`) })
    expect(mail?.text).toMatch(new RegExp(`^Dear ${name},\\s+look: https://example.com/[a-z0-9]{42}\\s*$`))
    const { id } = await w.deliveryOf(`${name}@example.${name === 'ann' ? 'org' : 'net'}`)
    expect(mail?.messageId).toBe(`<${id}@example.com>`)
    const filling = {
      blobs: w.blobs,
      personalise: createPersonalise(w.secrets),
      ownOf: createOwn({ secrets: w.secrets, url: 'https://waybill.example.com' }),
    }
    const shown = await contentOfDelivery(w.database.db, filling, w.workspaceId, id, w.clock.now())
    expect(w.smtp.messages.map(({ content }) => content)).toContain(shown)
  }
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length)
})

test('a paused mailing is not claimed from, says so, and goes on where it was', async () => {
  const w = await world()
  const mailing = await aMailing(w, { to: people(20) })
  await mailing.pause()
  await w.submit(aMessage({ to: ['code@example.org'] }))
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['code@example.org'])
  expect(await mailing.counts()).toEqual({ queued: 20 })
  expect((await w.deliveryOf('p0001@example.org')).waitingOn).toMatchObject({ sentence: 'Somebody paused it.', nextTryAt: null })
  w.clock.advance(HOUR)
  expect(await oldestUnexplained(w.database.db, w.workspaceId, w.clock.now(), w.clock.now())).toEqual([])
  await mailing.resume()
  await w.dispatch()
  expect(await mailing.counts()).toEqual({ sent: 20 })
  expect(new Set(w.smtp.received()).size).toBe(21)
})

test('twenty pauses and resumes in a second lose nothing and double nothing; nothing is claimed after a pause is committed', async () => {
  const w = await world()
  const to = people(800)
  const mailing = await aMailing(w, { to })
  const running = w.dispatcher()
  running.start()
  const claims = () =>
    sql<{ n: number }>`select sum(attempt)::int as n from delivery where mailing_id = ${mailing.id}`
      .execute(w.database.db)
      .then(({ rows }) => rows[0]?.n)
  for (let i = 0; i < 20; i++) {
    await mailing.pause()
    const before = await claims()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await claims()).toBe(before)
    await mailing.resume()
    running.wake()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await w.quiet()
  expect(await mailing.counts()).toEqual({ sent: 800 })
  expect(w.smtp.received().toSorted()).toEqual(to)
})

test('two mailings share the way evenly, and a code overtakes both', async () => {
  const w = await world({ limits: { maxConnections: 1 } })
  const [a, b] = [people(300, 'a.example'), people(300, 'b.example')]
  await aMailing(w, { to: a })
  await aMailing(w, { to: b })
  const running = w.dispatcher()
  running.start()
  await w.smtp.when(({ messages }) => messages.length >= 50)
  await w.submit(aMessage({ to: ['code@example.org'] }))
  running.wake()
  await w.quiet()
  const received = w.smtp.received()
  const half = received.slice(0, 300)
  const ofA = half.filter((address) => address.endsWith('@a.example')).length
  expect(ofA).toBeGreaterThan(75)
  expect(ofA).toBeLessThan(225)
  expect(received.indexOf('code@example.org')).toBeLessThan(450)
})

test('35 an hour is one about every 103 seconds, whatever else is sent', async () => {
  const w = await world()
  const mailing = await aMailing(w, { to: people(40), pace: { amount: 35, per: 'hour' } })
  const began = w.clock.now().getTime()
  const at: number[] = []
  while ((await mailing.counts()).queued) {
    const before = w.smtp.messages.length
    await w.dispatch()
    if (w.smtp.messages.length > before) at.push((w.clock.now().getTime() - began) / 1_000)
    expect(w.smtp.messages.length - before).toBeLessThanOrEqual(1)
    const pace = await paceOfMailing(w.database.db, w.workspaceId, mailing.id)
    w.clock.advance(Math.max(1_000, (pace?.nextAt?.getTime() ?? 0) - w.clock.now().getTime()))
    if (at.length >= 12) break
  }
  expect(at).toHaveLength(12)
  for (let i = 1; i < at.length; i++) expect(at[i]! - at[i - 1]!).toBeCloseTo(3_600 / 35, 0)
  await w.dispatch()
  const sentence = 'The limit of this mailing is 35 an hour: one leaves about every 103 seconds.'
  w.clock.advance(-1_000)
  expect((await w.deliveryOf('p0040@example.org')).waitingOn?.sentence).toBe(sentence)
})

test('who leaves a list, everything or bulk mail while queued is not mailed; who left another list is', async () => {
  const w = await world()
  const list = newId<never>()
  const other = newId<never>()
  const mailing = await aMailing(w, { to: people(5), scopes: [`list:${list}`] })
  const one = (address: string, stream: 'all' | 'bulk' | `list:${string}`) => ({
    address,
    stream,
    reason: 'unsubscribed' as const,
    deliveryId: null,
    note: '',
  })
  await w.database.transaction(ENGINE, (tx) =>
    suppress(
      tx,
      w.workspaceId,
      [
        one('P0001@example.org', `list:${list}`),
        one('p0002@example.org', `list:${other}`),
        one('p0003@example.org', 'bulk'),
        one('p0004@example.org', 'all'),
      ],
      null,
      w.clock.now(),
    ),
  )
  await w.dispatch()
  expect(await w.states()).toEqual({
    'p0001@example.org': 'suppressed',
    'p0002@example.org': 'sent',
    'p0003@example.org': 'suppressed',
    'p0004@example.org': 'suppressed',
    'p0005@example.org': 'sent',
  })
  expect(await mailing.counts()).toEqual({ suppressed: 3, sent: 2 })
  const listed = await listSuppressions(w.database.db, w.workspaceId, { ...EVERYTHING, after: null, limit: 10 }, w.clock.now())
  expect(listed.map(({ address }) => address).toSorted()).toEqual(['p0003@example.org', 'p0004@example.org'])
})

test('cancelling stops it at once and settles the rest; what was sent stays sent', async () => {
  const w = await world()
  const mailing = await aMailing(w, { to: people(30) })
  for (const late of ['p0007@example.org', 'p0009@example.org']) w.smtp.answer(late, '451 4.7.1 later').always()
  await w.dispatch()
  await mailing.add(people(1_200, 'late.example').slice(0, 1_000))
  await mailing.cancel()
  w.clock.advance(HOUR)
  await w.dispatch()
  expect(w.smtp.received()).toHaveLength(28)
  await settle(w)
  expect(await mailing.counts()).toEqual({ sent: 28, cancelled: 1_002 })
  expect((await findMailing(w.database.db, w.workspaceId, mailing.id))?.settledAt).not.toBeNull()
  expect((await w.deliveryOf('p0007@example.org')).reason?.sentence).toBe('Somebody paused it.')
  await expect(mailing.resume()).rejects.toThrow(/cannot be resumed/)
})

test('a delivery that waited for weeks for its turn still has the whole patience of its stream', async () => {
  const w = await world()
  const mailing = await aMailing(w, { to: ['ann@example.org'] })
  await mailing.pause()
  w.clock.advance(20 * 24 * HOUR)
  await w.jobs()
  await mailing.resume()
  w.smtp.answer('ann@example.org', '451 4.7.1 greylisted').thenAccept()
  await w.dispatch()
  const { expiresAt, state } = await w.deliveryOf('ann@example.org')
  expect(state).toBe('queued')
  expect(expiresAt.getTime() - w.clock.now().getTime()).toBe(48 * HOUR)
  w.clock.advance(30 * MINUTE)
  await w.dispatch()
  expect(await mailing.counts()).toEqual({ sent: 1 })
})

test('a recipient that no mail can be written for is an outcome of their own', async () => {
  const w = await world()
  const mailing = await aMailing(w, { to: ['ann@example.org', 'glued@example.org;First;Last', 'bob@example.org'] })
  await w.dispatch()
  expect(await mailing.counts()).toEqual({ sent: 2, failed: 1 })
  const { reason } = await w.deliveryOf('glued@example.org;First;Last')
  expect(reason).toMatchObject({ code: 'unwritable', sentence: expect.stringContaining('not an email address') })
})

test('failed mail of a mailing is sent again within it, with what was filled in', async () => {
  const w = await world()
  const mailing = await aMailing(w, { to: ['ann@example.org', 'bob@example.org'] })
  w.smtp.answer('bob@example.org', '554 5.7.1 not today').thenAccept()
  await w.dispatch()
  expect(await mailing.counts()).toEqual({ sent: 1, bounced: 1 })
  const { messageId } = await w.deliveryOf('bob@example.org')
  await w.database.transaction(ENGINE, (tx) =>
    sendAgain(tx, w.blobs, w.workspaceId, messageId, ['bob@example.org'], null, w.clock.now()),
  )
  await w.dispatch()
  expect(await mailing.counts()).toEqual({ sent: 2, bounced: 1 })
  expect((await mailsOf(w)).at(-1)?.subject).toBe(`News for ${nameOf('bob@example.org')}`)
})

test('after a restore a mailing stands still until somebody resumes it', async () => {
  const w = await world()
  const mailing = await aMailing(w, { to: people(3) })
  await w.database.transaction(ENGINE, (tx) => holdEverythingOverdue(tx, w.clock.now()))
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
  expect((await w.deliveryOf('p0001@example.org')).waitingOn?.sentence).toMatch(/restore/)
  await mailing.resume()
  await w.dispatch()
  expect(await mailing.counts()).toEqual({ sent: 3 })
})
