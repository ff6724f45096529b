import { expect, test } from 'vitest'
import { clearSandbox, listSandbox } from '../../../src/delivery/sandbox/feedback.ts'
import { MAGIC_RECIPIENTS, simulate } from '../../../src/delivery/sandbox/magic.ts'
import { SECOND } from '../../../src/lib/clock.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const PAGE = { after: null, limit: 50, recipient: null }

async function kept(w: World): Promise<string[]> {
  return (await listSandbox(w.database.db, w.workspaceId, PAGE)).map(({ recipient }) => recipient)
}

async function later(w: World, seconds: number): Promise<void> {
  w.clock.advance(seconds * SECOND)
  await w.jobs()
  await w.dispatch()
}

test('it keeps what it is given, for each recipient, with the content as it is', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['ann@example.org', 'bob@example.org'], subject: 'Look' }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'sent' })
  const mails = await listSandbox(w.database.db, w.workspaceId, PAGE)
  expect(mails).toMatchObject([
    { recipient: 'bob@example.org', subject: 'Look', sender: 'ann@example.com' },
    { recipient: 'ann@example.org', subject: 'Look' },
  ])
  const contents = await w.blobs.read(w.database.db, w.workspaceId, [mails[0]!.contentHash])
  expect(contents.get(mails[0]!.contentHash)).toContain('Subject: Look')
})

test('a page of it follows the other, one recipient can be looked for, and it can be emptied', async () => {
  const w = await world({ route: 'sandbox' })
  for (const name of ['a', 'b', 'c']) await w.submit(aMessage({ to: [`${name}@example.org`] }))
  await w.dispatch()
  const first = await listSandbox(w.database.db, w.workspaceId, { ...PAGE, limit: 2 })
  const second = await listSandbox(w.database.db, w.workspaceId, { ...PAGE, limit: 2, after: first[1]!.id })
  expect([...first, ...second].map(({ recipient }) => recipient).toSorted()).toEqual([
    'a@example.org',
    'b@example.org',
    'c@example.org',
  ])
  expect(
    (await listSandbox(w.database.db, w.workspaceId, { ...PAGE, recipient: 'B@example.org' })).map(({ recipient }) => recipient),
  ).toEqual(['b@example.org'])
  expect(await w.inWorkspace((tx) => clearSandbox(tx, w.workspaceId))).toBe(3)
  expect(await kept(w)).toEqual([])
})

test('bounce@: the address does not exist, and is suppressed', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['bounce@example.org'] }))
  await w.dispatch()
  expect(await w.deliveryOf('bounce@example.org')).toMatchObject({ state: 'bounced', reason: { code: 'recipient_unknown' } })
  expect(await w.suppressions()).toEqual(['bounce@example.org'])
  expect(await kept(w)).toEqual([])
})

test('bounce-later@: taken first, then a bounce comes back', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['bounce-later+1@example.org'] }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'bounce-later+1@example.org': 'sent' })
  await later(w, 3)
  expect(await w.deliveryOf('bounce-later+1@example.org')).toMatchObject({
    state: 'bounced',
    reason: { code: 'recipient_unknown' },
  })
  expect((await w.deliveryOf('bounce-later+1@example.org')).events.map(({ type }) => type)).toEqual([
    'delivery.sent',
    'delivery.bounced',
  ])
})

test('full@: the mailbox is full and it is tried again much later', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['full@example.org'] }))
  await w.dispatch()
  expect(await w.deliveryOf('full@example.org')).toMatchObject({ state: 'queued', failures: 1, reason: { code: 'mailbox_full' } })
})

test('defer@: greylisted once, taken when it comes back after the twenty seconds it asked for', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['defer@example.org'] }))
  await w.dispatch()
  expect(await w.deliveryOf('defer@example.org')).toMatchObject({ state: 'queued', reason: { code: 'greylisted' } })
  await later(w, 30)
  expect(await w.states()).toEqual({ 'defer@example.org': 'sent' })
})

test('complaint@: the recipient reports it as spam; the delivery stays sent, that stream is over for the address', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['complaint@example.org'], stream: 'bulk' }))
  await w.dispatch()
  await later(w, 3)
  expect(await w.deliveryOf('complaint@example.org')).toMatchObject({ state: 'sent', complainedAt: expect.any(Date) })
  await w.submit(aMessage({ to: ['complaint@example.org'], stream: 'bulk', subject: 'Again' }))
  await w.dispatch()
  expect(await w.deliveryOf('complaint@example.org')).toMatchObject({ subject: 'Again', state: 'suppressed' })
  await w.submit(aMessage({ to: ['complaint@example.org'], stream: 'transactional', subject: 'Your receipt' }))
  await w.dispatch()
  expect(await w.deliveryOf('complaint@example.org')).toMatchObject({ subject: 'Your receipt', state: 'sent' })
})

test('delivered@: the mailbox confirms', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['delivered@example.org'] }))
  await w.dispatch()
  await later(w, 3)
  expect(await w.states()).toEqual({ 'delivered@example.org': 'delivered' })
})

test('slow@: holds up nobody else', async () => {
  const w = await world({ route: 'sandbox' })
  await w.submit(aMessage({ to: ['slow@example.org'] }))
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await expect.poll(() => w.states(), { timeout: 30_000 }).toEqual({ 'slow@example.org': 'sending', 'bob@example.org': 'sent' })
  await dispatcher.stop(1_000)
  expect(await w.states()).toEqual({ 'slow@example.org': 'sent', 'bob@example.org': 'sent' })
})

test('every magic recipient that is listed does something, and an ordinary one is simply kept', () => {
  const ordinary = simulate('bob@example.org', 1)
  for (const { name } of MAGIC_RECIPIENTS) {
    expect(simulate(`${name}@example.org`, 1)).not.toEqual(ordinary)
    expect(simulate(`${name.toUpperCase()}+tag@example.org`, 1)).toEqual(simulate(`${name}@example.org`, 1))
  }
})
