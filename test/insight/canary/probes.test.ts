import { expect, onTestFinished, test } from 'vitest'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import type { CanaryRun } from '../../../src/insight/canary/canary.ts'
import { lookForProbes } from '../../../src/insight/canary/look.ts'
import { changeCanary, createCanary, listRuns, removeCanary } from '../../../src/insight/canary/manage.ts'
import { sendDueProbes } from '../../../src/insight/canary/probe.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import type { RouteId } from '../../../src/lib/ids.ts'
import { createMailbox, findMailbox } from '../../../src/mailboxes/mailboxes.ts'
import { fixedResolver } from '../../support/dns.ts'
import { type ImapServer, imapServer } from '../../support/imap-server.ts'
import type { ReceivedMessage } from '../../support/smtp-server.ts'
import { type World, world } from '../../support/world.ts'

const ADDRESS = 'seed@gmail.test'
const SAYS =
  'Authentication-Results: mx.gmail.test; spf=pass smtp.mailfrom=shop.example; dkim=pass header.d=shop.example; dmarc=pass header.from=shop.example\r\nReceived: from out.example (out.example [192.0.2.1]) by mx.gmail.test with ESMTPS id 1\r\n'

/** A workspace with a seed mailbox at "google" and a canary that watches it, every ten minutes, through `routeIds`. */
async function watched(
  w: World,
  { routeIds = [w.routeId], kind = 'imap' }: { routeIds?: RouteId[]; kind?: 'imap' | 'loopback' } = {},
) {
  const imap = await imapServer()
  onTestFinished(() => imap.close())
  const settings = {
    protocol: 'imap',
    auth: { kind: 'password' },
    host: '127.0.0.1',
    port: imap.port,
    security: 'none',
    username: 'seed',
    allowPrivate: true,
  } as const
  const now = w.clock.now()
  const { mailbox, canary } = await w.inWorkspace(async (tx) => {
    const mailbox = await createMailbox(
      tx,
      w.secrets,
      w.workspaceId,
      { name: 'Gmail', address: ADDRESS, settings, password: 'a password for tests' },
      now,
    )
    const canary = await createCanary(
      tx,
      w.workspaceId,
      {
        name: 'Gmail seed',
        kind,
        mailboxId: mailbox.id,
        receiver: 'google',
        sender: 'Shop <check@shop.example>',
        routeIds,
        intervalMs: 10 * MINUTE,
        timeoutMs: 10 * MINUTE,
        enabled: true,
      },
      now,
    )
    return { mailbox, canary }
  })
  const deps = {
    database: w.database,
    blobs: w.blobs,
    secrets: w.secrets,
    clock: w.clock,
    resolver: fixedResolver(),
    allowPrivateNetworks: false,
  }
  const runs = () => w.inWorkspace((tx) => listRuns(tx, w.workspaceId, canary.id, { after: null, limit: 50 }))
  return {
    imap,
    mailbox,
    canary,
    send: () => sendDueProbes(deps, w.clock.now()),
    look: () => lookForProbes(deps, w.clock.now()),
    runs,
    /** One round: the probe leaves, `carry` may bring it to the mailbox, and its time goes by. */
    async round(carry: (message: ReceivedMessage) => void): Promise<CanaryRun[]> {
      await sendDueProbes(deps, w.clock.now())
      const before = w.smtp.messages.length
      await w.dispatch()
      for (const message of w.smtp.messages.slice(before)) carry(message)
      w.clock.advance(10 * MINUTE)
      await lookForProbes(deps, w.clock.now())
      return await runs()
    },
  }
}

const incidents = async (w: World) =>
  (await listOpenIncidents(w.database.db, w.workspaceId, 20)).filter(({ kind }) => /^(canary|mailbox)\./.test(kind))
const into =
  (imap: ImapServer, w: World, folder = 'INBOX', head = SAYS) =>
  ({ content }: Pick<ReceivedMessage, 'content'>) =>
    void imap.deliver(head + content, w.clock.now(), folder)

test('a probe is a real message through its route; what the receiver says of it is read back, and it is cleared away', async () => {
  const w = await world()
  const { imap, canary, round } = await watched(w)
  const runs = await round(into(imap, w))
  expect(runs).toMatchObject([
    {
      state: 'arrived',
      folder: 'inbox',
      canaryId: canary.id,
      routeId: w.routeId,
      results: { server: 'mx.gmail.test', spf: 'pass', dkim: 'pass', dmarc: 'pass', tls: true },
    },
  ])
  expect(runs[0]?.tookMs).toBeLessThan(2_000)
  expect(imap.mails()).toEqual([])
  expect((await w.story(runs[0]?.messageId ?? '')).tags).toEqual(['canary'])
  expect(await incidents(w)).toEqual([])
})

test('probes come once in their interval, however many processes send', async () => {
  const w = await world()
  const { send, runs } = await watched(w)
  await Promise.all([send(), send(), send()])
  expect(await runs()).toHaveLength(1)
  w.clock.advance(9 * MINUTE)
  expect(await send()).toBe(0)
  w.clock.advance(MINUTE)
  expect(await send()).toBe(1)
})

test('three that a relay took and that never came are an incident that names the cause; one that comes ends it', async () => {
  const w = await world()
  const second = await w.addRoute('Second relay', { helo_name: 'second.example' })
  const { imap, round } = await watched(w, { routeIds: [w.routeId, second.id] })
  // The first relay takes everything and drops it without a word; the second one carries it on.
  let drops = true
  const carry = ({ content, connection }: ReceivedMessage) => {
    const isBySecond = w.smtp.connections[connection]?.commands.some((command) => command.includes('second.example'))
    if (isBySecond || !drops) into(imap, w)({ content })
  }
  await round(carry)
  await round(carry)
  expect(await incidents(w)).toEqual([])
  await round(carry)
  const [incident, ...more] = await incidents(w)
  expect(more).toEqual([])
  expect(incident).toMatchObject({ kind: 'canary.missing', severity: 'critical' })
  expect(incident?.sentence).toBe(
    'Gmail seed (google) did not see the last 3 probes through relay: relay took it, and after 10 minutes it is neither in the inbox nor in the spam folder; through Second relay the same message arrives, so it is lost behind relay.',
  )
  drops = false
  await round(carry)
  expect(await incidents(w)).toEqual([])
})

test('mail that comes late is late, not lost', async () => {
  const w = await world()
  const kept: ReceivedMessage[] = []
  const { imap, round, look, runs } = await watched(w)
  expect((await round((message) => void kept.push(message)))[0]).toMatchObject({ state: 'missing' })
  w.clock.advance(5 * MINUTE)
  for (const message of kept) into(imap, w)(message)
  await look()
  const [run] = await runs()
  expect(run?.state).toBe('arrived')
  // The receiving server tells whole seconds.
  expect(run?.tookMs).toBeGreaterThan(14 * MINUTE)
})

test('the spam folder is looked into as well, and three times there is an incident', async () => {
  const w = await world()
  const { imap, round } = await watched(w)
  for (let i = 0; i < 3; i++) expect((await round(into(imap, w, 'Junk')))[0]).toMatchObject({ state: 'arrived', folder: 'junk' })
  expect(await incidents(w)).toMatchObject([{ kind: 'canary.spam', severity: 'warning' }])
  await round(into(imap, w))
  expect(await incidents(w)).toEqual([])
})

test('only the receiver’s own word counts, not what came with the mail; and failing three times is an incident', async () => {
  const w = await world()
  const forged = SAYS.replaceAll('pass', 'fail').replace(
    '\r\nReceived',
    '\r\nAuthentication-Results: elsewhere.test; dmarc=pass\r\nReceived',
  )
  const { imap, round } = await watched(w)
  for (let i = 0; i < 3; i++)
    expect((await round(into(imap, w, 'INBOX', forged)))[0]?.results).toMatchObject({ dmarc: 'fail', spf: 'fail' })
  const [incident] = await incidents(w)
  expect(incident).toMatchObject({ kind: 'canary.unauthenticated' })
  expect(incident?.sentence).toContain('SPF fail, DKIM fail, DMARC fail')
})

test('a mail that only claims to be a probe is left alone', async () => {
  const w = await world()
  const { imap, round } = await watched(w)
  imap.deliver('X-Waybill-Canary: AAAAAAAAAAAAAAAAAAAAAA\r\nSubject: hello\r\n\r\nx', w.clock.now())
  imap.deliver('Subject: a letter of somebody\r\n\r\nx', w.clock.now())
  expect((await round(() => {}))[0]).toMatchObject({ state: 'missing' })
  expect(imap.mails()).toHaveLength(2)
})

test('a mailbox that cannot be read blames no route: it says itself what is wrong, and is well when it is', async () => {
  const w = await world()
  const { imap, mailbox, round } = await watched(w)
  imap.fault = { at: 'AUTHENTICATE', do: '%t NO [AUTHENTICATIONFAILED] Application-specific password required' }
  for (let i = 0; i < 3; i++) expect((await round(into(imap, w)))[0]).toMatchObject({ state: 'unread' })
  expect(await incidents(w)).toMatchObject([{ kind: 'mailbox.unreadable' }])
  expect((await findMailbox(w.database.db, w.workspaceId, mailbox.id))?.health).toMatchObject({
    state: 'failing',
    problem: { cause: 'login' },
  })
  imap.fault = null
  const runs = await round(into(imap, w))
  // What lay there all the time is found too.
  expect(runs.map(({ state }) => state)).toEqual(['arrived', 'arrived', 'arrived', 'arrived'])
  expect(await incidents(w)).toEqual([])
})

test('a folder whose UIDs are new ones is read from the beginning', async () => {
  const w = await world()
  const { imap, round } = await watched(w)
  imap.deliver('Subject: older\r\n\r\nx', w.clock.now())
  await round(into(imap, w))
  const runs = await round((message) => {
    into(imap, w)(message)
    imap.renumber()
  })
  expect(runs[0]).toMatchObject({ state: 'arrived' })
})

test('a probe that never left says so', async () => {
  const w = await world()
  w.smtp.answer(ADDRESS, '550 5.1.1 user unknown').always()
  const { round } = await watched(w)
  for (let i = 0; i < 3; i++) await round(() => {})
  const [incident] = await incidents(w)
  expect(incident?.sentence).toMatch(/relay did not take it \((bounced|suppressed)\)/)
})

test('a loop-back canary goes through the sandbox and back', async () => {
  const w = await world({ route: 'sandbox' })
  const { round } = await watched(w, { kind: 'loopback' })
  expect((await round(() => {}))[0]).toMatchObject({ state: 'arrived', folder: 'inbox', results: null })
})

test('a canary that is switched off or removed takes its incidents with it', async () => {
  const w = await world()
  const { canary, round } = await watched(w)
  for (let i = 0; i < 3; i++) await round(() => {})
  expect(await incidents(w)).toHaveLength(1)
  await w.inWorkspace((tx) => changeCanary(tx, w.workspaceId, canary.id, { enabled: false }, w.clock.now()))
  expect(await incidents(w)).toEqual([])
  await w.inWorkspace((tx) => removeCanary(tx, w.workspaceId, canary.id, w.clock.now()))
  expect((await w.inWorkspace((tx) => listRuns(tx, w.workspaceId, canary.id, { after: null, limit: 5 }))).length).toBe(0)
})
