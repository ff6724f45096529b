import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, send, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

test('a reply that no rule knows is shown with its words and its count, and put aside once somebody has looked', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/replies')
  await page.getByRole('heading', { name: 'Every reply was understood' }).waitFor()

  for (const n of [1, 2, 3])
    waybill.smtp.answer(`ann${n}@example.org`, `550 house rule ${n} says no to mail number ${n}`).always()
  waybill.smtp.answer('eve@example.org', '450 ask me another time').always()
  await send(waybill, { to: ['ann1@example.org', 'ann2@example.org', 'ann3@example.org', 'eve@example.org'] })
  await expect
    .poll(async () => (await waybill.api<{ items: { n: number }[] }>('GET', '/v1/replies')).items.map(({ n }) => n), {
      timeout: 30_000,
    })
    .toEqual([3, 1])

  await page.reload()
  const grid = page.getByRole('grid', { name: 'Replies that no rule knows' })
  await grid.getByText(/550 house rule \d says no/).waitFor()
  await page.getByRole('button', { name: /^Mark as looked at: house rule/ }).click()
  await page.getByRole('button', { name: /^Look again: house rule/ }).waitFor()
  const rows = (await waybill.api<{ items: { example: string; reviewed_at: string | null }[] }>('GET', '/v1/replies')).items
  expect(rows.map(({ example, reviewed_at }) => [example.slice(0, 5), reviewed_at !== null])).toEqual([
    ['ask m', false],
    ['house', true],
  ])
})
