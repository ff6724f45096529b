import { expect, test } from 'vitest'
import type { HandoffResult } from '../../../../src/delivery/providers/provider.ts'
import { gate } from '../../../support/gate.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { type MxWorld, mxWorld } from '../../../support/mx-world.ts'

const OTHERS = { options: { receiver: 'other', timeouts: { tcp: 60_000 } } } as const

function sendMany(w: MxWorld, count: number, domain: string): Promise<HandoffResult>[] {
  return Array.from({ length: count }, (_, i) => w.provider.send(aHandoff({ recipients: [`r${i}@${domain}`] })))
}

const kinds = (results: readonly HandoffResult[]) => results.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind))

test('a receiver that does not answer holds a part of the room, gives the rest back, and keeps nobody else waiting', async () => {
  await using w = await mxWorld({
    ...OTHERS,
    servers: { 'mx.dead.test': 'silent', 'mx.fine.test': {} },
    dns: { 'dead.test': { mx: ['10 mx.dead.test'] }, 'fine.test': { mx: ['10 mx.fine.test'] } },
  })
  const dead = sendMany(w, 1_000, 'dead.test')
  expect(new Set(kinds(await Promise.all(sendMany(w, 5, 'fine.test'))))).toEqual(new Set(['accepted']))

  let back = 0
  for (const result of dead) void result.then(({ outcomes }) => outcomes[0]?.kind === 'unsent' && back++)
  await expect.poll(() => back).toBeGreaterThanOrEqual(745)
})

test('of a receiver that has failed only a handful of mails is in hand', async () => {
  await using w = await mxWorld({
    options: { receiver: 'other', timeouts: { tcp: 20 } },
    servers: { 'mx.dead.test': 'silent' },
    dns: { 'dead.test': { mx: ['10 mx.dead.test'] } },
  })
  expect(kinds(await Promise.all(sendMany(w, 1, 'dead.test')))).toEqual(['blocked'])
  const results = kinds(await Promise.all(sendMany(w, 100, 'dead.test')))
  expect(results.filter((kind) => kind === 'unsent')).toHaveLength(95)
})

test('the more receivers are slow, the less each of them holds, and somebody new finds room', async () => {
  const names = Array.from({ length: 6 }, (_, i) => `dead${i}.test`)
  await using w = await mxWorld({
    ...OTHERS,
    servers: { ...Object.fromEntries(names.map((name) => [`mx.${name}`, 'silent' as const])), 'mx.fine.test': {} },
    dns: {
      ...Object.fromEntries(names.map((name) => [name, { mx: [`10 mx.${name}`] }])),
      'fine.test': { mx: ['10 mx.fine.test'] },
    },
  })
  for (const name of names) for (const sent of sendMany(w, 200, name)) void sent
  expect(new Set(kinds(await Promise.all(sendMany(w, 5, 'fine.test'))))).toEqual(new Set(['accepted']))
})

test('what is given back says when to come again: later, the more there is', async () => {
  await using w = await mxWorld({
    ...OTHERS,
    servers: { 'mx.slow.test': { on: { DOT: [{ reply: '250 ok' }, { reply: '250 ok', after: gate() }] } } },
    dns: { 'slow.test': { mx: ['10 mx.slow.test'] } },
  })
  await w.provider.send(aHandoff({ recipients: ['first@slow.test'] }))
  const back: number[] = []
  for (const result of sendMany(w, 400, 'slow.test')) {
    void result.then(({ outcomes: [outcome] }) => outcome?.kind === 'unsent' && back.push(outcome.waitMs ?? 0))
  }
  await expect.poll(() => back.length).toBeGreaterThanOrEqual(145)
  expect(back.every((waitMs) => waitMs >= 500 && waitMs <= 15_000)).toBe(true)
  expect(back.at(-1)).toBeGreaterThanOrEqual(back[0] ?? 0)
})

test('a slow receiver keeps its connections and the fast one its pace', async () => {
  const held = gate()
  await using w = await mxWorld({
    ...OTHERS,
    servers: { 'mx.slow.test': { on: { DOT: { reply: '250 ok', after: held } } }, 'mx.fast.test': {} },
    dns: { 'slow.test': { mx: ['10 mx.slow.test'] }, 'fast.test': { mx: ['10 mx.fast.test'] } },
  })
  const slow = sendMany(w, 3, 'slow.test')
  await held.reached
  expect(new Set(kinds(await Promise.all(sendMany(w, 5, 'fast.test'))))).toEqual(new Set(['accepted']))
  held.open()
  expect(new Set(kinds(await Promise.all(slow)))).toEqual(new Set(['accepted']))
})

test('much mail to a domain whose name servers hang leaves room for the others, and a part of it comes back', async () => {
  const hung = gate()
  await using w = await mxWorld({
    ...OTHERS,
    servers: { 'mx.fine.test': {} },
    dns: { 'hung.test': { mx: ['10 mx.fine.test'], after: hung.opened }, 'fine.test': { mx: ['10 mx.fine.test'] } },
  })
  const waiting = sendMany(w, 1_000, 'hung.test')
  let back = 0
  for (const result of waiting) void result.then(({ outcomes }) => outcomes[0]?.kind === 'unsent' && back++)
  expect(new Set(kinds(await Promise.all(sendMany(w, 5, 'fine.test'))))).toEqual(new Set(['accepted']))
  await expect.poll(() => back).toBeGreaterThanOrEqual(750)
  hung.open()
})

test('a name server that hangs for one domain keeps no other waiting', async () => {
  const hung = gate()
  await using w = await mxWorld({
    ...OTHERS,
    servers: { 'mx.fine.test': {} },
    dns: { 'hung.test': { mx: ['10 mx.fine.test'], after: hung.opened }, 'fine.test': { mx: ['10 mx.fine.test'] } },
  })
  const waiting = w.provider.send(aHandoff({ recipients: ['ann@hung.test'] }))
  expect(kinds(await Promise.all(sendMany(w, 3, 'fine.test')))).toEqual(['accepted', 'accepted', 'accepted'])
  hung.open()
  expect(kinds([await waiting])[0]).toMatch(/^(blocked|accepted)$/)
})
