import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { HELP } from '../../src/cli/help.ts'
import { knownSchemaVersion } from '../../src/db/migrate.ts'
import { parseSmtpUrl } from '../../src/lib/smtp-url.ts'
import { preparedData, temporaryFolder } from '../support/embedded-postgres.ts'
import { refusedPort, smtpServer } from '../support/smtp-server.ts'
import { API_KEY, runWaybill, startWaybill } from '../support/waybill.ts'

vi.setConfig({ testTimeout: 120_000 })
const NOWHERE = '/nonexistent'
const COMMANDS = ['start', 'migrate', 'doctor', 'send', 'inspect', 'backup', 'restore', 'console'] as const

test.each(COMMANDS)('waybill %s --help says what it is for, what to know, and how it is typed', async (command) => {
  const { code, stdout, stderr } = await runWaybill(NOWHERE, [command, '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(new RegExp(`^Usage: waybill ${command} `))
  expect(stdout).toContain(HELP[command].trim())
})

test('waybill --help lists every command, and so does a call without any', async () => {
  const help = await runWaybill(NOWHERE, ['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const command of COMMANDS) expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
  expect(help.stdout).toContain(HELP.waybill.trim())
  const bare = await runWaybill(NOWHERE, [])
  expect(bare).toEqual({ code: 1, stdout: '', stderr: help.stdout })
})

test('every address and every option in a help text is one that Waybill takes', async () => {
  const everything = Object.values(HELP).join('\n')
  const urls = everything.match(/smtps?:\/\/[^\s";]+/g) ?? []
  expect(urls.length).toBeGreaterThan(3)
  for (const url of urls) expect(parseSmtpUrl(url), url).toMatchObject({ ok: true })
  const typed = [...everything.matchAll(/waybill (doctor domain|import contacts|\w+)(?: |$)([^\n]*)/g)]
  const taken = new Map<string, Promise<string>>()
  const helpOf = async (command: string) => (await runWaybill(NOWHERE, [...command.split(' '), '--help'])).stdout
  for (const [, command = ''] of typed) taken.set(command, taken.get(command) ?? helpOf(command))
  for (const [, command = '', rest = ''] of typed) {
    for (const option of rest.match(/--[\w-]+/g) ?? []) expect(await taken.get(command), command).toContain(` ${option} `)
  }
})

test.each([
  [['sned'], /unknown command 'sned'\n\(Did you mean send\?\)/],
  [['start', 'now'], /too many arguments for 'start'/],
  [['backup'], /missing required argument 'folder'/],
  [['send', '--wiat', '3'], /unknown option '--wiat'\n\(Did you mean --wait\?\)/],
  [['send', '--wait', 'long'], /'--wait <seconds>' argument 'long' is invalid\. Expected a number of seconds from 0 to 86400\./],
  [
    ['send', '--stream', 'fast'],
    /'--stream <stream>' argument 'fast' is invalid\. Expected transactional, conversation or bulk\./,
  ],
])('waybill %j is refused with what was meant, and does nothing', async (args, why) => {
  const { code, stdout, stderr } = await runWaybill(NOWHERE, args)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(why)
  expect(stderr).toContain('(waybill --help lists the commands.)')
})

test('wrong settings are named all together, each with its value and what was expected', async () => {
  const env = { WAYBILL_PORT: '80a', WAYBILL_ROLES: 'web,mail', WAYBILL_SECRET: 'short', WAYBILL_ADMIN_EMAIL: 'ann@example.org' }
  for (const args of [['start'], ['backup', '/tmp/none']]) {
    expect(await runWaybill(NOWHERE, args, { env })).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'Waybill cannot start with these settings:',
        '  WAYBILL_PORT is "80a"; expected a whole number from 0 (any free port) to 65535.',
        '  WAYBILL_SECRET is (5 characters, not shown); expected 32 characters or more.',
        '  WAYBILL_ROLES is "web,mail"; expected one or more of web, smtp, delivery, inbound, jobs, separated by commas.',
        '  WAYBILL_ADMIN_EMAIL is set but WAYBILL_ADMIN_PASSWORD is not; expected both or neither.',
        '',
      ].join('\n'),
    })
  }
})

test('waybill doctor finds nothing wrong with a server that takes mail, without sending any, and ends with 0', async () => {
  await using server = await smtpServer({ auth: { mechanisms: ['PLAIN'], user: 'shop', password: 'p@ss' } })
  const url = `smtp://shop:p%40ss@127.0.0.1:${server.port}?security=none`
  const { code, stdout, stderr } = await runWaybill(NOWHERE, [
    'doctor',
    url,
    '--from',
    'ann@example.com',
    '--to',
    'bob@example.org',
  ])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.trimEnd().split('\n').length).toBeGreaterThan(5)
  expect(stdout).not.toContain('p@ss')
  expect(server.messages).toEqual([])
  expect(server.commands()).not.toContain('DATA')
})

test('waybill doctor says what is wrong, why, and what can be done, and ends with 1', async () => {
  await using server = await smtpServer({ auth: { mechanisms: ['PLAIN'], user: 'shop', password: 'p@ss' } })
  const wrong = await runWaybill(NOWHERE, ['doctor', `smtp://shop:guess@127.0.0.1:${server.port}?security=none`])
  expect(wrong.code).toBe(1)
  expect(wrong.stdout).toMatch(/535/)
  expect(wrong.stdout).not.toContain('guess')
  const port = await refusedPort()
  const refused = await runWaybill(NOWHERE, ['doctor', `smtp://127.0.0.1:${port}`])
  expect(refused.code).toBe(1)
  expect(refused.stdout).toContain(`127.0.0.1:${port}`)
  expect(await runWaybill(NOWHERE, ['doctor', 'http://mail.example.com'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'This is not an address of a mail server: expected smtp://user:password@host:587?security=starttls.\n',
  })
})

test('waybill migrate brings an empty folder to the newest version, and does nothing the second time', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const newest = `is at version ${await knownSchemaVersion()}, the newest this Waybill knows.\n`
  for (let time = 0; time < 2; time++) {
    expect(await runWaybill(dataDir, ['migrate'])).toMatchObject({ code: 0, stdout: expect.stringContaining(newest) })
  }
})

test('waybill console answers lines from a pipe beside a running server, and ends with them', async () => {
  const dataDir = await preparedData()
  const server = await startWaybill(dataDir, { WAYBILL_API_KEY: API_KEY })
  await server.api('POST', '/v1/messages', { from: 'shop@example.com', to: ['ann@example.org'], subject: 'Hello', text: 'Hi' })
  const lines = [
    'workspace.name',
    '(await reading.listDeliveries(db, workspace.id, {}, { after: null, limit: 20 }, store.clock.now())).map(({ recipient }) => recipient)',
    'await invariants()',
    "await acts.actOnDelivery(null, workspace.id, 'none', 'hold', null, new Date())",
    '',
    'const six = () => {',
    '  return 6',
    '}',
    'six() * 7',
  ]
  const { code, stdout } = await runWaybill(dataDir, ['console'], { input: `${lines.join('\n')}\n` })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^'Waybill'\n\[ 'ann@example\.org' \]\n\[\]\nUncaught TypeError: .*undefined\n42\n$/s)
  expect((await server.fetch('/healthz')).status).toBe(200)
})
