/** The real server with the real interface, a database of its own, a scripted mail server at the far end, and a browser that looks at it. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, expect, onTestFinished } from 'vitest'
import { type App, startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import type { ConnectionParts } from '../../src/db/connection.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/log.ts'
import { cloneDatabase } from '../support/database.ts'
import { SMTP_PORTS_OFF } from '../support/ports-off.ts'
import type { SmtpScript } from '../support/smtp-script.ts'
import { type ScriptedSmtpServer, smtpServer } from '../support/smtp-server.ts'

export const OWNER = { email: 'ann@shop.example', password: 'four words make it long' }
export const API_KEY = 'a-key-for-tests-of-the-console-0123456789'
const CHECKOUT = join(import.meta.dirname, '..', '..')

export interface Console {
  readonly url: string
  /** What the server prints for whoever started it. */
  readonly greeting: readonly string[]
  readonly smtp: ScriptedSmtpServer
  /** For what no press of a button brings about: a week of figures. */
  readonly database: ConnectionParts
  /** The API, as an application uses it. */
  api<Reply = unknown>(method: string, path: string, body?: unknown): Promise<Reply>
}

interface Options {
  /** False: a server that nobody has set up. */
  readonly isSetUp?: boolean
  readonly script?: SmtpScript
  /** More settings of the server. */
  readonly env?: Readonly<Record<string, string>>
  /** False: mail stays in the sandbox. */
  readonly withRelay?: boolean
  /** What the server takes the time of day for, by the true one. */
  readonly clockBy?: (clock: Clock) => Clock
}

let isBuilt = false

/** Does nothing when the interface is built from these very sources; once for all files of a process. */
function buildInterface(): void {
  if (!isBuilt) execFileSync('sh', ['bin/setup', '--ui'], { cwd: CHECKOUT, stdio: 'pipe' })
  isBuilt = true
}

/** One server for this test file. Call it at the top of the file. */
export async function testConsole({
  isSetUp = true,
  script = {},
  env = {},
  withRelay = true,
  ...time
}: Options = {}): Promise<Console> {
  buildInterface()
  const smtp = await smtpServer(script)
  const { connection, drop } = await cloneDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'waybill-console-'))
  const database = `postgresql://${connection.user}@localhost/${connection.database}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`
  const config = readConfig({
    ...SMTP_PORTS_OFF,
    WAYBILL_PORT: '0',
    WAYBILL_URL: 'http://127.0.0.1:0',
    WAYBILL_DATA_DIR: dataDir,
    ...env,
    DATABASE_URL: database,
    ...(isSetUp && { WAYBILL_ADMIN_EMAIL: OWNER.email, WAYBILL_ADMIN_PASSWORD: OWNER.password, WAYBILL_API_KEY: API_KEY }),
    ...(isSetUp && withRelay && { WAYBILL_SMTP_URL: `smtp://127.0.0.1:${smtp.port}?security=none` }),
  })
  const app = await startApp(config, createLog({ level: 'silent' }), () => {}, time)
  afterAll(async () => {
    await app.stop(2_000)
    await smtp.close()
    await drop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { url: app.url, greeting: app.greeting, smtp, database: connection, api: apiOf(app) }
}

function apiOf({ url }: App): Console['api'] {
  return async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${API_KEY}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as never
  }
}

interface Look extends BrowserContextOptions {
  readonly signedIn?: boolean
  /** Faults on the page that this test brings about on purpose. */
  readonly expects?: RegExp
}

export interface Seen {
  readonly page: Page
  readonly context: BrowserContext
  /** Every request that left for somewhere else than the console. */
  readonly elsewhere: readonly string[]
}

/**
 * A page of a person of its own. The test fails when the page logs an error, breaks its content security policy, throws, or opens a dialog
 * of the browser's. What a page whose test failed showed is printed, and a picture of it is left in the folder for temporary files.
 */
export async function look(
  browser: Browser,
  { url }: Console,
  { signedIn = true, expects, ...options }: Look = {},
): Promise<Seen> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const faults: string[] = []
  const elsewhere: string[] = []
  // What the page's own policy stopped never left: Chromium says so when it fails.
  context.on('requestfinished', (request) => note(request.url()))
  context.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'csp') note(request.url())
  })
  const note = (address: string) => {
    if (!address.startsWith(url)) elsewhere.push(address)
  }
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
  })
  onTestFinished(async ({ task }) => {
    const failed = task.result?.state === 'fail'
    if (failed) await tell(page, task.name)
    await context.close()
    if (!failed) expect(faults.filter((fault) => !expects?.test(fault))).toEqual([])
  })
  if (signedIn) await signIn(page)
  return { page, context, elsewhere }
}

async function tell(page: Page, test: string): Promise<void> {
  const shown = await page.locator('body').innerText({ timeout: 2_000 }).catch(String)
  console.error(`The page of "${test}", ${page.url()}, showed:\n${shown.slice(0, 4_000)}`)
  await page.screenshot({ path: join(tmpdir(), `waybill-${test.replace(/\W+/g, '-').slice(0, 80)}.png`) }).catch(() => {})
}

/** Through the API, as the form does it; the form has a test of its own. */
export async function signIn(page: Page, who: { email: string; password: string } = OWNER): Promise<void> {
  const response = await page.request.post('/v1/sign-in', { data: who, headers: { connection: 'close' } })
  expect(response.status()).toBe(200)
}

export interface Sent {
  readonly id: string
  readonly deliveries: ReadonlyArray<{ readonly id: string; readonly recipient: string }>
}

export function send(console: Console, message: Record<string, unknown> = {}): Promise<Sent> {
  const usual = {
    from: 'Shop <shop@shop.example>',
    to: 'bob@example.org',
    subject: 'Your sign-in code',
    text: 'Your code is 142857.',
  }
  return console.api<Sent>('POST', '/v1/messages', { ...usual, ...message })
}

/** The list of whatever the page is of, once it is there. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('h1').first().waitFor()
}

/** By its label, what has the focus; empty where nothing has. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement?.getAttribute('aria-label') ?? ''")
}
