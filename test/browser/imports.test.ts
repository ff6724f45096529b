import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()
const list = await waybill.api('POST', '/v1/lists', { name: 'Monthly news', opt_in: 'double' })

test('somebody imports a file: wrong delimiter first, then split, put on a list, seen at a person, and taken back', {
  timeout: 120_000,
}, async () => {
  const { page } = await look(browser, waybill, { viewport: { width: 1280, height: 900 }, expects: /422/ })
  await open(page, '/imports')
  const rows = ['Email,First name', ...[1, 2, 3, 4].map((i) => `p${i}@example.org,Ann${i}`), 'q@example.org;Quinn', 'nobody,No']
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'fair.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) })
  await page.getByRole('combobox', { name: 'Put them on these lists' }).click()
  await page.getByRole('option', { name: 'Monthly news' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Look at every row' }).click()
  await page.getByText('Say how these people agreed').waitFor()
  await page.getByRole('textbox', { name: 'How these people agreed' }).fill('Asked at the fair')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Look at every row' }).click()
  await page.getByText("1 row holds ';' inside the address").waitFor()
  await page.getByText('Line 7').waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Split these rows' }).click()
  await page.getByRole('checkbox', { name: 'import the others all the same' }).check()
  await page.getByRole('button', { name: 'Import 5 rows' }).click()
  // Undo is offered while it runs, too.
  await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 30_000 })
  await page.setViewportSize({ width: 400, height: 800 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.setViewportSize({ width: 1280, height: 900 })
  await open(page, '/contacts?search=q@example.org')
  await page.getByText('Quinn').first().click()
  await page.getByText('Monthly news: Not confirmed yet').waitFor()
  await page.getByText('“Asked at the fair”').waitFor()
  expect(await barriers(page)).toEqual([])
  await open(page, '/lists')
  await page.getByText('5 not confirmed yet').waitFor()
  expect(await barriers(page)).toEqual([])
  await open(page, '/imports')
  await page.getByText('fair.csv').first().click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Taken back').waitFor()
  expect(list).toBeTruthy()
})
