import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { preparedData, temporaryFolder } from '../support/embedded-postgres.ts'
import { gate } from '../support/gate.ts'
import { type ScriptedSmtpServer, smtpServer } from '../support/smtp-server.ts'
import { type RunningWaybill, startWaybill } from '../support/waybill.ts'

vi.setConfig({ testTimeout: 120_000 })
/** Throws where nobody catches, and fails where nobody waits, whenever the process is told to. */
const FAULTS = `
  process.on('SIGUSR2', () => setTimeout(() => { throw new Error('planted in a callback') }))
  process.on('SIGWINCH', () => void Promise.reject(new Error('planted in a promise')))`

async function aServer(env: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder()
  const relay = await smtpServer()
  onTestFinished(() => relay.close())
  const faults = join(folder, 'faults.mjs')
  await writeFile(faults, FAULTS)
  const dataDir = await preparedData(folder)
  const settings = {
    WAYBILL_SMTP_URL: `smtp://127.0.0.1:${relay.port}?security=none`,
    NODE_OPTIONS: `--import=${faults}`,
    ...env,
  }
  return { relay, dataDir, start: () => startWaybill(dataDir, settings) }
}

async function post(server: RunningWaybill, to: readonly string[]): Promise<void> {
  await server.api('POST', '/v1/messages', { from: 'shop@example.com', to, subject: 'Hello', text: 'Hi' })
}

async function statesOf(server: RunningWaybill): Promise<Record<string, string>> {
  const { items } = await server.api<{ items: { recipient: string; state: string }[] }>('GET', '/v1/deliveries?limit=100')
  return Object.fromEntries(items.map(({ recipient, state }) => [recipient, state]))
}

/** Mail whose body is with the relay, which says nothing about it until the gate is opened. */
async function mailInFlight(server: RunningWaybill, relay: ScriptedSmtpServer) {
  const answer = gate()
  relay.always('DOT', { after: answer, reply: '250 2.0.0 taken' })
  const to = Array.from({ length: 5 }, (_, i) => `r${i}@example.org`)
  for (const recipient of to) await post(server, [recipient])
  await relay.when(({ messages }) => messages.length > 0)
  return { to, answer }
}

test('told to stop while mail is in flight, it waits for the answers: nothing is unheard afterwards, and nothing sent twice', async () => {
  const { relay, start } = await aServer()
  const server = await start()
  const { to, answer } = await mailInFlight(server, relay)
  const ended = server.end('SIGTERM')
  await expect.poll(() => server.said(), { timeout: 30_000 }).toContain('SIGTERM: finishing what is in flight')
  answer.open()
  expect(await ended).toEqual({ code: 0, signal: null })

  relay.always('DOT', null)
  const next = await start()
  await expect
    .poll(() => statesOf(next), { timeout: 20_000 })
    .toEqual(Object.fromEntries(to.map((recipient) => [recipient, 'sent'])))
  expect(relay.received().toSorted()).toEqual(to)
  expect(next.said()).not.toContain('error')
})

test('a relay that never answers keeps it from stopping for ten seconds and no longer; only what it has is unheard', async () => {
  const { relay, start } = await aServer()
  const server = await start()
  const { to } = await mailInFlight(server, relay)
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
  const had = relay.received()
  relay.always('DOT', null)
  const next = await start()
  const all = Object.fromEntries(to.map((recipient) => [recipient, had.includes(recipient) ? 'unknown' : 'sent']))
  await expect.poll(() => statesOf(next), { timeout: 20_000 }).toEqual(all)
})

test('told to stop while the sandbox is keeping mail, it leaves nothing unheard either', async () => {
  const { start } = await aServer({ WAYBILL_SMTP_URL: '' })
  const server = await start()
  const to = ['slow@example.org', ...Array.from({ length: 30 }, (_, i) => `r${i}@example.org`)]
  await post(server, to)
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
  const next = await start()
  await expect
    .poll(() => statesOf(next), { timeout: 20_000 })
    .toEqual(Object.fromEntries(to.map((recipient) => [recipient, 'sent'])))
})

test('a fault that nobody caught is logged, what is in flight is finished, and the process ends with 1', async () => {
  const { relay, start } = await aServer()
  const server = await start()
  const { to, answer } = await mailInFlight(server, relay)
  const ended = server.end('SIGUSR2')
  await expect.poll(() => server.said(), { timeout: 30_000 }).toContain('planted in a callback')
  expect(server.said()).toContain('a fault that nobody caught: what is in flight is finished, then this process ends')
  answer.open()
  expect(await ended).toEqual({ code: 1, signal: null })

  relay.always('DOT', null)
  const next = await start()
  await expect
    .poll(() => statesOf(next), { timeout: 20_000 })
    .toEqual(Object.fromEntries(to.map((recipient) => [recipient, 'sent'])))
  expect(relay.received().toSorted()).toEqual(to)
})

test('a fault that nobody waited for is logged, and the server goes on', async () => {
  const { relay, start } = await aServer()
  const server = await start()
  server.child.kill('SIGWINCH')
  await expect.poll(() => server.said(), { timeout: 30_000 }).toContain('planted in a promise')
  expect(server.said()).toContain('this process goes on')
  await post(server, ['ann@example.org'])
  await relay.when((far) => far.received().includes('ann@example.org'))
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
})

test('a reader of its output who goes away, as a closed terminal does, ends nothing', async () => {
  const { relay, start } = await aServer({ WAYBILL_LOG_LEVEL: 'trace' })
  const server = await start()
  server.child.stdout?.destroy()
  server.child.stderr?.destroy()
  // Each of these is a line in the log.
  for (let i = 0; i < 5; i++) expect((await server.fetch('/v1/me')).status).toBe(200)
  await post(server, ['ann@example.org'])
  await relay.when((far) => far.received().includes('ann@example.org'))
  expect(await server.end('SIGHUP')).toEqual({ code: 0, signal: null })
})
