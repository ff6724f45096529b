import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { checkInvariants } from '../../src/insight/invariants.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { ask, preparedData, temporaryFolder } from '../support/embedded-postgres.ts'
import { type ScriptedSmtpServer, smtpServer } from '../support/smtp-server.ts'
import { connectionOf, type RunningWaybill, runWaybill, startWaybill } from '../support/waybill.ts'

const RELAY = { user: 'shop', password: 'p%ss/word' }
const LIMIT_MS = 30_000
const DAY_MS = 86_400_000

interface Story {
  readonly id: string
  readonly deliveries: readonly {
    readonly id: string
    readonly recipient: string
    readonly state: string
    readonly due_at: string | null
    readonly reason: { readonly code: string; readonly sentence: string } | null
    readonly waiting_on: unknown
    readonly attempts: readonly unknown[]
    readonly events: readonly { readonly type: string; readonly data: unknown }[]
  }[]
  readonly events: readonly { readonly type: string }[]
}

/** What a person could see of a message: its waybill and its bytes. */
interface Seen {
  readonly story: Story
  readonly raw: Buffer
}

function message(to: string, more: object = {}): object {
  return { from: 'Shop <shop@example.com>', to: [to], subject: `For ${to}`, text: 'Gr\u00fc\u00dfe \ud83d\udce6\n', ...more }
}

async function post(server: RunningWaybill, to: string, more: object = {}): Promise<string> {
  return (await server.api<{ id: string }>('POST', '/v1/messages', message(to, more))).id
}

async function see(server: RunningWaybill, id: string): Promise<Seen> {
  const raw = await server.fetch(`/v1/messages/${id}/raw`)
  return { story: await server.api<Story>('GET', `/v1/messages/${id}`), raw: Buffer.from(await raw.arrayBuffer()) }
}

/** The one delivery of a message, once it is as wanted. */
async function delivery(server: RunningWaybill, id: string, isAsWanted: (delivery: Story['deliveries'][number]) => boolean) {
  let last: Story['deliveries'][number] | undefined
  const came = await waitUntil(
    async () => {
      last = (await server.api<Story>('GET', `/v1/messages/${id}`)).deliveries[0]
      return last !== undefined && isAsWanted(last)
    },
    { limitMs: LIMIT_MS, everyMs: 50 },
  )
  if (!came || !last) throw new Error(`it did not become so: ${JSON.stringify(last)}`)
  return last
}

const inState = (state: string) => (one: { state: string }) => one.state === state

/** Everything that mail can be in when a copy is made. */
async function fill(server: RunningWaybill, relay: ScriptedSmtpServer) {
  relay.answer('unknown@example.org', '550 5.1.1 user unknown').always()
  relay.answer('grey@example.org', '451 4.7.1 greylisted').always()
  const ann = await post(server, 'ann@example.org')
  const large = await post(server, 'bea@example.org', {
    attachments: [{ filename: 'photo.bin', content: randomBytes(1_000_000).toString('base64') }],
  })
  const unknown = await post(server, 'unknown@example.org')
  const grey = await post(server, 'grey@example.org', { stream: 'bulk' })
  const scheduled = await post(server, 'cid@example.org', { scheduled_at: new Date(Date.now() + DAY_MS).toISOString() })
  const held = await post(server, 'hal@example.org', { scheduled_at: new Date(Date.now() + DAY_MS).toISOString() })
  await server.api('PUT', `/v1/messages/${held}/hold`)
  for (const id of [ann, large]) await delivery(server, id, inState('sent'))
  await delivery(server, unknown, inState('bounced'))
  await delivery(server, grey, (one) => one.attempts.length > 0)

  relay.always('MAIL', '421 4.3.2 closed for the night')
  const waiting = [await post(server, 'eve@example.org'), await post(server, 'finn@example.org')]
  for (const id of waiting) await delivery(server, id, (one) => one.state === 'queued' && one.waiting_on !== null)
  return { ann, large, unknown, grey, scheduled, held, waiting }
}

/** Mail that goes on being accepted until it is stopped; its ids, in order. */
function keepPosting(server: RunningWaybill): () => Promise<string[]> {
  const ids: string[] = []
  let going = true
  const posting = (async () => {
    while (going) ids.push(await post(server, `during-${ids.length}@example.org`))
  })()
  return async () => {
    going = false
    await posting
    return ids
  }
}

test('what was backed up beside a running server lives on elsewhere: all of it readable, nothing sent unasked, nothing counted twice', {
  timeout: 180_000,
}, async () => {
  const folder = await temporaryFolder()
  const [first, copy, second] = [await preparedData(), join(folder, 'copy'), join(folder, 'second')]
  const relay = await smtpServer({ auth: { mechanisms: ['PLAIN'], ...RELAY } })
  onTestFinished(() => relay.close())
  const url = `smtp://${RELAY.user}:${encodeURIComponent(RELAY.password)}@127.0.0.1:${relay.port}?security=none`

  const before = await startWaybill(first, { WAYBILL_SMTP_URL: url })
  const known = await fill(before, relay)
  const settled = [known.ann, known.large, known.unknown]
  const all = [...settled, known.grey, known.scheduled, known.held, ...known.waiting]
  const seen = new Map(await Promise.all(all.map(async (id) => [id, await see(before, id)] as const)))
  const stopPosting = keepPosting(before)

  const made = await runWaybill(first, ['backup', copy])
  expect(made).toMatchObject({ code: 0 })
  expect(made.stdout).toMatch(/^\d+ rows of \d+ tables and 1 files are in .*copy\.\n/)
  expect(made.stdout).toContain('The secret that opens stored passwords is among them')

  const during = await stopPosting()
  relay.always('MAIL', null)
  await tryRouteNow(before)
  const after = await post(before, 'after@example.org')
  for (const id of [...known.waiting, after]) await delivery(before, id, inState('sent'))
  await before.end('SIGKILL')
  const delivered = relay.received().length

  const restored = await runWaybill(second, ['restore', copy])
  expect(restored).toMatchObject({ code: 0 })
  // Its settings come from the copy alone: neither the relay nor its password is told again.
  const server = await startWaybill(second)
  const there = await idsOf(server)
  const brought = during.filter((id) => there.has(id))
  expect(brought).toEqual(during.slice(0, brought.length))
  expect(there).toEqual(new Set([...all, ...brought]))
  expect(restored.stdout).toContain(`${known.waiting.length + brought.length} deliveries that were waiting then are held now`)

  // What had ended is as it was, word for word and byte for byte.
  for (const id of settled) expect(await see(server, id)).toEqual(seen.get(id))
  for (const id of all) expect((await see(server, id)).raw.equals(seen.get(id)!.raw)).toBe(true)
  expect(seen.get(known.large)!.raw.length).toBeGreaterThan(1_000_000)
  const scheduled = (await see(server, known.scheduled)).story
  expect(scheduled).toEqual(seen.get(known.scheduled)!.story)
  expect(scheduled.deliveries[0]).toMatchObject({ state: 'queued', due_at: expect.any(String) })
  // Its turn had not come when the copy was brought back, so nobody can have sent it since.
  expect((await see(server, known.grey)).story.deliveries[0]).toMatchObject({ state: 'queued' })
  expect((await see(server, known.held)).story.deliveries[0]).toMatchObject({ state: 'held', reason: { code: 'held_by_person' } })

  // What was waiting is held with its reason, and its story goes on where it had stopped.
  for (const id of [...known.waiting, ...brought]) {
    const { story } = await see(server, id)
    const [one] = story.deliveries
    expect(one).toMatchObject({
      state: 'held',
      reason: { code: 'restored', sentence: expect.stringContaining('Held after a restore') },
    })
    expect(one!.events.at(-1)).toMatchObject({ type: 'delivery.held', data: { why: 'restored' } })
    const earlier = seen.get(id)?.story
    if (!earlier) continue
    expect(story.events).toEqual(earlier.events)
    expect(one!.events.slice(0, earlier.deliveries[0]!.events.length)).toEqual(earlier.deliveries[0]!.events)
    expect(one!.attempts.slice(0, earlier.deliveries[0]!.attempts.length)).toEqual(earlier.deliveries[0]!.attempts)
  }

  // The route had refused when the copy was made. New mail leaves, and so does what a person releases; nothing else has.
  await tryRouteNow(server)
  const fresh = await post(server, 'new@example.org')
  await delivery(server, fresh, inState('sent'))
  const [eve] = (await see(server, known.waiting[0]!)).story.deliveries
  await server.api('PUT', `/v1/deliveries/${eve!.id}/release`)
  await delivery(server, known.waiting[0]!, inState('sent'))
  expect(relay.received().slice(delivered)).toEqual(['new@example.org', 'eve@example.org'])
  const suppressed = await post(server, 'unknown@example.org')
  await delivery(server, suppressed, inState('suppressed'))

  await recordsAgree(server, second)
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
})

async function tryRouteNow(server: RunningWaybill): Promise<void> {
  const { items } = await server.api<{ items: { id: string; name: string }[] }>('GET', '/v1/routes')
  await server.api('PUT', `/v1/routes/${items.find(({ name }) => name === 'WAYBILL_SMTP_URL')!.id}/probe`)
}

async function idsOf(server: RunningWaybill): Promise<Set<string>> {
  const ids = new Set<string>()
  for (let after: string | null = ''; after !== null; ) {
    const path = `/v1/messages?limit=100${after === '' ? '' : `&after=${after}`}`
    const page: { items: { id: string }[]; next: string | null } = await server.api('GET', path)
    for (const { id } of page.items) ids.add(id)
    after = page.next
  }
  return ids
}

/** Every invariant over every row; and each event is counted into its hour once, those from before the copy too. */
async function recordsAgree(server: RunningWaybill, dataDir: string): Promise<void> {
  const connection = await connectionOf(dataDir)
  const count = async (text: string) => (await ask<{ n: number }>(connection, text))[0]!.n
  const logged = () => count("select count(*)::int as n from event where delivery_id is not null and data ? 'route_id'")
  const counted = () => count('select coalesce(sum(n), 0)::int as n from delivery_hour')
  await waitUntil(async () => (await counted()) >= (await logged()), { limitMs: LIMIT_MS, everyMs: 100 })
  expect(await counted()).toBe(await logged())
  const { hours } = await server.api<{ hours: { sent: number }[] }>('GET', '/v1/queues')
  const sent = await count("select count(*)::int as n from event where type = 'delivery.sent' and data ? 'route_id'")
  expect(hours.reduce((sum, hour) => sum + hour.sent, 0)).toBe(sent)

  const database = openDatabase({ connection: { ...connection }, maxConnections: 2, applicationName: 'test' })
  try {
    expect(await checkInvariants(database, new Date(), { thorough: true, blobFolder: join(dataDir, 'blobs') })).toEqual([])
  } finally {
    await database.close()
  }
}
