/**
 * The story behind the product, from its first silent loss to the last replayed invitation: a relay takes everything with 250 and drops one
 * receiver's mail. It is told within half an hour, its cause is named, another way is added, and exactly what was swallowed goes out again. The
 * application that sends never learns of any of it.
 */
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import type { Issued } from '../../src/accounts/credentials/manage.ts'
import { ENGINE } from '../../src/db/database.ts'
import { bulkJob, previewBulk, startBulk } from '../../src/delivery/bulk/bulk.ts'
import type { Provider } from '../../src/delivery/providers/provider.ts'
import { createRoute, type NewWay } from '../../src/delivery/routes/manage.ts'
import { MxSettings, type Route } from '../../src/delivery/routes/route.ts'
import { createRule } from '../../src/delivery/routing/manage.ts'
import { createResolver } from '../../src/dns/resolver.ts'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import { learnUsual, watchBoard } from '../../src/insight/board/watch.ts'
import { lookForProbes } from '../../src/insight/canary/look.ts'
import { createCanary } from '../../src/insight/canary/manage.ts'
import { sendDueProbes } from '../../src/insight/canary/probe.ts'
import { examineDomain } from '../../src/insight/doctor/domain/examine-domain.ts'
import { DAY, HOUR, MINUTE } from '../../src/lib/clock.ts'
import type { RouteId } from '../../src/lib/ids.ts'
import { createMailbox } from '../../src/mailboxes/mailboxes.ts'
import { allCounted, count, tell } from '../insight/board/support.ts'
import { submissionWorld } from '../smtp/support.ts'
import { fixedResolver } from '../support/dns.ts'
import { dnsServer } from '../support/dns-server.ts'
import { imapServer } from '../support/imap-server.ts'
import { managedDomain } from '../support/managed-domain.ts'
import { mxWorld } from '../support/mx-world.ts'
import { SCALEWAY_KEY, ScalewayServer, scalewaySettings } from '../support/scaleway-server.ts'
import { SES_KEY, SesServer, sesSettings } from '../support/ses-server.ts'
import { authority } from '../support/tls.ts'
import type { World } from '../support/world.ts'

const POLL = { timeout: 90_000 }
const SEED = 'seed@gmail.com'
const INVITED = Array.from({ length: 30 }, (_, i) => `guest${i}@gmail.com`)
const OTHERS = ['ann@example.org', 'bob@example.net', 'cid@example.org']

/** The unchanged application: a host, a port, a user, a password. It sends, and takes 250 for success. */
function application({ username, secret }: Issued, port: number) {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    requireTLS: true,
    auth: { user: username, pass: secret },
    tls: { ca: authority, servername: 'localhost' },
  })
  onTestFinished(() => transport.close())
  return async (to: string) => {
    const text = `Dear ${to}, you are invited to edit a document. Here is the link.`
    await transport.sendMail({ from: 'Docs <noreply@example.com>', to, subject: 'You are invited', text })
  }
}

/** Another way out, and what it has handed on. */
interface SecondWay {
  readonly way: NewWay
  readonly secret: string | null
  received(): string[]
  provider?(): Provider
}

const WAYS: Readonly<Record<string, (w: World) => Promise<SecondWay>>> = {
  async ses() {
    const server = await new SesServer().listen()
    onTestFinished(() => server[Symbol.asyncDispose]())
    const settings = sesSettings(server, { allow_private: true })
    return { way: { kind: 'ses', settings }, secret: SES_KEY.secret, received: () => server.mails.map((mail) => mail.recipient) }
  },
  async scaleway() {
    const server = await new ScalewayServer().listen()
    onTestFinished(() => server[Symbol.asyncDispose]())
    const settings = scalewaySettings(server, { allow_private: true })
    const received = () => server.mails.flatMap(({ to }) => to.map(({ email }) => email))
    return { way: { kind: 'scaleway', settings }, secret: SCALEWAY_KEY, received }
  },
  async mx(w) {
    // Straight to receivers only signed mail goes: the domain is added, and its records are published.
    const domain = await managedDomain(w)
    onTestFinished(() => domain[Symbol.asyncDispose]())
    await domain.publish()
    await domain.check()
    w.clock.advance(2 * HOUR)
    await domain.check()
    const direct = await mxWorld({ dns: { 'gmail.com': { mx: ['10 mx1.test', '20 mx2.test'] } }, clock: w.clock })
    onTestFinished(() => direct[Symbol.asyncDispose]())
    return {
      way: { kind: 'mx', settings: MxSettings.parse({}) },
      secret: null,
      received: direct.received,
      provider: () => direct.provider,
    }
  },
}

test.each(Object.keys(WAYS))(
  'a relay swallows google: it is told, explained, and mended by %s without touching the application',
  { timeout: 300_000 },
  async (kind) => {
    const w = await submissionWorld()
    const appSends = application(w.credential, w.port)
    const seed = await imapServer()
    onTestFinished(() => seed.close())
    const watch = await watchGoogle(w, seed)

    // A good week: the relay takes mail, and news of its arrival comes back.
    for (let at = w.clock.now().getTime() - 7 * DAY; at < w.clock.now().getTime() - HOUR; at += 6 * HOUR) {
      await tell(w, new Date(at), [
        { type: 'delivery.sent', n: 60 },
        { type: 'delivery.delivered', n: 58 },
      ])
    }
    await allCounted(w)
    await learnUsual(w.database, w.clock.now())
    await watch.round()
    expect(await watch.incidents()).toEqual([])

    // From now on the relay drops google, and says 250 to everything.
    watch.swallows = true
    for (const to of [...INVITED, ...OTHERS]) await appSends(to)
    await w.dispatch()
    expect(w.smtp.received()).toEqual(expect.arrayContaining([...INVITED, ...OTHERS]))
    for (let round = 0; round < 3; round++) await watch.round()
    await expect
      .poll(async () => {
        await count(w)
        await watchBoard(w.database, w.clock.now())
        return (await watch.incidents()).map((incident) => incident.kind).toSorted()
      }, POLL)
      .toEqual(['canary.missing', 'receiver.not_arriving'])
    const [board] = (await watch.incidents()).filter((incident) => incident.kind === 'receiver.not_arriving')
    expect(board?.sentence).toMatch(/^google: 0 delivered of \d+ relayed in 30 minutes through relay/)

    // The doctor looks at the domain, and names what the relay's own postmaster would have to know.
    expect(await whatTheDoctorSays()).toMatchObject({ spf: 'fail', dkim: expect.stringMatching(/fail|warn/) })

    // Another way, and a rule that gives it google. The application and its credential stay as they are.
    const second = await (WAYS[kind] as (typeof WAYS)[string])(w)
    const route = await w.database.transaction(ENGINE, (tx) =>
      createRoute(
        tx,
        w.secrets,
        w.workspaceId,
        { name: kind, way: second.way, secret: second.secret, isDefault: false },
        null,
        w.clock.now(),
      ),
    )
    const openProvider = (wanted: Route, receiver: string | null) =>
      wanted.id === route.id && second.provider ? second.provider() : w.openProvider(wanted, receiver)
    const conditions = { receivers: ['google'] }
    const targets = [{ route_id: route.id, weight: 1 }]
    await w.inWorkspace((tx) =>
      createRule(
        tx,
        w.workspaceId,
        { name: 'google', enabled: true, conditions, targets, trip: null },
        'user:one',
        w.clock.now(),
      ),
    )

    // Replay: counted first, and exactly what the relay swallowed.
    w.clock.advance(MINUTE)
    const filter = {
      routeId: w.routeId,
      receivers: ['google'],
      since: new Date(w.clock.now().getTime() - 14 * DAY),
      until: w.clock.now(),
    }
    const preview = await w.inWorkspace((tx) => previewBulk(tx, w.workspaceId, 'replay', filter))
    expect(preview.matched).toBe(INVITED.length)
    const wish = { kind: 'replay', filter, routeId: null, expected: INVITED.length } as const
    await w.inWorkspace((tx) => startBulk(tx, w.workspaceId, wish, 'user:one', w.clock.now()))
    const relayed = w.smtp.received().length
    await bulkJob(w.database, w.blobs, () => {}).run(w.clock.now())
    const dispatcher = w.dispatcher({ openProvider })
    dispatcher.start()
    await w.quiet()
    expect(second.received().toSorted()).toEqual(INVITED.toSorted())
    expect(w.smtp.received()).toHaveLength(relayed)

    // The application goes on as ever: google by the new way, everybody else by the old one.
    await appSends('late@gmail.com')
    await appSends('late@example.org')
    dispatcher.wake()
    await w.quiet()
    expect(second.received().filter((to) => to === 'late@gmail.com')).toHaveLength(1)
    expect(w.smtp.received().slice(relayed)).toEqual(['late@example.org'])

    // Nobody got anything twice: what the relay really handed on, and what the new way did.
    const handedOn = [...w.smtp.received().filter((to) => !to.endsWith('@gmail.com')), ...second.received()]
    expect(new Set(handedOn).size).toBe(handedOn.length)
    await allCounted(w)
  },
)

async function watchGoogle(w: World, seed: Awaited<ReturnType<typeof imapServer>>) {
  const settings = {
    protocol: 'imap',
    auth: { kind: 'password' },
    host: '127.0.0.1',
    port: seed.port,
    security: 'none',
    username: 'seed',
    allowPrivate: true,
  } as const
  const create = async (routeIds: RouteId[]) =>
    w.inWorkspace(async (tx) => {
      const wanted = { name: 'Gmail', address: SEED, settings, password: 'a password for tests' }
      const mailbox = await createMailbox(tx, w.secrets, w.workspaceId, wanted, w.clock.now())
      const canary = {
        name: 'Gmail seed',
        kind: 'imap',
        mailboxId: mailbox.id,
        receiver: 'google',
        sender: 'Docs <noreply@example.com>',
        routeIds,
        intervalMs: 10 * MINUTE,
        timeoutMs: 10 * MINUTE,
        enabled: true,
      } as const
      await createCanary(tx, w.workspaceId, canary, w.clock.now())
    })
  await create([w.routeId])
  const deps = {
    database: w.database,
    blobs: w.blobs,
    secrets: w.secrets,
    clock: w.clock,
    resolver: fixedResolver(),
    allowPrivateNetworks: false,
  }
  const watch = {
    swallows: false,
    incidents: async () =>
      (await listOpenIncidents(w.database.db, w.workspaceId, 20)).filter(({ kind }) => /^(canary|receiver)\./.test(kind)),
    /** A probe leaves, the relay carries it or not, and its time goes by. */
    async round() {
      await sendDueProbes(deps, w.clock.now())
      const before = w.smtp.messages.length
      await w.dispatch()
      for (const { content, recipients } of w.smtp.messages.slice(before)) {
        if (recipients.includes(SEED) && !watch.swallows) await seed.deliver(content, w.clock.now(), 'INBOX')
      }
      w.clock.advance(10 * MINUTE)
      await lookForProbes(deps, w.clock.now())
    },
  }
  return watch
}

/** Of a domain whose SPF names somebody else's servers, and which nobody signs for. */
async function whatTheDoctorSays(): Promise<Record<string, string>> {
  const dns = await dnsServer({
    'example.com': { txt: ['v=spf1 ip4:198.51.100.7 -all'], mx: ['10 mx.example.com'] },
    '_dmarc.example.com': { txt: ['v=DMARC1; p=none'] },
  })
  onTestFinished(() => dns[Symbol.asyncDispose]())
  const resolver = createResolver({
    servers: [dns.address],
    timeoutMs: 250,
    tries: 1,
    hostsFile: '/nowhere',
    askMachine: async () => [],
  })
  const nothing = { status: 'error', evidence: 'not looked at' } as const
  const report = await examineDomain({
    domain: 'example.com',
    resolver,
    reach: { policy: async () => '', trial: async () => nothing, certificate: async () => nothing, at: () => resolver },
    ours: null,
    selectors: ['wb1'],
    addresses: [],
    heloName: 'mail.waybill.example',
    needed: ['ip4:192.0.2.25'],
    now: new Date('2026-11-22T12:00:00Z'),
  })
  return Object.fromEntries(report.checks.map(({ id, status }) => [id, status]))
}
