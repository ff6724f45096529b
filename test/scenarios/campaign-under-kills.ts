import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { API_KEY, freePort, ServerProcess } from '../support/server-process.ts'
import { randomOf, type Scene, scene } from './support.ts'

export interface Progress {
  readonly candidates: number
  readonly preparing: number
  readonly excluded: readonly { readonly n: number }[]
  readonly deliveries: Readonly<Record<string, number>>
  readonly campaign: { readonly state: string }
}

export type Ask = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>

/** Asks whichever server answers, for as long as none does. */
export function asker(servers: readonly ServerProcess[]): Ask {
  return async (method, path, body) => {
    for (let tries = 0; ; tries++) {
      const { url } = servers[tries % servers.length] as ServerProcess
      try {
        const response = await fetch(`${url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${API_KEY}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(20_000),
        })
        const answer = (await response.json()) as Record<string, unknown>
        if (!response.ok && response.status !== 503)
          throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
        if (response.ok) return answer
      } catch (error) {
        if (!(error instanceof TypeError || (error as Error).name === 'TimeoutError') || tries > 400) throw error
      }
      await sleep(50)
    }
  }
}

/** Past the import, which has tests of its own. */
export async function addPeople({ database }: Scene, list: string, n: number): Promise<void> {
  await sql`
    with person as (
      insert into contact (workspace_id, id, name, first_name, created_at, updated_at)
      select l.workspace_id, gen_random_uuid(), 'P' || i, 'P' || i, now(), now() from contact_list as l, generate_series(1, ${n}::int) as i where l.id = ${list}
      returning workspace_id, id, name
    ), address as (
      insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
      select workspace_id, lower(name) || '@example.org', id, true, now() from person
    )
    insert into list_member (workspace_id, list_id, contact_id, status, source, since)
    select workspace_id, ${list}, id, 'subscribed', 'import', now() from person`.execute(database.db)
}

/**
 * A campaign on two servers, one of which is killed again and again: while everybody is looked at, while mails are written, while they leave. At every
 * moment all are accounted for; in the end each has it, and whoever has it twice was unknown before.
 */
export async function campaignUnderKills({
  people,
  kills,
  seed,
}: {
  people: number
  kills: number
  seed: number
}): Promise<void> {
  const all = await scene()
  const { server, smtp, database } = all
  const random = randomOf(seed)
  const other = new ServerProcess({ ...server.settings, port: await freePort() })
  const servers = [server, other]
  for (const one of servers) expect(await one.start(), one.lastWords).toBe('ready')
  try {
    const ask = asker(servers)
    const list = (await ask('POST', '/v1/lists', { name: 'News', opt_in: 'single' })).id as string
    await addPeople(all, list, people)
    const { id } = await ask('POST', '/v1/campaigns', {
      name: 'Spring',
      sender: 'Shop <shop@example.com>',
      audience: { kind: 'lists', lists: [list] },
      content: {
        format: 'text',
        subject: 'For {{ contact.first_name }}',
        body: 'Dear {{ contact.first_name }}, it is spring.',
        to_name: '{{ contact.first_name }}',
        text: null,
        fields: [],
      },
    })
    await ask('POST', `/v1/campaigns/${id}/start`)

    const look = async (): Promise<Progress> => {
      const seen = (await ask('GET', `/v1/campaigns/${id}`)) as unknown as Progress
      const excluded = seen.excluded.reduce((sum, { n }) => sum + n, 0)
      const deliveries = Object.values(seen.deliveries).reduce((sum, n) => sum + n, 0)
      expect(excluded + seen.preparing + deliveries, JSON.stringify(seen)).toBe(seen.candidates)
      return seen
    }
    let whilePreparing = 0
    for (let kill = 0; kill < kills; kill++) {
      // A third of them at most before the first mail.
      if (kill === Math.ceil(kills / 3))
        await expect.poll(async () => (await look()).campaign.state, { timeout: 120_000 }).not.toBe('preparing')
      const { campaign } = await look()
      const share = Math.floor((people * kill) / (kills + 1))
      if (campaign.state !== 'preparing') await smtp.when(({ messages }) => messages.length >= Math.min(share, people - 1))
      else whilePreparing += 1
      await sleep(random() * 150)
      const victim = servers[Math.floor(random() * servers.length)] as ServerProcess
      await victim.kill()
      expect(await victim.start(), victim.lastWords).toBe('ready')
      await look()
    }
    await expect.poll(async () => (await look()).campaign.state, { timeout: 300_000, interval: 250 }).toBe('done')
    const end = await look()
    const received = smtp.received()
    const { rows } = await sql<{ recipient: string }>`
      select recipient from event join delivery on delivery.id = event.delivery_id where event.type = 'delivery.unknown'`.execute(
      database.db,
    )
    const unknown = new Set(rows.map(({ recipient }) => recipient))
    const times = Map.groupBy(received, (address) => address)
    const twice = [...times].filter(([, mails]) => mails.length > 1).map(([address]) => address)
    const without = Array.from({ length: people }, (_, i) => `p${i + 1}@example.org`).filter((address) => !times.has(address))
    console.info(
      `${received.length} mails to ${people}; ${whilePreparing} of ${kills} kills while preparing; ${unknown.size} unknown, ${twice.length} twice, ${without.length} without; ${JSON.stringify(end.deliveries)}`,
    )
    expect(end.candidates).toBe(people)
    expect(without.filter((address) => !unknown.has(address))).toEqual([])
    expect(twice.filter((address) => !unknown.has(address))).toEqual([])
    // Those who follow the log come after it.
    await expect.poll(() => all.invariants(), { timeout: 60_000, interval: 500 }).toEqual([])
  } finally {
    await other.kill()
  }
}
