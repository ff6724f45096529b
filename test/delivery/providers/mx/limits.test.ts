import { expect, test } from 'vitest'
import type { HandoffResult } from '../../../../src/delivery/providers/provider.ts'
import { gate } from '../../../support/gate.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { type MxWorld, mxWorld } from '../../../support/mx-world.ts'

function sendMany(w: MxWorld, count: number, domain = 'example.org'): Promise<HandoffResult>[] {
  return Array.from({ length: count }, (_, i) => w.provider.send(aHandoff({ recipients: [`r${i}@${domain}`] })))
}

const kinds = (results: readonly HandoffResult[]) => results.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind))

test('a server that takes only so many messages a connection teaches it once, and is asked no more than that', async () => {
  await using w = await mxWorld({
    servers: { 'mx1.test': { messagesPerConnection: 3 }, 'mx2.test': {} },
    limits: { maxConnections: 1 },
  })
  expect(new Set(kinds(await Promise.all(sendMany(w, 10))))).toEqual(new Set(['accepted']))
  expect(w.lessons).toEqual([{ receiver: 'mx1.test', messages: 3, why: '421 4.7.0 too many messages on this connection' }])
  const before = w.server('mx1.test').connections.length
  await Promise.all(sendMany(w, 9))
  const later = w.server('mx1.test').connections.slice(before)
  expect(later.every(({ commands }) => commands.filter((line) => line.startsWith('MAIL')).length <= 3)).toBe(true)
  expect(w.received()).toHaveLength(19)
})

test('a server that takes only so many connections teaches it, and all the mail arrives', async () => {
  await using w = await mxWorld({ servers: { 'mx1.test': { connections: 2 }, 'mx2.test': {} } })
  expect(new Set(kinds(await Promise.all(sendMany(w, 30))))).toEqual(new Set(['accepted']))
  expect(w.lessons[0]).toMatchObject({ receiver: 'mx1.test', connections: 2 })
})

test('all servers of a receiver share its connections', async () => {
  const held = gate()
  const server = { on: { DOT: { reply: '250 ok', after: held } } } as const
  await using w = await mxWorld({
    servers: { 'a.mx.example': server, 'b.mx.example': server },
    dns: { 'one.test': { mx: ['10 a.mx.example'] }, 'two.test': { mx: ['10 b.mx.example'] } },
    limits: { maxConnections: 2 },
  })
  const sent = [...sendMany(w, 4, 'one.test'), ...sendMany(w, 4, 'two.test')]
  await held.reached
  const open = () => w.server('a.mx.example').open + w.server('b.mx.example').open
  expect(open()).toBeLessThanOrEqual(2)
  held.open()
  expect(new Set(kinds(await Promise.all(sent)))).toEqual(new Set(['accepted']))
  expect(open()).toBeLessThanOrEqual(2)
})

test('a receiver that slows us down gets fewer connections, and more again when it takes mail', async () => {
  await using w = await mxWorld({ servers: { 'mx1.test': { on: { MAIL: '421 4.7.28 unusual rate of mail' } }, 'mx2.test': {} } })
  for (let i = 0; i < 8; i++) await w.provider.send(aHandoff())
  expect(w.server('mx1.test').connections.length).toBeGreaterThan(0)
  w.server('mx1.test').always('MAIL', null)
  const before = w.server('mx1.test').connections.length
  const held = gate()
  w.server('mx1.test').next('DOT', { reply: '250 ok', after: held })
  const sent = sendMany(w, 12)
  await held.reached
  held.open()
  expect(new Set(kinds(await Promise.all(sent)))).toEqual(new Set(['accepted']))
  expect(w.server('mx1.test').connections.length - before).toBeLessThan(10)
})

test('a greylisted recipient is deferred, and costs the receiver no connection', async () => {
  await using w = await mxWorld()
  w.server('mx1.test').answer('bob@example.org', '450 4.2.0 greylisted, come back in 300 seconds').thenAccept()
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'deferred', failure: { class: 'greylisted', retryAfterSeconds: 300 } },
  ])
  expect((await w.provider.send(aHandoff({ attempt: 2 }))).outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(w.server('mx1.test').connections).toHaveLength(1)
})
