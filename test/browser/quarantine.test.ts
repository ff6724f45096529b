import { tmpdir } from 'node:os'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { createBlobStore } from '../../src/blobs/blob-store.ts'
import { openDatabase } from '../../src/db/database.ts'
import { receive } from '../../src/inbound/receive.ts'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })
const database = openDatabase({ connection: { ...waybill.database }, maxConnections: 2, applicationName: 'test' })
afterAll(() => database.close())
const { workspace } = await waybill.api<{ workspace: { id: WorkspaceId } }>('GET', '/v1/me')
const support = await waybill.api<{ id: string }>('POST', '/v1/inboxes', { name: 'Support', address: 'support@example.com' })
await waybill.api('PATCH', `/v1/inboxes/${support.id}`, { no_match: 'quarantine' })

let n = 0
/** Small mails are in the row: no folder of the server is needed. */
async function arrive(
  subject: string,
  { from = 'Carl <carl@customer.example>', to = 'support@example.com', body = 'It has not come.' } = {},
) {
  n += 1
  const mail = `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${n}@customer.example>\r\nContent-Type: text/html\r\n\r\n${body}\r\n`
  const arrival = {
    ...{
      workspaceId: workspace.id,
      channel: 'smtp' as const,
      place: null,
      inboxId: null,
      envelopeSender: 'carl@customer.example',
    },
    ...{ envelopeRecipients: [to], remoteIp: '192.0.2.7', helo: 'mx.customer.example', receivedAt: new Date(), isCut: false },
  }
  await receive(
    { database, blobs: createBlobStore(tmpdir()), wake: () => {} },
    [{ arrivals: [arrival], content: Buffer.from(mail) }],
    new Date(),
  )
}
const lying = async () => (await waybill.api<{ total: number }>('GET', '/v1/quarantine')).total
const rows = (page: Page) =>
  page
    .getByRole('grid', { name: 'Mail in quarantine' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') })
const said = (page: Page, text: string | RegExp) =>
  page.getByRole('region', { name: 'Notices' }).getByText(text).first().waitFor()

test('mail that was put aside is looked at safely, made a conversation, ignored and taken back, with keys alone', async () => {
  for (const subject of ['Parcel one', 'Parcel two', 'Parcel three'])
    await arrive(subject, { body: `<h1>${subject}</h1><script>alert(1)</script><img src="https://track.example/x.png">` })
  await expect.poll(lying, { timeout: 30_000 }).toBe(3)
  const { page, elsewhere } = await look(browser, waybill, { expects: /Content Security Policy|sandboxed/ })

  await open(page, '/attention')
  await page.getByRole('link', { name: 'Open the quarantine' }).click()
  await expect.poll(() => rows(page).count()).toBe(3)
  await page
    .getByRole('link', { name: /^Quarantine/ })
    .getByText('3', { exact: true })
    .waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.frameLocator('iframe').getByRole('heading', { name: 'Parcel three' }).waitFor()
  await page.getByText('It belongs to no conversation, and its inbox starts none by mail.').waitFor()
  await page.getByText('It would be put aside again').waitFor()
  expect(elsewhere).toEqual([])

  await page.keyboard.press('c')
  const where = page.getByRole('dialog', { name: 'Make a conversation' }).getByRole('combobox')
  await expect.poll(() => where.inputValue()).toBe('Support (support@example.com)')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: /^Open conversation #1/ }).waitFor({ timeout: 30_000 })
  await expect.poll(() => rows(page).count()).toBe(2)

  await rows(page).filter({ hasText: 'Parcel two' }).click()
  await page.getByRole('heading', { name: 'Parcel two', level: 2 }).waitFor()
  await page.keyboard.press('i')
  await said(page, '1 mail ignored')
  // The next one stands in its place.
  await page.getByRole('heading', { name: 'Parcel one', level: 2 }).waitFor()
  // The conversation that was made can be taken back, too; what was said last stands last.
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await said(page, '1 mail back where it lay')
  await expect.poll(() => rows(page).count()).toBe(2)
  expect(await barriers(page)).toEqual([])
})

test('all that fit are ignored at once after they were counted, and the arrivals know what became of them', async () => {
  await arrive('A newsletter', { from: 'News <news@lists.example.org>' })
  await expect.poll(lying, { timeout: 30_000 }).toBe(3)
  const { page } = await look(browser, waybill, { expects: /Content Security Policy|sandboxed/ })
  await open(page, '/quarantine?q=parcel')
  await expect.poll(() => rows(page).count()).toBe(2)
  await rows(page).first().focus()
  await page.keyboard.press('x')
  await page.getByText('1 selected').waitFor()
  await page.getByRole('button', { name: 'All that fit' }).click()
  await page.getByRole('toolbar').getByRole('button', { name: 'Ignore', exact: true }).click()
  await page.getByRole('dialog', { name: 'Ignore: 2 mails?' }).getByRole('button', { name: 'Ignore' }).click()
  await said(page, '2 mails ignored')
  expect(await lying()).toBe(1)

  await open(page, '/arrivals')
  await page.getByRole('button', { name: /^Ignored: By somebody/ }).click()
  await expect.poll(() => page.url()).toContain('reason=by_hand')
  const came = page.getByRole('grid', { name: 'Mail that came in' })
  await came.getByText('Parcel one').click()
  await page.getByText('History', { exact: true }).click()
  await page.getByText('It was put aside.', { exact: false }).first().waitFor()
  expect(await barriers(page)).toEqual([])
})

test('a rule is tried on what came, and turns mail away from then on', async () => {
  const { page } = await look(browser, waybill)
  await open(page, `/settings/inboxes/${support.id}?tab=ignored`)
  await page.getByLabel('Fits').fill('*')
  await page.getByText('This would turn away almost everything').waitFor()
  await page.getByLabel('Fits').fill('*@lists.example.org')
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText('It would have turned away 1 of the last 4 mails.').waitFor()
  await page.getByRole('button', { name: 'Add the rule' }).click()
  await page.getByText('Has turned nothing away').waitFor()
  await arrive('Another newsletter', { from: 'News <news@lists.example.org>' })
  await page.getByText('Turned 1 mail away').waitFor({ timeout: 30_000 })
  expect(await barriers(page)).toEqual([])
})

test('on a telephone the list leads to the mail and back, and nothing is cut off', async () => {
  const { page } = await look(browser, waybill, { viewport: { width: 400, height: 800 }, colorScheme: 'dark' })
  await open(page, '/quarantine')
  await rows(page).first().click()
  await page.getByRole('heading', { level: 1, name: 'A newsletter' }).waitFor()
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.getByRole('link', { name: 'The quarantine' }).click()
  await expect.poll(() => rows(page).count()).toBe(1)
  expect(await overflow(page)).toBeLessThanOrEqual(0)
})
