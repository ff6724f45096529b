import pg from 'pg'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

const inbox = async (name: string) =>
  (await waybill.api<{ id: string }>('POST', '/v1/inboxes', { name, address: `${name.toLowerCase()}@example.com` })).id
const [support, sales] = [await inbox('Support'), await inbox('Sales')]
const subjects = ['Parcel lost', 'Invoice wrong', 'Refund please', 'Order changed', 'Greetings']
for (const [i, subject] of subjects.entries())
  await waybill.api('POST', '/v1/conversations', {
    inbox_id: i % 2 === 0 ? support : sales,
    channel: 'phone',
    customer: `Customer ${i} <customer${i}@customer.example>`,
    subject,
    html: `<p>The story of ${subject}, number ${i}.</p>`,
  })

const list = (page: Page) => page.getByRole('grid', { name: 'Conversations' })
const shown = (page: Page) => list(page).getByRole('row')
const row = (page: Page, subject: string) => shown(page).filter({ hasText: subject })

test('folders, filters and the keyboard: find, open, choose, close and take back', async () => {
  const { page } = await look(browser, waybill, { viewport: { width: 1440, height: 900 } })
  await open(page, '/inbox')
  await expect.poll(() => page.url()).toContain('/inbox/open')
  await expect.poll(() => shown(page).count()).toBe(5)
  await page
    .getByRole('navigation', { name: 'Folders' })
    .getByRole('link', { name: /^Sales/ })
    .click()
  await expect.poll(() => shown(page).count()).toBe(2)
  await page.goBack()
  await expect.poll(() => shown(page).count()).toBe(5)

  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.url()).toMatch(/\/conversations\/\d+/)
  await page.getByRole('article').first().waitFor()
  await page.getByRole('button', { name: /^Snooze/ }).waitFor()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard' })
  for (const line of [/^StarS$/, /^SnoozeB$/, /^Select itX$/, /^Select all that are loadedShiftX$/, /^ReplyR$/])
    expect(await help.getByRole('listitem').filter({ hasText: line }).count()).toBe(1)
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await page.goBack()

  await row(page, 'Greetings').focus()
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByText('2 conversations selected').first().waitFor()
  await page.keyboard.press('e')
  await page.getByText('Done with 2 conversations.').first().waitFor()
  await expect.poll(() => shown(page).count()).toBe(3)
  await page.keyboard.press('z')
  await expect.poll(() => shown(page).count()).toBe(5)

  await row(page, 'Invoice wrong').getByRole('checkbox').click()
  await page.getByRole('button', { name: 'Assign' }).click()
  await page.getByRole('menuitem', { name: 'Assign to me' }).click()
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: /^Mine/ }).click()
  await expect.poll(() => shown(page).count()).toBe(1)
  await row(page, 'Invoice wrong').waitFor()
  expect(await barriers(page)).toEqual([])
})

test('a filtered list becomes a view with a number of its own, and goes again', async () => {
  const { page } = await look(browser, waybill, { viewport: { width: 1440, height: 900 } })
  await open(page, `/inbox/open?inbox=${sales}`)
  await expect.poll(() => shown(page).count()).toBe(2)
  await page.getByRole('button', { name: 'Save as a view' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Sales that waits')
  await page.getByRole('button', { name: 'Save view' }).click()
  await expect.poll(() => page.url()).toContain('/inbox/view-')
  const folders = page.getByRole('navigation', { name: 'Folders' })
  await folders.getByRole('link', { name: 'Sales that waits 2 conversations' }).waitFor()
  await expect.poll(() => shown(page).count()).toBe(2)
  await page.getByRole('button', { name: 'View Sales that waits' }).click()
  await page.getByRole('menuitem', { name: 'Remove view' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove view' }).click()
  await folders.getByRole('link', { name: 'Sales that waits 2 conversations' }).waitFor({ state: 'detached' })
})

test('a search marks what it found, and the palette goes to a conversation by its number', async () => {
  const { page } = await look(browser, waybill, { viewport: { width: 1440, height: 900 } })
  await open(page, '/inbox/search')
  await page.getByText('Search everything').waitFor()
  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('story refund in:support')
  await page.keyboard.press('Enter')
  await expect.poll(() => shown(page).count()).toBe(1)
  await row(page, 'Refund please').locator('mark', { hasText: 'story' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('#3')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.url()).toContain('/conversations/3')
})

test('a phone shows one column at a time, light and dark, without scrolling sideways', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await look(browser, waybill, { viewport: { width: 400, height: 800 }, colorScheme })
    await open(page, '/inbox/open')
    await row(page, 'Parcel lost').waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Choose a folder' }).click()
    await page
      .getByRole('navigation', { name: 'Folders' })
      .getByRole('link', { name: /^Closed/ })
      .click()
    await page.getByText('Nothing is closed yet').waitFor()
  }
})

test('a list of thousands draws what can be seen, goes on below, and keeps its place when something comes above', async () => {
  const client = new pg.Client(waybill.database)
  client.on('error', () => {})
  await client.connect()
  const many = (from: number, to: number) =>
    client.query(
      `insert into conversation (workspace_id, id, number, inbox_id, subject, channel, status, closed_at, last_at, created_at, updated_at)
       select workspace_id, gen_random_uuid(), n, id, 'Number ' || n, 'email', 'closed', now(), now() + n * interval '1 second', now(), now()
         from inbox, generate_series($1::int, $2::int) as n where name = 'Sales'`,
      [from, to],
    )
  await many(1_001, 3_000)
  const { page } = await look(browser, waybill)
  await open(page, '/inbox/closed')
  await row(page, 'Number 3000').waitFor()
  expect(await shown(page).count()).toBeLessThan(40)
  await page.keyboard.press('j')
  await expect
    .poll(
      async () => {
        await page.keyboard.press('End')
        return row(page, 'Number 1001').count()
      },
      { timeout: 60_000 },
    )
    .toBe(1)
  await page.getByRole('status').filter({ hasText: '2,000 conversations' }).waitFor()
  expect(await shown(page).count()).toBeLessThan(40)

  await open(page, '/inbox/closed')
  await row(page, 'Number 3000').waitFor()
  await row(page, 'Number 3000').hover()
  await page.mouse.wheel(0, 96 * 20)
  await row(page, 'Number 2978').waitFor()
  const topOf = async () => (await row(page, 'Number 2978').boundingBox())?.y ?? Number.NaN
  const before = await topOf()
  await many(3_001, 3_005)
  await waybill.api('POST', '/v1/conversations', {
    ...{
      inbox_id: support,
      channel: 'phone',
      customer: 'Bob <bob@customer.example>',
      subject: 'Something happens',
      html: '<p>Now.</p>',
    },
  })
  await page.waitForResponse((response) => response.url().includes('/v1/conversations?') && response.request().method() === 'GET')
  await expect.poll(() => row(page, 'Number 2978').getAttribute('aria-rowindex')).toBe('28')
  expect(Math.abs((await topOf()) - before)).toBeLessThan(4)
  await client.end()
})
