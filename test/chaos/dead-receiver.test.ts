import { expect, onTestFinished, test } from 'vitest'
import { MINUTE } from '../../src/lib/clock.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { directWorld } from '../support/direct-world.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import type { SmtpScript } from '../support/smtp-script.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { aMessage } from '../support/world.ts'
import { drain, judgeWorld, runningClock, submitEach } from './support.ts'

const MAILS = 300
const DEATHS: readonly { name: string; script: SmtpScript; leaves: string }[] = [
  { name: 'falls silent at DATA', script: { on: { DATA: { afterwards: 'silence' } } }, leaves: 'queued' },
  { name: 'falls silent after the body', script: { on: { DOT: { afterwards: 'silence' } } }, leaves: 'unknown' },
  { name: 'never greets', script: { on: { CONNECT: { afterwards: 'silence' } } }, leaves: 'queued' },
]
const PLACES = [
  {
    who: 'neither is known by name',
    dead: 'dead.example',
    deadHost: 'mx.dead.test',
    fine: 'fine.example',
    fineHost: 'mx.fine.test',
  },
  {
    who: 'both are known by name',
    dead: 'yahoo.com',
    deadHost: 'mta5.yahoodns.net',
    fine: 'gmail.com',
    fineHost: 'mx.google.com',
  },
]

test.for(PLACES.flatMap((place) => DEATHS.map((death) => ({ ...place, ...death }))))(
  'a receiver that $name, where $who: the other gets its mail as fast as before',
  async ({ dead, deadHost, fine, fineHost, script }) => {
    const [silent, healthy] = [await smtpServer(script), await smtpServer({})]
    onTestFinished(async () => void (await Promise.all([silent.close(), healthy.close()])))
    const { w, overrides, ports } = await directWorld({
      clock: runningClock(),
      servers: { [deadHost]: silent.port, [fineHost]: healthy.port },
      dns: { [dead]: { mx: [`10 ${deadHost}`] }, [fine]: { mx: [`10 ${fineHost}`] } },
    })
    const mails = (domain: string, name: string) =>
      Array.from({ length: MAILS }, (_, i) => aMessage({ to: [`${name}${i}@${domain}`] }))
    const dispatcher = w.dispatcher(overrides)

    const promised = await submitEach(w, mails(fine, 'alone'))
    const aloneSinceMs = performance.now()
    dispatcher.start()
    await healthy.when((server) => server.received().length >= MAILS)
    const aloneMs = performance.now() - aloneSinceMs

    promised.push(...(await submitEach(w, mails(dead, 'r'))))
    dispatcher.wake()
    await silent.when((server) => server.open >= 1)
    const later = mails(fine, 'beside')
    promised.push(...(await submitEach(w, later.slice(0, 1))))
    await w.submitAll(later.slice(1))
    const besideSinceMs = performance.now()
    dispatcher.wake()
    await healthy.when((server) => server.received().length >= 2 * MAILS)
    const besideMs = performance.now() - besideSinceMs
    console.info(`${MAILS} mails in ${Math.round(aloneMs)} ms alone, in ${Math.round(besideMs)} ms beside a dead receiver`)
    expect(besideMs).toBeLessThan(2 * aloneMs + 2_000)

    await dispatcher.stop(100)
    await using revived = await smtpServer({})
    ports.set(deadHost, revived.port)
    await drain(w, { overrides, stepMs: 10 * MINUTE })
    const judgement = await judgeWorld(
      w,
      promised,
      [silent, healthy, revived].flatMap(({ messages }) => messages),
    )
    expect(judgement).toMatchObject(SPOTLESS)
    expect(judgement.duplicates.length).toBeLessThanOrEqual(judgement.unknownEvents)
  },
)

test('three receivers without a name that fall silent after the body have hundreds of mails in hand: a fourth gets its own within seconds', async () => {
  const silent = await smtpServer({ on: { DOT: { afterwards: 'silence' } } })
  const healthy = await smtpServer({})
  onTestFinished(async () => void (await Promise.all([silent.close(), healthy.close()])))
  const dead = ['one', 'two', 'three'].map((name) => ({ domain: `${name}.example`, host: `mx.${name}.test` }))
  const { w, overrides, ports } = await directWorld({
    clock: runningClock(),
    servers: { 'mx.fine.test': healthy.port, ...Object.fromEntries(dead.map(({ host }) => [host, silent.port])) },
    dns: {
      'fine.example': { mx: ['10 mx.fine.test'] },
      ...Object.fromEntries(dead.map(({ domain, host }) => [domain, { mx: [`10 ${host}`] }])),
    },
  })
  const mails = (domain: string) => Array.from({ length: MAILS }, (_, i) => aMessage({ to: [`r${i}@${domain}`] }))
  const dispatcher = w.dispatcher(overrides)
  dispatcher.start()
  const promised = await submitEach(
    w,
    dead.flatMap(({ domain }) => mails(domain)),
  )
  dispatcher.wake()
  const inHand = () => dispatcher.status().inHand
  // It is as full of them as it gets.
  await waitUntil(() => inHand() > 300, { limitMs: 15_000 })
  promised.push(...(await submitEach(w, mails('fine.example'))))
  const sinceMs = performance.now()
  dispatcher.wake()
  const all = waitUntil(() => healthy.received().length >= MAILS, { limitMs: 40_000 })
  const isThere = await all
  const tookMs = performance.now() - sinceMs
  console.info(`${inHand()} in hand, ${healthy.received().length} arrived after ${Math.round(tookMs)} ms`)
  expect(isThere).toBe(true)
  // Ten minutes is how long such a receiver is waited for.
  expect(tookMs).toBeLessThan(20_000)
  await dispatcher.stop(100)
  await using revived = await smtpServer({})
  for (const { host } of dead) ports.set(host, revived.port)
  await drain(w, { overrides, stepMs: 10 * MINUTE })
  expect(
    await judgeWorld(
      w,
      promised,
      [silent, healthy, revived].flatMap(({ messages }) => messages),
    ),
  ).toMatchObject(SPOTLESS)
})
