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
  await page.goBack()

  await row(page, 'Greetings').focus()
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByText('2 conversations selected').first().waitFor()
  await page.keyboard.press('e')
  await page.getByText('Done with 2 conversations.').first().waitFor()
  await expect.poll(() => shown(page).count()).toBe(3)
  await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
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
