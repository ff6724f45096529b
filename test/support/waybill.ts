import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { ConnectionParts } from '../../src/db/connection.ts'
import { lockOwner } from '../../src/db/embedded/lock.ts'
import { readPostmasterFile } from '../../src/db/embedded/orphan.ts'
import { runningProcess } from '../../src/db/embedded/process.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { CHECKOUT } from './checkout.ts'
import { SMTP_PORTS_OFF } from './ports-off.ts'

export const API_KEY = 'a key of thirty-two characters, or more'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  /** Standard input. */
  readonly input?: string | Buffer
}

/** The command line in a process of its own, with nothing of this one's environment. Killed with its database when the test ends. */
export function spawnWaybill(dataDir: string, args: readonly string[], { env = {}, input }: Surroundings = {}): ChildProcess {
  const child = spawn(join(CHECKOUT, 'bin/waybill'), args, {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', WAYBILL_DATA_DIR: dataDir, ...SMTP_PORTS_OFF, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    await endDatabaseOf(dataDir)
  })
  return child
}

/** Runs a command to its end. */
export async function runWaybill(dataDir: string, args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  return outcomeOf(spawnWaybill(dataDir, args, surroundings))
}

export async function outcomeOf(child: ChildProcess): Promise<Ran> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { code, stdout, stderr }
}

export interface RunningWaybill {
  readonly child: ChildProcess
  readonly url: string
  /** Everything it has said so far. */
  said(): string
  /** With the key of `API_KEY`. The body of the answer; one that is no success fails the test. */
  api<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** The answer as it is. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Sends a signal and answers how it ended. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** A server on a free port, up and answering. One that ends before fails the test with what it said. */
export async function startWaybill(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<RunningWaybill> {
  const child = spawnWaybill(dataDir, ['start'], { env: { WAYBILL_PORT: '0', WAYBILL_API_KEY: API_KEY, ...env } })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout!).on('line', (line) => {
      said += `${line}\n`
      const found = /http:\/\/[^\s/]+/.exec(line)
      if (found) resolve(found[0])
    })
    child.once('close', () => reject(new Error(`Waybill ended: ${said}`)))
  })
  const fetchFrom = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${API_KEY}`, ...init.headers } })
  return {
    child,
    url,
    said: () => said,
    fetch: fetchFrom,
    async api(method, path, body) {
      const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const response = await fetchFrom(path, { method, ...json })
      const answer = await response.text()
      if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${answer}`)
      return answer === '' ? undefined : JSON.parse(answer)
    },
    async end(signal) {
      const ended = once(child, 'exit')
      child.kill(signal)
      const [code, by] = await ended
      return { code, signal: by }
    },
  }
}

/** How the database of a running server is reached. */
export async function connectionOf(dataDir: string): Promise<ConnectionParts> {
  const owner = await lockOwner(dataDir)
  if (!owner?.connection) throw new Error(`nobody serves the database of ${dataDir}`)
  return owner.connection
}

/** A Waybill that was killed leaves its PostgreSQL running; its folder is about to be removed. */
async function endDatabaseOf(dataDir: string): Promise<void> {
  const pid = (await readPostmasterFile(join(dataDir, 'postgres', 'data')))?.pid
  if (pid === undefined) return
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    return
  }
  await waitUntil(async () => (await runningProcess(pid)) === null, { limitMs: 30_000 })
}
