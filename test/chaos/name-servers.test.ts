import { expect, onTestFinished, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { type DirectWishes, type DirectWorld, directWorld } from '../support/direct-world.ts'
import type { DnsScript } from '../support/dns-server.ts'
import { gate } from '../support/gate.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { type ScriptedSmtpServer, smtpServer } from '../support/smtp-server.ts'
import { aMessage } from '../support/world.ts'
import { drain, judgeWorld, runningClock, submitEach } from './support.ts'

const SERVERS = ['mx.fine.test', 'mx.second.test', 'mx.google.com'] as const
const mx = (host: string) => ({ mx: [`10 ${host}`] })

/** As the DNS is when all is well: several domains on several receivers. */
const WELL: DnsScript = {
  'fine.example': mx('mx.fine.test'),
  'second.example': mx('mx.second.test'),
  'gmail.com': mx('mx.google.com'),
  'servfail.example': mx('mx.fine.test'),
  'silence.example': mx('mx.fine.test'),
  'lie.example': mx('mx.fine.test'),
  'junk.example': mx('mx.second.test'),
  'lost-host.example': mx('mx.second.test'),
}
/** Everything that a name server can do wrong, each to a domain of its own. */
const TROUBLE: DnsScript = {
  ...WELL,
  'servfail.example': 'servfail',
  'silence.example': 'silence',
  'lie.example': 'lie',
  'junk.example': 'junk',
  'lost-host.example': mx('host-servfail.test'),
  'host-servfail.test': 'servfail',
}
const TROUBLED = ['servfail', 'silence', 'lie', 'junk', 'lost-host'].map((name) => `${name}.example`)
const HEALTHY = ['fine.example', 'second.example', 'gmail.com']

async function several(
  script: DnsScript,
  wishes: Pick<DirectWishes, 'dnsTimeoutMs' | 'clock'> = {},
): Promise<DirectWorld & { servers: ScriptedSmtpServer[] }> {
  const servers = await Promise.all(SERVERS.map(() => smtpServer({})))
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.close()))))
  const ports = Object.fromEntries(SERVERS.map((name, i) => [name, servers[i]!.port]))
  const direct = await directWorld({ servers: ports, dns: script, ...wishes })
  return { ...direct, servers }
}

const mailsTo = (domains: readonly string[], each: number) =>
  domains.flatMap((domain) => Array.from({ length: each }, (_, i) => aMessage({ to: [`r${i}@${domain}`] })))
const statesBy = (states: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    [...Map.groupBy(Object.entries(states), ([recipient]) => recipient.replace(/^.*@/, ''))].map(([domain, found]) => [
      domain,
      [...new Set(found.map(([, state]) => state))].join(' '),
    ]),
  )

test('name servers fail, keep silent, lie and talk nonsense for three hours: nothing bounces, others get theirs at once, and then all of it arrives', async () => {
  const { w, servers, overrides, tell, forgetDns } = await several(TROUBLE)
  const promised = await submitEach(w, mailsTo([...HEALTHY, ...TROUBLED], 4))
  await w.dispatch(overrides)
  const troubled = {
    ...Object.fromEntries(HEALTHY.map((domain) => [domain, 'sent'])),
    ...Object.fromEntries(TROUBLED.map((domain) => [domain, 'queued'])),
  }
  expect(statesBy(await w.states())).toEqual(troubled)
  for (let passed = 0; passed < 3 * HOUR; passed += 20 * MINUTE) {
    w.clock.advance(20 * MINUTE)
    w.clock.elapse(20 * MINUTE)
    forgetDns()
    await w.jobs()
    await w.dispatch(overrides)
    expect(statesBy(await w.states())).toEqual(troubled)
  }
  const classes = Object.values(await w.deliveries()).flatMap(({ reason }) => (reason ? [reason.code] : []))
  expect([...new Set(classes)]).toEqual(['dns_temporary'])
  tell(WELL)
  forgetDns()
  await drain(w, { overrides, stepMs: HOUR })
  expect(
    await judgeWorld(
      w,
      promised,
      servers.flatMap(({ messages }) => messages),
    ),
  ).toMatchObject({
    ...SPOTLESS,
    duplicates: [],
    states: { sent: promised.length },
  })
  expect(await w.suppressions()).toEqual([])
})

test('a domain that points at our own machine is never dialled there; when it points at its server again, its mail leaves', async () => {
  const inside = { ...WELL, 'inside.example': mx('inside.test'), 'inside.test': [{ address: '127.0.0.1', ttlSeconds: 60 }] }
  const { w, servers, overrides, tell, forgetDns, dialled } = await several(inside)
  const promised = await submitEach(w, mailsTo([...HEALTHY, 'inside.example'], 3))
  for (let look = 0; look < 4; look++) {
    forgetDns()
    await w.dispatch(overrides)
    expect(statesBy(await w.states())).toMatchObject({ 'fine.example': 'sent', 'inside.example': 'queued' })
    w.clock.advance(HOUR)
    w.clock.elapse(HOUR)
  }
  expect((await w.deliveryOf('r0@inside.example')).reason?.code).toBe('private_address_refused')
  expect(dialled).not.toContain('127.0.0.1')
  tell({ ...WELL, 'inside.example': mx('mx.second.test') })
  forgetDns()
  await drain(w, { overrides, stepMs: HOUR })
  expect(
    await judgeWorld(
      w,
      promised,
      servers.flatMap(({ messages }) => messages),
    ),
  ).toMatchObject({
    ...SPOTLESS,
    duplicates: [],
    states: { sent: promised.length },
  })
})

test('no name server answers anything for an hour, and mail to everybody waits; then it leaves', async () => {
  const silent = Object.fromEntries(Object.keys(WELL).map((domain) => [domain, 'silence' as const]))
  const { w, servers, overrides, tell, forgetDns } = await several(silent)
  const promised = await submitEach(w, mailsTo(Object.keys(WELL), 5))
  for (let passed = 0; passed < HOUR; passed += 15 * MINUTE) {
    await w.dispatch(overrides)
    expect(new Set(Object.values(await w.states()))).toEqual(new Set(['queued']))
    w.clock.advance(15 * MINUTE)
    w.clock.elapse(15 * MINUTE)
  }
  tell(WELL)
  forgetDns()
  await drain(w, { overrides, stepMs: HOUR })
  expect(
    await judgeWorld(
      w,
      promised,
      servers.flatMap(({ messages }) => messages),
    ),
  ).toMatchObject({
    ...SPOTLESS,
    duplicates: [],
    states: { sent: promised.length },
  })
})

test('a domain that does not exist bounces at the third look and not before; one that comes back meanwhile gets its mail', async () => {
  const gone: DnsScript = { ...WELL, 'gone.example': 'nxdomain', 'slip.example': 'nxdomain' }
  const { w, servers, overrides, tell, forgetDns } = await several(gone)
  const promised = await submitEach(w, mailsTo(['gone.example', 'slip.example', 'fine.example'], 2))
  const looks: Record<string, string>[] = []
  for (let look = 0; look < 3; look++) {
    if (look === 2) tell({ ...gone, 'slip.example': mx('mx.second.test') })
    forgetDns()
    await w.dispatch(overrides)
    looks.push(statesBy(await w.states()))
    w.clock.advance(HOUR)
    w.clock.elapse(HOUR)
  }
  expect(looks).toEqual([
    { 'gone.example': 'queued', 'slip.example': 'queued', 'fine.example': 'sent' },
    { 'gone.example': 'queued', 'slip.example': 'queued', 'fine.example': 'sent' },
    { 'gone.example': 'bounced', 'slip.example': 'sent', 'fine.example': 'sent' },
  ])
  expect((await w.deliveryOf('r0@gone.example')).reason?.code).toBe('domain_not_found')
  expect(
    await judgeWorld(
      w,
      promised,
      servers.flatMap(({ messages }) => messages),
    ),
  ).toMatchObject({ ...SPOTLESS, duplicates: [] })
})

test('forty domains whose name servers hang, with ten mails each, keep nobody else waiting', async () => {
  const answers = gate()
  const hanging = Array.from({ length: 40 }, (_, i) => `hangs${i}.example`)
  const script: DnsScript = {
    ...WELL,
    ...Object.fromEntries(hanging.map((domain) => [domain, { ...mx('mx.second.test'), after: answers.opened }])),
  }
  const { w, servers, overrides } = await several(script, { dnsTimeoutMs: 20_000, clock: runningClock() })
  const promised = await submitEach(w, mailsTo(hanging, 10))
  const dispatcher = w.dispatcher(overrides)
  dispatcher.start()
  promised.push(...(await submitEach(w, mailsTo(HEALTHY, 20))))
  dispatcher.wake()
  const sinceMs = performance.now()
  const arrived = () => servers.flatMap((server) => server.received())
  const theirs = (received: readonly string[]) => received.filter((recipient) => recipient.includes('@hangs'))
  await Promise.all(HEALTHY.map((_, i) => servers[i]!.when((server) => server.received().length >= 20)))
  const tookMs = performance.now() - sinceMs
  console.info(`the others had their mail after ${Math.round(tookMs)} ms`)
  // Of the name servers that are waited for for a minute and more nothing is felt.
  expect(tookMs).toBeLessThan(10_000)
  // Not one of those questions has been answered, and all of the others have their mail.
  expect(theirs(arrived())).toEqual([])
  answers.open()
  await servers[1]!.when((server) => server.received().length >= 420)
  await w.quiet()
  expect(
    await judgeWorld(
      w,
      promised,
      servers.flatMap(({ messages }) => messages),
    ),
  ).toMatchObject({
    ...SPOTLESS,
    duplicates: [],
    states: { sent: promised.length },
  })
})
