import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })

test('people are imported, chosen by a segment, written to, and watched; it pauses, goes on, and whoever wants to leaves', {
  timeout: 240_000,
}, async () => {
  await waybill.api('POST', '/v1/lists', { name: 'Monthly news', opt_in: 'single', visibility: 'public' })
  const { page } = await look(browser, waybill, { expects: /422/ })

  await open(page, '/imports')
  const rows = ['Email,First name', 'ann@example.org,Ann', 'bob@example.org,Bob', 'cid@example.org,Cid', 'dora@example.com,Dora']
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'fair.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) })
  await page.getByRole('combobox', { name: 'Put them on these lists' }).click()
  await page.getByRole('option', { name: 'Monthly news' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('textbox', { name: 'How these people agreed' }).fill('Asked at the fair')
  await page.getByRole('button', { name: 'Look at every row' }).click()
  await page.getByRole('button', { name: 'Import 4 rows' }).click()
  // Undo is offered while it runs, too.
  await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 30_000 })

  await open(page, '/segments/new')
  await page.getByRole('textbox', { name: 'Name' }).fill('Of example.org')
  await page.getByRole('button', { name: 'Condition', exact: true }).click()
  await page.getByRole('combobox', { name: 'What is asked' }).click()
  await page.getByRole('option', { name: 'Address', exact: true }).click()
  await page.getByRole('textbox', { name: 'Value' }).fill('example.org')
  await page.getByText('3 people').first().waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Of example.org saved').first().waitFor()

  await open(page, '/campaigns')
  await page.getByText('Write to many at once').waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'New campaign' }).first().click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Spring news')
  await page.getByRole('textbox', { name: 'Name of the sender' }).fill('Shop')
  await page.getByRole('combobox', { name: 'Address of the sender' }).fill('news@shop.example')
  await page.getByRole('combobox', { name: 'Goes to' }).click()
  await page.getByRole('option', { name: 'Of example.org' }).click()
  await page.keyboard.press('Escape')
  await page.getByText('3 people would get it now').waitFor()
  await page.getByRole('textbox', { name: 'Subject', exact: true }).fill('Spring is here, {{ contact.first_name }}')
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Dear {{ contact.first_name }},\n\ncome and see.')
  await page.getByRole('switch', { name: 'Send evenly, at most' }).click()
  await page.getByRole('textbox', { name: 'At most', exact: true }).fill('1')
  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.setViewportSize({ width: 400, height: 800 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.getByRole('button', { name: 'Send…' }).click()
  const asked = page.getByRole('dialog')
  await asked.getByText('Send to 3.').waitFor()
  await asked.getByText('Mail leaves by the sandbox').waitFor()
  expect(await barriers(page)).toEqual([])
  await asked.getByRole('button', { name: 'Send to 3' }).click()

  await page.getByText('The limit of this mailing is 1 an hour').waitFor({ timeout: 30_000 })
  await page.getByRole('img', { name: /^Where 3 people are: Sent 1, Waiting 2/ }).waitFor({ timeout: 30_000 })
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: /^Pause/ }).click()
  await page.getByText('Somebody paused this campaign.').first().waitFor()
  await page.getByRole('button', { name: /^Resume/ }).click()
  await page.getByText('The limit of this mailing is 1 an hour').waitFor({ timeout: 30_000 })

  await page.getByRole('link', { name: 'Who had it' }).click()
  const waybillOf = page.getByRole('link', { name: /^Waybill of / })
  await waybillOf.waitFor()
  expect(await waybillOf.count()).toBe(1)
  expect(await barriers(page)).toEqual([])
  await waybillOf.click()
  await page.getByRole('link', { name: 'Spring news' }).waitFor()
  await page.getByRole('tab', { name: 'Content' }).click()
  const source = page.getByRole('region').or(page.locator('pre')).filter({ hasText: 'List-Unsubscribe' }).first()
  const link = /https?:\/\/[^\s>]*\/u\/[\w~.=-]+/.exec((await source.textContent()) ?? '')?.[0]
  expect(link).toBeDefined()

  const { page: theirs } = await look(browser, waybill, { signedIn: false })
  await theirs.goto(new URL(link ?? '').pathname)
  await theirs.getByRole('button', { name: /^Leave everything/ }).click()
  await theirs.getByRole('heading', { name: 'You have left' }).waitFor()

  await open(page, '/campaigns')
  await page.getByRole('link', { name: 'Spring news' }).click()
  await page.getByRole('button', { name: /^More/ }).click()
  await page.getByRole('menuitem', { name: 'Cancel the rest…' }).click()
  await page.getByText('2 people will not get it.').waitFor()
  await page.getByRole('button', { name: 'Cancel 2 messages' }).click()
  await page.getByText('Cancelled', { exact: true }).first().waitFor()
  await page.getByRole('img', { name: /^Where 3 people are: Sent 1, Cancelled 2/ }).waitFor({ timeout: 30_000 })
})
