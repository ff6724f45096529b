import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../../../src/db/database.ts'
import type { DispatcherDeps } from '../../../../src/delivery/dispatch/dispatcher.ts'
import { openMxProvider } from '../../../../src/delivery/providers/mx/open-mx.ts'
import { createReceivers } from '../../../../src/delivery/receivers/receivers.ts'
import { createRoute } from '../../../../src/delivery/routes/manage.ts'
import { MxSettings, type Route } from '../../../../src/delivery/routes/route.ts'
import { MINUTE } from '../../../../src/lib/clock.ts'
import { type FixedRecords, fixedResolver } from '../../../support/dns.ts'
import { managedDomain } from '../../../support/managed-domain.ts'
import type { SmtpScript } from '../../../support/smtp-script.ts'
import { aMessage, type World, world } from '../../../support/world.ts'

interface Direct {
  readonly w: World
  readonly route: Route
  dispatch(): Promise<void>
}

/** A workspace whose default route is direct; every name server answer and mail server is on this machine. */
async function direct(mx: NonNullable<FixedRecords['mx']>, script: SmtpScript = {}): Promise<Direct> {
  const w = await world({ script, route: 'sandbox' })
  const settings = MxSettings.parse({ port: w.smtp.port, allow_private: true })
  const wanted = { name: 'direct', way: { kind: 'mx' as const, settings }, secret: null, isDefault: true }
  const route = await w.database.transaction(ENGINE, (tx) =>
    createRoute(tx, w.secrets, w.workspaceId, wanted, null, w.clock.now()),
  )
  // Straight to receivers goes only what is signed.
  await using domain = await managedDomain(w)
  await domain.publish()
  await domain.check()
  const resolver = fixedResolver({ 'smtp.test': ['127.0.0.1'], 'dead.test': ['127.0.0.2'] }, { mx })
  const deps = {
    ...w,
    resolver,
    heloName: 'waybill.example.com',
    allowPrivateNetworks: false,
    policies: { policyOf: async () => null },
    random: () => 0,
  }
  const overrides: Partial<DispatcherDeps> = {
    receivers: createReceivers({ database: w.database, resolver, clock: w.clock }),
    openProvider(opened, receiver) {
      if (opened.way.kind !== 'mx') throw new Error('only the direct route is used here')
      return openMxProvider(opened, opened.way.settings, receiver, deps)
    },
  }
  return { w, route, dispatch: () => w.dispatch(overrides) }
}

const HERE = [{ host: 'smtp.test', preference: 10 }]

test('mail goes straight to the mail servers of its recipients, each domain to its own', async () => {
  const { w, dispatch } = await direct({
    'example.org': HERE,
    'example.net': HERE,
    'dead.example': [{ host: 'gone.test', preference: 1 }],
  })
  await w.submit(aMessage({ to: ['bob@example.org', 'cid@example.net', 'dora@dead.example'] }))
  await dispatch()
  expect(w.smtp.received().toSorted()).toEqual(['bob@example.org', 'cid@example.net'])
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent', 'cid@example.net': 'sent', 'dora@dead.example': 'queued' })
})

test('a greylisted recipient is delivered at the second try', async () => {
  const { w, dispatch } = await direct({ 'example.org': HERE })
  w.smtp.answer('bob@example.org', '450 4.2.0 Greylisted, please try again').thenAccept()
  await w.submit(aMessage())
  await dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'queued' })
  w.clock.advance(6 * MINUTE)
  await dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
})

test('a domain that takes no mail bounces, without a connection', async () => {
  const { w, dispatch } = await direct({ 'example.org': [{ host: '', preference: 0 }] })
  await w.submit(aMessage())
  await dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'bounced' })
  expect(w.smtp.connections).toEqual([])
})

test('name servers that fail keep mail waiting, and never bounce it', async () => {
  const mx: Record<string, NonNullable<FixedRecords['mx']>[string]> = { 'example.org': 'servfail' }
  const { w, dispatch } = await direct(mx)
  await w.submit(aMessage())
  for (let i = 0; i < 4; i++) {
    await dispatch()
    expect(await w.states()).toEqual({ 'bob@example.org': 'queued' })
    w.clock.advance(30 * MINUTE)
  }
  mx['example.org'] = HERE
  await dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
})

test('what a receiver taught is kept in its row', async () => {
  const { w, dispatch } = await direct({ 'example.org': HERE }, { messagesPerConnection: 2 })
  await w.submitAll(Array.from({ length: 40 }, (_, i) => aMessage({ to: [`r${i}@example.org`] })))
  await dispatch()
  expect(w.smtp.received()).toHaveLength(40)
  const { rows } = await sql`select receiver, learned_messages, learned_why from receiver_limit`.execute(w.database.db)
  expect(rows).toEqual([
    { receiver: 'smtp.test', learned_messages: 2, learned_why: '421 4.7.0 too many messages on this connection' },
  ])
})

test('all of a dead receiver waits with its reason, and all of the others arrives', async () => {
  const { w, dispatch } = await direct({
    'example.org': HERE,
    'example.net': [{ host: 'dead.test', preference: 1 }],
  })
  const to = Array.from({ length: 60 }, (_, i) => `r${i}@example.${i % 2 === 0 ? 'org' : 'net'}`)
  await w.submitAll(to.map((address) => aMessage({ to: [address] })))
  await dispatch()
  const states = await w.states()
  expect(Object.entries(states).filter(([, state]) => state === 'sent')).toHaveLength(30)
  expect(new Set(Object.entries(states).flatMap(([address, state]) => (address.endsWith('.net') ? [state] : [])))).toEqual(
    new Set(['queued']),
  )
})
