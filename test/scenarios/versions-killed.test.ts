import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { addPeople, asker, type Progress } from './campaign-under-kills.ts'
import { randomOf, scene, seedOfThisRun } from './support.ts'

const PEOPLE = 900
const KILLS = 3

interface Tested extends Progress {
  readonly awaits_winner: number
}

test('a server that dies while the rest gets its winner prepares it to the end: nobody gets two, nobody is lost, and all of the rest get the same', {
  timeout: 240_000,
}, async () => {
  const all = await scene()
  const { server, smtp } = all
  const random = randomOf(seedOfThisRun())
  expect(await server.start(), server.lastWords).toBe('ready')
  const ask = asker([server])
  const list = (await ask('POST', '/v1/lists', { name: 'News', opt_in: 'single' })).id as string
  await addPeople(all, list, PEOPLE)
  const { id } = await ask('POST', '/v1/campaigns', {
    name: 'Spring',
    sender: 'Shop <shop@example.com>',
    audience: { kind: 'lists', lists: [list] },
    content: { format: 'text', subject: 'First words', body: 'It is spring.', to_name: '', text: null, fields: [] },
    ab: {
      variants: [{ subject: 'Second words', sender: null, content: null }],
      ...{ share: 10, measure: 'by_hand', after_minutes: 60, unclear: 'best' },
    },
  })
  await ask('POST', `/v1/campaigns/${id}/start`)
  const look = async () => {
    const seen = (await ask('GET', `/v1/campaigns/${id}`)) as unknown as Tested
    const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0)
    const accounted =
      sum(seen.excluded.map(({ n }) => n)) + sum(Object.values(seen.deliveries)) + seen.preparing + seen.awaits_winner
    expect(accounted, JSON.stringify(seen)).toBe(seen.candidates)
    return seen
  }
  await expect.poll(async () => (await look()).deliveries.sent ?? 0, { timeout: 60_000 }).toBeGreaterThan(50)
  const { awaits_winner: rest } = await look()
  await expect.poll(async () => (await look()).deliveries.sent ?? 0, { timeout: 60_000 }).toBe(PEOPLE - rest)
  expect(rest).toBeGreaterThan(PEOPLE / 2)

  // The first kill comes with the decision itself, the others while people are looked at anew or get their mails.
  await ask('POST', `/v1/campaigns/${id}/winner`, { variant: 'B' })
  let whilePreparing = 0
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(random() * 120)
    await server.kill()
    expect(await server.start(), server.lastWords).toBe('ready')
    const { preparing, awaits_winner } = await look()
    if (preparing + awaits_winner > 0) whilePreparing += 1
  }
  expect(whilePreparing).toBeGreaterThan(0)
  await expect.poll(async () => (await look()).campaign.state, { timeout: 120_000, interval: 250 }).toBe('done')
  const received = smtp.received()
  const { deliveries } = await look()
  const unknown = deliveries.unknown ?? 0
  expect((deliveries.sent ?? 0) + unknown).toBe(PEOPLE)
  // Whose answer was not heard when the server died gets no second mail by itself, and is the only one who may lack the first.
  expect(new Set(received).size).toBe(received.length)
  expect(PEOPLE - received.length).toBeLessThanOrEqual(unknown)
  const second = smtp.messages.filter(({ content }) => /^Subject: Second words/m.test(content)).length
  expect(second).toBeGreaterThanOrEqual(rest - unknown)
  await expect.poll(() => all.invariants(), { timeout: 60_000, interval: 500 }).toEqual([])
})
