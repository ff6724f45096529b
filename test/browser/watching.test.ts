import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { imapServer } from '../support/imap-server.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

/** Figures, alerts and findings as the watchers write them; what they write is tried where they are. */
async function plant(): Promise<string> {
  const client = new pg.Client(waybill.database)
  await client.connect()
  onTestFinished(() => client.end())
  const { rows } = await client.query<{ workspace_id: string; id: string }>(
    `select workspace_id, id from route where kind = 'smtp' and removed_at is null limit 1`,
  )
  const [route] = rows
  if (!route) throw new Error('no relay')
  const of = [route.workspace_id, route.id]
  await client.query(
    `insert into receiver_slot (workspace_id, route_id, receiver, at, sent, deferred, bounced, delivered, complained, times)
     select $1, $2, receiver, date_bin('5 minutes', now() - n * interval '1 hour', '2000-01-01T00:00:00Z'), sent, n, 2, delivered, 1, '{20,10,4,0,0,1,0,0,0,0,0,0}'
       from generate_series(0, 20) as n, (values ('google', 214, 0), ('microsoft', 90, 88), ('other', 35, 0)) as r (receiver, sent, delivered)
     on conflict do nothing`,
    of,
  )
  await client.query(
    `insert into receiver_alert (workspace_id, route_id, receiver, kind, usual, sentence, since, seen_at)
     values ($1, $2, 'google', 'not_arriving', 0.97, 'google: 0 delivered of 214 relayed in 30 minutes through Relay; usually 97 %.', now(), now()) on conflict do nothing`,
    of,
  )
  await client.query(
    `insert into receiver_usual (workspace_id, route_id, receiver, width_ms, relayed, attempts, windows, delivered, put_off, refused, computed_at)
     select $1, $2, receiver, 86400000, 5000, 5200, 7, share, 0.02, 0.01, now() from (values ('google', 0.97), ('microsoft', 0.98)) as r (receiver, share) on conflict do nothing`,
    of,
  )
  await client.query(
    `insert into reputation (workspace_id, subject_kind, subject, check_id, route_id, state, sentence, hint, since, checked_at)
     values ($1, 'address', '203.0.113.7', 'blocklist:zen.spamhaus.org', $2, 'bad', '203.0.113.7 is on Spamhaus ZEN (CSS: behaves like a spammer).', 'Find and stop what caused it first.', now(), now()),
            ($1, 'address', '203.0.113.7', 'reverse_dns', $2, 'good', '203.0.113.7 is called mail.shop.example.', '', now(), now()) on conflict do nothing`,
    of,
  )
  return route.id
}

test('the board says what does not arrive, never calls accepted mail delivered, and leads to the deliveries behind a figure', async () => {
  await plant()
  const { page } = await look(browser, waybill)
  await open(page, '/receivers')
  await page.getByText(/google: 0 delivered of \d+ relayed in .* through .*; usually 97 %\./).waitFor()
  const table = page.getByRole('table', { name: 'Receivers' })
  const google = table.getByRole('row').filter({ hasText: 'google' })
  await google.getByText('Does not arrive').waitFor()
  expect(await google.getByText('usually 97 %').count()).toBe(1)
  await table.getByRole('row').filter({ hasText: 'All others' }).getByText('not told').waitFor()
  await shot(page, 'receivers')
  await google.getByRole('link', { name: 'google' }).click()
  await page.getByRole('heading', { name: 'google' }).waitFor()
  await page.getByRole('table', { name: 'By route' }).waitFor()
  await shot(page, 'receiver')
  await page.getByRole('link', { name: 'Look at the deliveries' }).click()
  await expect.poll(() => page.getByLabel('Receiver', { exact: true }).first().inputValue()).toBe('Google')
  expect(new URL(page.url()).searchParams.get('receiver')).toBe('google')
})

test('a canary is set up with its mailbox in one form, and its mailbox can be tried', async () => {
  const imap = await imapServer()
  onTestFinished(() => imap.close())
  await waybill.api('POST', '/v1/mailboxes', {
    name: 'Seed',
    address: 'seed@gmail.test',
    host: '127.0.0.1',
    port: imap.port,
    security: 'none',
    username: 'seed',
    password: 'a password for tests',
    allow_private: true,
  })
  const { page } = await look(browser, waybill, { expects: /status of 422/ })
  await open(page, '/canaries')
  await page.getByRole('button', { name: 'Try: Seed' }).click()
  await page.getByText('Can be read', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Add a canary' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name', { exact: true }).fill('Gmail seed')
  await form.getByLabel('Receiver', { exact: true }).fill('google')
  await form.getByLabel('Mailbox', { exact: true }).first().click()
  await page.getByRole('option', { name: 'Seed (seed@gmail.test)' }).click()
  await form.getByLabel('Sent from').fill('check@shop.example')
  await form.getByRole('switch', { name: 'WAYBILL_SMTP_URL' }).press('Space')
  await form.getByRole('button', { name: 'Start watching' }).click()
  await page.getByRole('heading', { name: 'Gmail seed' }).waitFor()
  // The probe leaves by itself, and its waybill can be opened.
  await page.getByRole('link', { name: 'under way' }).waitFor({ timeout: 30_000 })
  await shot(page, 'canaries')
}, 60_000)

test('reputation shows what harms mail first, with what to do', async () => {
  await plant()
  const { page } = await look(browser, waybill)
  await open(page, '/reputation')
  const rows = page.getByRole('table', { name: 'Findings' }).getByRole('row')
  await rows.nth(1).getByText('Harms mail').waitFor()
  await rows.nth(1).getByText('Find and stop what caused it first.').waitFor()
  await shot(page, 'reputation')
})

async function shot(page: import('playwright-core').Page, name: string): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}
