import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { preparedData, temporaryFolder } from '../support/embedded-postgres.ts'
import { API_KEY, type Ran, type RunningWaybill, runWaybill, startWaybill } from '../support/waybill.ts'

vi.setConfig({ testTimeout: 120_000 })
const FROM = ['--from', 'Shop <shop@example.com>', '--subject', 'Hello']
const ID = /^[0-9a-f-]{36}\n$/

interface Shown {
  readonly text: string | null
  readonly html: string | null
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

/** What the sandbox kept of the message that a command said it sent, by recipient. */
async function keptOf(server: RunningWaybill, { stdout }: Ran): Promise<Record<string, Shown>> {
  const { items } = await server.api<{ items: { id: string; message_id: string; recipient: string }[] }>(
    'GET',
    '/v1/sandbox/mails',
  )
  const ours = items.filter(({ message_id }) => message_id === stdout.trim())
  const shown = ours.map(
    async ({ id, recipient }) => [recipient, await server.api<Shown>('GET', `/v1/sandbox/mails/${id}`)] as const,
  )
  return Object.fromEntries(await Promise.all(shown))
}

test('waybill send says what became of each recipient, and by its exit code that somebody did not get it', async () => {
  const dataDir = await preparedData()
  const server = await startWaybill(dataDir)
  const send = (...args: string[]) => runWaybill(dataDir, ['send', ...FROM, ...args])

  const sent = await send('--text', 'Hi', '--to', 'ann@example.org')
  expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(ID) })
  expect(sent.stderr).toContain(`Its waybill: http://localhost:8025/messages/${sent.stdout.trim()}\n`)
  expect(sent.stderr).toContain('ann@example.org: sent: 250 2.0.0 Kept in the sandbox\n')

  const bounced = await send('--text', 'Hi', '--to', 'ann@example.org', '--to', 'bounce@example.org')
  expect(bounced.code).toBe(1)
  expect(bounced.stderr).toContain('ann@example.org: sent')
  expect(bounced.stderr).toMatch(/^bounce@example\.org: bounced: .*550 5\.1\.1/m)

  const waiting = await send('--text', 'Hi', '--to', 'full@example.org', '--wait', '2')
  expect(waiting.stderr).toMatch(/^full@example\.org: queued: .*452 4\.2\.2.*; next try \d\d:\d\d:\d\d$/m)
  expect(waiting).toMatchObject({ code: 0, stderr: expect.stringContaining('1 of 1 still under way after 2 seconds') })

  const unwatched = await send('--text', 'Hi', '--to', 'slow@example.org', '--wait', '0')
  expect(unwatched).toMatchObject({ code: 0, stdout: expect.stringMatching(ID) })
  expect(unwatched.stderr).not.toContain('slow@example.org')

  expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
  const alone = await send('--text', 'Hi', '--to', 'ann@example.org', '--wait', '5')
  expect(alone).toMatchObject({ code: 0, stdout: expect.stringMatching(ID) })
  expect(alone.stderr).toContain('Nobody has taken it up yet. It is stored, and goes out when a server runs: npm start.')
})

test('its body comes from an option, from standard input or from a file; a finished mail goes to whom its headers or --to name', async () => {
  const folder = await temporaryFolder()
  const dataDir = await preparedData(folder)
  const server = await startWaybill(dataDir)

  const typed = await runWaybill(dataDir, ['send', ...FROM, '--to', 'ann@example.org', '--bcc', 'bob@example.org'], {
    input: 'Gr\u00fc\u00dfe,\nzwei Zeilen\n',
  })
  expect(typed.code).toBe(0)
  const letters = await keptOf(server, typed)
  expect(Object.keys(letters).toSorted()).toEqual(['ann@example.org', 'bob@example.org'])
  expect(letters['ann@example.org']).toMatchObject({
    html: null,
    text: expect.stringMatching(/^Gr\u00fc\u00dfe,\r?\nzwei Zeilen/),
  })
  expect(JSON.stringify(letters['ann@example.org'])).not.toContain('bob@example.org')

  const html = await runWaybill(dataDir, ['send', ...FROM, '--to', 'ann@example.org', '--html', '<p>Hi <b>Ann</b></p>'])
  expect((await keptOf(server, html))['ann@example.org']?.html).toContain('<b>Ann</b>')

  const mail = join(folder, 'mail.eml')
  await writeFile(
    mail,
    'From: Shop <shop@example.com>\r\nTo: ann@example.org, cid@example.org\r\nSubject: Finished\r\n\r\nAs it is\r\n',
  )
  const finished = await runWaybill(dataDir, ['send', '--file', mail])
  expect(Object.keys(await keptOf(server, finished)).toSorted()).toEqual(['ann@example.org', 'cid@example.org'])
  const overridden = await runWaybill(dataDir, ['send', '--file', mail, '--to', 'dora@example.org'])
  const kept = await keptOf(server, overridden)
  expect(Object.keys(kept)).toEqual(['dora@example.org'])
  expect(kept['dora@example.org']).toMatchObject({ text: expect.stringContaining('As it is') })
  expect(JSON.stringify(kept['dora@example.org']?.headers)).toContain('ann@example.org, cid@example.org')
})

test('what cannot be sent is refused in one sentence, and nothing is stored', async () => {
  const folder = await temporaryFolder()
  const dataDir = await preparedData(folder)
  const large = join(folder, 'large.eml')
  await writeFile(large, Buffer.alloc(37 * 1024 * 1024, 'x'))
  const refused = async (args: readonly string[], why: RegExp, input?: Buffer) => {
    const ran = await runWaybill(dataDir, ['send', ...args], input ? { input } : {})
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.not.stringMatching(/\n {4}at /) })
    expect(ran.stderr.trimEnd().split('\n').at(-1)).toMatch(why)
  }
  await refused(
    [...FROM, '--to', 'ann@example.org', '--text', 'Hi'],
    /^There is no workspace yet\. Run `npm start` and open the address it prints/,
  )

  const server = await startWaybill(dataDir, { WAYBILL_API_KEY: API_KEY })
  await refused(['--to', 'ann@example.org', '--text', 'Hi'], /^Say who sends it: --from me@example\.com\.$/)
  await refused([...FROM, '--text', 'Hi'], /recipient/)
  await refused([...FROM, '--to', 'ann at example.org', '--text', 'Hi'], /"ann at example\.org" is not an email address/)
  await refused([...FROM, '--to', 'ann@example.org\r\nBcc: bob@example.org', '--text', 'Hi'], /control character/)
  await refused(['--file', join(folder, 'missing.eml')], /^The file .*missing\.eml cannot be read: ENOENT/)
  await refused(['--file', folder], /^The file .* cannot be read: EISDIR/)
  await refused(['--file', large], /^The finished message would be larger than 36 MB\./)
  await refused(
    [...FROM, '--to', 'ann@example.org'],
    /^The finished message would be larger than 36 MB\./,
    Buffer.alloc(37 * 1024 * 1024, 'x'),
  )
  expect(await server.api('GET', '/v1/messages')).toMatchObject({ items: [] })
})
