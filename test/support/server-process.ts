import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { CHECKOUT } from './checkout.ts'
import { SMTP_PORTS_OFF } from './ports-off.ts'

export const API_KEY = 'a key for tests that is long enough for anybody'
const START_WITHIN_MS = 60_000

export interface ServerSettings {
  readonly dataDir: string
  readonly port: number
  /** Left out: a PostgreSQL of its own in the data folder. */
  readonly databaseUrl?: string
  readonly smtpPort: number
  /** How many files it may have open. */
  readonly openFiles?: number
  /** More of the environment, such as WAYBILL_FAIL. */
  readonly env?: Readonly<Record<string, string>>
}

/** Waybill as people run it, in a process of its own, which a test may end in any way. */
export class ServerProcess {
  readonly url: string
  /** Everything that it and its predecessors said. */
  readonly said: string[] = []
  readonly settings: ServerSettings
  #child: ChildProcess | null = null
  #ended: Promise<string> = Promise.resolve('not started')

  constructor(settings: ServerSettings) {
    this.settings = settings
    this.url = `http://127.0.0.1:${settings.port}`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** How the process ended: its exit code, or the signal. */
  get ended(): Promise<string> {
    return this.#ended
  }

  /** Starts it, and resolves when it is ready; or when it has ended before, for some are told to. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<'ready' | string> {
    const { dataDir, port, databaseUrl, smtpPort, openFiles } = this.settings
    const command = [process.execPath, join(CHECKOUT, 'src', 'main.ts'), 'start']
    const limited = openFiles === undefined ? command : ['/bin/sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, ...command]
    const child = spawn(limited[0]!, limited.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        NODE_ENV: 'test',
        WAYBILL_DATA_DIR: dataDir,
        WAYBILL_PORT: String(port),
        WAYBILL_SMTP_URL: `smtp://127.0.0.1:${smtpPort}?security=none`,
        WAYBILL_API_KEY: API_KEY,
        WAYBILL_ADMIN_EMAIL: 'ann@example.com',
        WAYBILL_ADMIN_PASSWORD: 'four words make it long',
        WAYBILL_LOG_LEVEL: 'warn',
        ...SMTP_PORTS_OFF,
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
        ...this.settings.env,
        ...env,
      },
    })
    this.#child = child
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>
    this.#ended = exited.then(([code, signal]) => signal ?? String(code))
    const greeted = Promise.withResolvers<'ready'>()
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8')
      stream?.on('data', (text: string) => {
        this.said.push(text)
        if (text.includes('Waybill is running')) greeted.resolve('ready')
      })
    }
    const tooLate = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS)
    const first = await Promise.race([greeted.promise, this.#ended])
    clearTimeout(tooLate)
    return first
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** From one moment to the next. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#ended
  }

  /** As an administrator does it. */
  async terminate(): Promise<string> {
    this.signal('SIGTERM')
    return this.#ended
  }

  /** The last things it said, for a test that fails. */
  get lastWords(): string {
    return this.said.join('').slice(-4_000)
  }
}

/** A port of this machine that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
