import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { expect, onTestFinished, test } from 'vitest'
import type { Departure } from '../../../src/delivery/dispatch/finishing.ts'
import { selectAlignmentFacts } from '../../../src/delivery/domains/alignment-facts.ts'
import { createFinishing, type DomainFinishing } from '../../../src/delivery/domains/finishing.ts'
import { makeKeys } from '../../../src/delivery/domains/make-keys.ts'
import { removeDomain, rotateKeys } from '../../../src/delivery/domains/manage.ts'
import { readReturnPath, returnPathKey } from '../../../src/delivery/feedback/return-path.ts'
import { DAY, HOUR } from '../../../src/lib/clock.ts'
import { type DeliveryId, newId } from '../../../src/lib/ids.ts'
import { createSecrets } from '../../../src/lib/secrets.ts'
import { createLog } from '../../../src/log.ts'
import { type ManagedDomain, managedDomain } from '../../support/managed-domain.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const CONTENT = 'From: ann@example.com\r\nTo: bob@example.org\r\nSubject: Hello\r\n\r\nHello Bob\r\n'

async function finishingOf(app: World, secrets = app.secrets): Promise<DomainFinishing> {
  const finishing = createFinishing({ database: app.database, secrets, clock: app.clock, log: createLog({ level: 'silent' }) })
  await finishing.start()
  onTestFinished(() => finishing.stop())
  return finishing
}

function departure(app: World, more: Partial<Departure> = {}): Departure {
  return {
    workspaceId: app.workspaceId,
    deliveryIds: [newId<DeliveryId>()],
    routeKind: 'mx',
    fromDomain: 'example.com',
    envelopeSender: 'ann@example.com',
    content: CONTENT,
    ...more,
  }
}

/** What a receiver makes of it that reads the keys from the DNS. */
async function verdictsOf(shop: ManagedDomain, mail: string): Promise<string[]> {
  const resolver = async (name: string) => {
    const answer = await shop.deps.resolver.txt(name)
    if (!answer.ok) throw Object.assign(new Error(answer.message), { code: 'ENOTFOUND' })
    return answer.found.map((text) => [text])
  }
  const { results } = await dkimVerify(Buffer.from(mail, 'latin1'), { resolver })
  return results.map(({ status, signingDomain }) => `${signingDomain} ${status.result}`)
}

async function verified(app: World): Promise<ManagedDomain> {
  const shop = await managedDomain(app)
  await shop.publish()
  await shop.check()
  return shop
}

test('a mail of a verified domain arrives signed with both keys, which the DNS confirms, each recipient with a return path of its own', async () => {
  const app = await world()
  await using shop = await verified(app)
  const finishing = await finishingOf(app)
  await app.submit(aMessage({ to: ['bob@example.org', 'eve@example.org'], content: CONTENT }))
  await app.dispatch({ finishing })

  expect(app.smtp.messages).toHaveLength(2)
  for (const { content } of app.smtp.messages)
    expect(await verdictsOf(shop, content)).toEqual(['example.com pass', 'example.com pass'])
  const senders = app.smtp.messages.map(({ sender }) => sender)
  expect(new Set(senders).size).toBe(2)
  const named = senders.map((sender) => readReturnPath(sender, [returnPathKey(app.secrets)]))
  const { rows } = await app.database.pool.query<{ id: string }>('select id from delivery order by id')
  expect(named.toSorted()).toEqual(rows.map(({ id }) => id))
  expect(senders.every((sender) => sender.endsWith('@bounces.example.com'))).toBe(true)
})

test('a mail of a domain that nobody looks after leaves as it was given', async () => {
  const app = await world()
  await using _shop = await verified(app)
  const finishing = await finishingOf(app)
  const given = departure(app, { fromDomain: 'example.net' })
  expect(await finishing.finish(given)).toEqual({ kind: 'ready', envelopeSender: given.envelopeSender, content: CONTENT })
  expect(finishing.hasOwnReturnPath(app.workspaceId, 'example.net', 'mx')).toBe(false)
})

test('a domain whose keys are not published yet changes nothing in its mail', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  await shop.check()
  const finishing = await finishingOf(app)
  expect(await finishing.finish(departure(app))).toEqual({ kind: 'ready', envelopeSender: 'ann@example.com', content: CONTENT })
})

test('without its return path in the DNS, a domain keeps the sender that was given', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  await shop.publish((subject) => subject !== 'return_path_spf')
  await shop.check()
  const finishing = await finishingOf(app)
  expect(finishing.hasOwnReturnPath(app.workspaceId, 'example.com', 'mx')).toBe(false)
  expect(await finishing.finish(departure(app))).toMatchObject({ envelopeSender: 'ann@example.com' })
})

test('providers put their own return path on mail, and the sandbox keeps it as it is', async () => {
  const app = await world()
  await using _shop = await verified(app)
  const finishing = await finishingOf(app)
  expect(
    ['smtp', 'mx', 'ses', 'scaleway', 'sandbox'].filter((kind) =>
      finishing.hasOwnReturnPath(app.workspaceId, 'example.com', kind as 'mx'),
    ),
  ).toEqual(['smtp', 'mx'])
  expect(await finishing.finish(departure(app, { routeKind: 'scaleway' }))).toMatchObject({
    content: CONTENT,
    envelopeSender: 'ann@example.com',
  })
  expect(await finishing.finish(departure(app, { routeKind: 'sandbox' }))).toMatchObject({ content: CONTENT })
  const ses = await finishing.finish(departure(app, { routeKind: 'ses', content: `Date: x\r\n${CONTENT}` }))
  expect(ses.kind === 'ready' && /h=[^;]*Date/i.test(ses.content)).toBe(false)
})

test('a key that this server cannot open holds the mail and says what to do', async () => {
  const app = await world()
  await using _shop = await verified(app)
  const finishing = await finishingOf(app, createSecrets('another secret, as after a wrong restore'))
  const finished = await finishing.finish(departure(app))
  expect(finished).toMatchObject({ kind: 'refused', reason: { code: 'signing_failed' } })
  expect(finished.kind === 'refused' && finished.reason.sentence).toContain('WAYBILL_SECRET')
})

test('a signature that does not verify when it is looked at again holds the mail', async () => {
  const app = await world()
  await using _shop = await verified(app)
  const finishing = await finishingOf(app)
  // A first line that continues nothing would become part of our signature.
  const finished = await finishing.finish(departure(app, { content: ` odd\r\n${CONTENT}` }))
  expect(finished).toMatchObject({ kind: 'refused', reason: { code: 'signing_failed' } })
})

test('new keys sign from the refresh after the DNS shows them, and a removed domain is signed no more', async () => {
  const app = await world()
  await using shop = await verified(app)
  const finishing = await finishingOf(app)
  const selectors = async () => {
    const finished = await finishing.finish(departure(app))
    return finished.kind === 'ready' ? [...finished.content.matchAll(/ s=(\w+);/g)].map(([, name]) => name) : []
  }
  const before = await selectors()
  const keys = await makeKeys()
  await app.inWorkspace((tx) => rotateKeys(tx, app.secrets, app.workspaceId, shop.domain.id, keys, null, app.clock.now()))
  await finishing.refresh()
  expect(await selectors()).toEqual(before)
  await shop.publish()
  await shop.check()
  app.clock.advance(HOUR)
  await shop.check()
  await finishing.refresh()
  expect((await selectors()).toSorted()).toEqual(keys.map(({ selector }) => selector).toSorted())
  await app.inWorkspace((tx) => removeDomain(tx, app.workspaceId, shop.domain.id, null, app.clock.now()))
  await finishing.refresh()
  expect(await selectors()).toEqual([])
})

test('another workspace with the same domain is not signed for', async () => {
  const app = await world()
  await using _shop = await verified(app)
  const other = await app.addWorkspace('Other')
  const finishing = await finishingOf(app)
  expect(await finishing.finish(departure(app, { workspaceId: other.workspaceId }))).toMatchObject({ content: CONTENT })
})

test('the recipients of one content share one signature for a minute', async () => {
  const app = await world()
  await using _shop = await verified(app)
  const finishing = await finishingOf(app)
  const contentOf = async () => {
    const finished = await finishing.finish(departure(app))
    return finished.kind === 'ready' ? finished.content : ''
  }
  const first = await contentOf()
  app.clock.advance(30_000)
  expect(await contentOf()).toBe(first)
  app.clock.elapse(60_000)
  app.clock.advance(30_000)
  expect(await contentOf()).not.toBe(first)
})

test('which route may take mail of a domain follows from what the DNS says of it', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  await app.database.pool.query(`update route set kind = 'mx', settings = '{}' where name = 'relay'`)
  const aligned = async () =>
    (await selectAlignmentFacts(app.database.db, app.workspaceId)).map(({ fromDomain, kind, aligned }) => [
      fromDomain,
      kind,
      aligned,
    ])
  expect(await aligned()).toEqual([['example.com', 'mx', false]])
  await shop.publish()
  await shop.check()
  expect(await aligned()).toEqual([['example.com', 'mx', true]])
  shop.dns.script = {}
  await shop.check()
  expect(await aligned()).toEqual([['example.com', 'mx', true]])
  app.clock.advance(DAY)
  await shop.check()
  expect(await aligned()).toEqual([['example.com', 'mx', false]])
})

test('a provider takes what it has verified, refuses what it has not, and is believed about nothing else', async () => {
  const app = await world()
  await using _shop = await managedDomain(app, 'mail.example.com')
  const { pool } = app.database
  await pool.query(`update route set kind = 'ses' where name = 'relay'`)
  const words = async () => (await selectAlignmentFacts(app.database.db, app.workspaceId)).map(({ aligned }) => aligned)
  expect(await words()).toEqual([true])
  const tell = (domain: string, state: string) =>
    pool.query(
      `insert into route_domain select workspace_id, id, $1, $2, null, now() from route where name = 'relay'
       on conflict (workspace_id, route_id, domain) do update set state = excluded.state`,
      [domain, state],
    )
  await tell('other.example', 'verified')
  expect(await words()).toEqual([true])
  await tell('mail.example.com', 'pending')
  expect(await words()).toEqual([false])
  await tell('example.com', 'verified')
  expect(await words()).toEqual([true])
  await pool.query(`update route set kind = 'scaleway' where name = 'relay'`)
  expect(await words()).toEqual([false])
  await tell('mail.example.com', 'verified')
  expect(await words()).toEqual([true])
})

test('a mail with bytes above 127 is encoded before it is signed for Amazon SES, which takes seven bits only', async () => {
  const app = await world()
  await using shop = await verified(app)
  const finishing = await finishingOf(app)
  const type = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n'
  const content = `${type}${CONTENT}`.replace('Hello Bob', 'Gr\xc3\xbc\xc3\x9fe')
  const finished = await finishing.finish(departure(app, { content, routeKind: 'ses' }))
  const sent = finished.kind === 'ready' ? finished.content : ''
  expect(sent).toContain('Gr=C3=BC=C3=9Fe')
  expect(await verdictsOf(shop, sent)).toEqual(['example.com pass', 'example.com pass'])
})
