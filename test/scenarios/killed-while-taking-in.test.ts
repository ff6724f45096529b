import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { receive } from '../../src/inbound/receive.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { desk } from '../helpdesk/desk.ts'
import { inlet } from '../inbound/support.ts'
import { type World, world } from '../support/world.ts'

/** As the world's. */
const SECRET = 'a secret for tests, long enough'
const LIMIT = { limitMs: 60_000, everyMs: 5 }
const MAILS = 300

function taking(w: World): ChildProcess {
  const argument = JSON.stringify({ connection: w.connection, blobFolder: w.blobFolder, secret: SECRET })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'take-from.ts'), argument], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function count(w: World, what: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${what}`.execute(w.database.db)
  return rows[0]?.n ?? 0
}

const settled = (w: World) => count(w, sql`inbound_mail where state = 'settled'`)

test('killed again and again while groups are being written, it loses no mail and takes in none twice', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w, { clock: machineClock })
  const how = { place: null, envelopeSender: null, envelopeRecipients: [], remoteIp: null, helo: null, isCut: false }
  const arrival = {
    workspaceId: w.workspaceId,
    channel: 'http' as const,
    inboxId: d.inbox.id,
    receivedAt: machineClock.now(),
    ...how,
  }
  const mails = Array.from({ length: MAILS }, (_, n) => {
    // Every third answers the one before it.
    const answers = n % 3 === 2 ? `In-Reply-To: <${n - 1}@customer.example>\n` : ''
    const head = `From: customer-${n % 50}@customer.example\nTo: support@example.com\nSubject: About ${n}\nMessage-ID: <${n}@customer.example>\n`
    return { arrivals: [arrival], content: Buffer.from(`${head}${answers}\nHello ${n}\n`) }
  })
  await receive({ ...i.deps, wake: () => {} }, mails, machineClock.now())
  for (const until of [1, 100]) {
    const child = taking(w)
    await waitUntil(async () => (await settled(w)) >= until, LIMIT)
    child.kill('SIGKILL')
    await once(child, 'exit')
    // Its lease ends a minute later; the test does not wait that long. Nor does it let tries count: what was under way would go one by one, and be put
    // aside at the third, which is not the question here.
    await sql`update inbound_mail set due_at = now(), attempts = 0 where state = 'received'`.execute(w.database.db)
  }
  taking(w)
  await waitUntil(async () => (await settled(w)) === MAILS, LIMIT)
  const { rows } = await sql<{ outcome: string; n: number }>`
    select outcome, count(*)::int as n from inbound_mail group by outcome order by outcome`.execute(w.database.db)
  const answers = Math.floor(MAILS / 3)
  expect(rows).toEqual([
    { outcome: 'conversation_started', n: MAILS - answers },
    { outcome: 'reply_added', n: answers },
  ])
  expect(await count(w, sql`conversation`)).toBe(MAILS - answers)
  expect(await count(w, sql`conversation_item where kind = 'customer'`)).toBe(MAILS)
  expect(await count(w, sql`(select distinct inbound_id from conversation_item) as taken`)).toBe(MAILS)
  expect(await count(w, sql`event where type = 'inbound.settled'`)).toBe(MAILS)
  expect(await count(w, sql`notification`)).toBe(MAILS)
}, 180_000)
