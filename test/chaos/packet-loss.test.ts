import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { MINUTE } from '../../src/lib/clock.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { smtpSink, WITHOUT_SMTP_SINK } from '../support/smtp-sink.ts'
import { aMessage, world } from '../support/world.ts'
import { judgeWorld, runningClock, submitEach } from './support.ts'

const OUR_END = '10.213.77.1'
const THEIR_END = '10.213.77.2'
const run = (...command: readonly string[]): string =>
  execFileSync(command[0] ?? '', command.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Another network beside this one, with a wire in between that can be made to lose packets. Null where this user may not make one. */
function anotherNetwork(): { readonly within: readonly string[]; lose(share: number): void; heal(): void } | string {
  const name = `waybill-${process.pid}`
  const within = ['ip', 'netns', 'exec', name]
  const [ours, theirs] = [`wb${process.pid}a`.slice(-15), `wb${process.pid}b`.slice(-15)]
  try {
    run('ip', 'netns', 'add', name)
  } catch {
    return 'only root may make a network namespace (Debian: package iproute2)'
  }
  onTestFinished(() => void run('ip', 'netns', 'delete', name))
  try {
    run('ip', 'link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', name)
    run('ip', 'address', 'add', `${OUR_END}/30`, 'dev', ours)
    run('ip', 'link', 'set', ours, 'up')
    run(...within, 'ip', 'address', 'add', `${THEIR_END}/30`, 'dev', theirs)
    run(...within, 'ip', 'link', 'set', theirs, 'up')
    run(...within, 'iptables', '-L')
  } catch (error) {
    return `two networks cannot be joined here, or iptables is missing: ${(error as Error).message}`
  }
  return {
    within,
    // In both directions, each for itself.
    lose(share) {
      const rule = ['-m', 'statistic', '--mode', 'random', '--probability', String(share), '-j', 'DROP']
      for (const chain of ['INPUT', 'OUTPUT']) run(...within, 'iptables', '-A', chain, '-p', 'tcp', ...rule)
    },
    heal: () => void run(...within, 'iptables', '-F'),
  }
}

const MAILS = 60
const LOSSY_MS = 90_000

test('half of all packets are lost between us and the relay for a minute and a half: all of it settles, and what came twice was unknown before', async (context) => {
  if (WITHOUT_SMTP_SINK) return context.skip(WITHOUT_SMTP_SINK)
  const network = anotherNetwork()
  if (typeof network === 'string') return context.skip(network)
  await using sink = await smtpSink({ within: network.within, address: THEIR_END })
  const w = await world({
    clock: runningClock(),
    route: { host: THEIR_END, port: sink.port, allow_private: true },
    // A minute and a half stands for a day here: patience is cut as well.
    timeouts: { tcp: 5_000, banner: 5_000, ehlo: 5_000, mail: 5_000, rcpt: 5_000, data: 5_000, body: 5_000, dot: 5_000 },
  })
  const messages = Array.from({ length: MAILS }, (_, i) =>
    aMessage({
      to: [`r${i}@example.org`],
      stream: i % 2 === 0 ? 'transactional' : 'conversation',
      body: `${'x'.repeat(70)}\r\n`.repeat(20),
    }),
  )
  const promised = await submitEach(w, messages)
  network.lose(0.5)
  const dispatcher = w.dispatcher()
  dispatcher.start()
  const pass = async (): Promise<Set<string>> => {
    await sleep(1_000)
    w.clock.advance(MINUTE)
    await w.jobs()
    dispatcher.wake()
    return new Set(Object.values(await w.states()))
  }
  const endsAtMs = performance.now() + LOSSY_MS
  while (performance.now() < endsAtMs) await pass()
  const underLoss = (await judgeWorld(w, promised, await sink.received())).states
  network.heal()
  for (let i = 0; i < 120; i++) {
    const states = await pass()
    if (!states.has('queued') && !states.has('sending')) break
  }
  await dispatcher.stop(1_000)
  const judgement = await judgeWorld(w, promised, await sink.received())
  console.info('with half lost', underLoss, 'afterwards', judgement.states, judgement.duplicates.length, 'twice')
  expect(judgement).toMatchObject(SPOTLESS)
  expect(judgement.duplicates.length).toBeLessThanOrEqual(judgement.unknownEvents)
  expect(Object.keys(judgement.states).filter((state) => state !== 'sent' && state !== 'unknown')).toEqual([])
  expect(await w.suppressions()).toEqual([])
})
