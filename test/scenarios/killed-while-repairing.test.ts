import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { SubmissionId } from '../../src/forms/submission.ts'
import { confirmToken } from '../../src/forms/tokens.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { API_KEY } from '../support/server-process.ts'
import { type Scene, scene } from './support.ts'

const SECRET = 'a secret for tests, of forty characters!'
const LIMIT = { limitMs: 60_000, everyMs: 5 }
const GLUED = 600
const ASKED = 60

function asking({ server }: Pick<Scene, 'server'>) {
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${API_KEY}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
}

async function count({ database }: Pick<Scene, 'database'>, what: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${what}`.execute(database.db)
  return rows[0]?.n ?? 0
}

test('killed while glued addresses are split, and again while that is taken back, it does each of them once', async () => {
  const s = await scene()
  const api = asking(s)
  expect(await s.server.start()).toBe('ready')
  await sql`
    with people as (
      insert into contact (workspace_id, id, name, created_at, updated_at)
      select w.id, gen_random_uuid(), 'glued ' || n, now(), now() from workspace as w cross join generate_series(1, ${GLUED}::int) as n
      returning workspace_id, id, name
    )
    insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
    select workspace_id, replace(name, ' ', '-') || '@example.org;ann;lee', id, true, now() from people`.execute(s.database.db)
  const done = () => count(s, sql`contact_repair_row`)
  const back = () => count(s, sql`contact_repair_row where undone is not null`)
  const killedAfter = async (n: number, reached: () => Promise<number>) => {
    await waitUntil(async () => (await reached()) >= n, LIMIT)
    await s.server.kill()
    expect(await reached()).toBeLessThan(GLUED)
    // The lease of the job ends a minute later; the test does not wait that long.
    await sql`update periodic_job set lease_owner = null, lease_expires_at = null`.execute(s.database.db)
    expect(await s.server.start()).toBe('ready')
  }
  const { id } = await api<{ id: string }>('POST', '/v1/contact-repairs', { addresses: null, conflicts: 'skip' })
  const isState = async (state: string) => (await api<{ state: string }>('GET', `/v1/contact-repairs/${id}`)).state === state
  await killedAfter(1, done)
  await waitUntil(() => isState('done'), LIMIT)
  expect(await api('GET', `/v1/contact-repairs/${id}`)).toMatchObject({ split: GLUED, merged: 0, skipped: 0 })
  expect(await count(s, sql`contact_address where address ~ '^glued-[0-9]+@example[.]org$'`)).toBe(GLUED)
  expect(await count(s, sql`contact_address`)).toBe(GLUED)
  expect(await count(s, sql`contact where first_name = 'Ann' and last_name = 'Lee'`)).toBe(GLUED)

  await api('POST', `/v1/contact-repairs/${id}/undo`)
  await killedAfter(1, back)
  await waitUntil(() => isState('undone'), LIMIT)
  expect(await api('GET', `/v1/contact-repairs/${id}`)).toMatchObject({ undone: GLUED, stayed: 0 })
  expect(await count(s, sql`contact_address where address ~ '^glued-[0-9]+@example[.]org;ann;lee$'`)).toBe(GLUED)
}, 180_000)

test('killed while many confirm a form, each is wholly on the list or not at all, and pressing again makes it true once', async () => {
  const s = await scene({ env: { WAYBILL_SECRET: SECRET } })
  const api = asking(s)
  expect(await s.server.start()).toBe('ready')
  const list = await api<{ id: string }>('POST', '/v1/lists', { name: 'News', opt_in: 'double' })
  const form = await api<{ id: string; settings: object }>('POST', '/v1/forms', { name: 'Newsletter' })
  await api('PATCH', `/v1/forms/${form.id}`, {
    settings: {
      ...form.settings,
      lists: [{ id: list.id, offered: false }],
      sender: 'Shop <news@example.com>',
      welcome: { subject: 'Welcome', body: 'You are on {{ lists | join }}.' },
    },
  })
  await api('POST', `/v1/forms/${form.id}/publish`)
  await sql`
    insert into form_submission (workspace_id, id, form_id, version, state, address, answers, lists, consents, at, confirm_by)
    select workspace_id, gen_random_uuid(), id, 1, 'waiting', 'reader-' || n || '@example.org', '{}', array[${list.id}::uuid], '[]', now(),
           now() + interval '1 day'
      from form cross join generate_series(1, ${ASKED}::int) as n`.execute(s.database.db)
  const { rows } = await sql<{ id: SubmissionId }>`select id from form_submission order by id`.execute(s.database.db)
  const secrets = createSecrets(SECRET)
  const press = async ({ id }: { readonly id: SubmissionId }) => {
    const body = new URLSearchParams({ act: 'confirm' })
    const answer = await fetch(`${s.server.url}/confirm/${confirmToken(id, secrets)}`, {
      method: 'POST',
      redirect: 'manual',
      body,
    })
    return answer.status
  }
  const confirmed = () => count(s, sql`form_submission where state = 'confirmed'`)
  const standing = async () => ({
    contacts: await count(s, sql`contact`),
    members: await count(s, sql`list_member where status = 'subscribed'`),
    said: await count(s, sql`consent_event`),
    told: await count(s, sql`event where type = 'contact.subscribed'`),
    welcomed: await count(s, sql`message`),
  })
  const all = (n: number) => ({ contacts: n, members: n, said: n, told: n, welcomed: n })

  const pressed = Promise.allSettled(rows.map(press))
  await waitUntil(async () => (await confirmed()) >= 3, LIMIT)
  await s.server.kill()
  await pressed
  const before = await confirmed()
  expect(before).toBeLessThan(ASKED)
  expect(await standing()).toEqual(all(before))

  expect(await s.server.start()).toBe('ready')
  expect(await Promise.all(rows.map(press))).toEqual(rows.map(() => 303))
  expect(await standing()).toEqual(all(ASKED))
  await s.untilAll('sent')
  expect(new Set(s.smtp.received()).size).toBe(ASKED)
}, 120_000)
