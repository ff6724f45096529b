import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

test('a domain is added by its name, and its records are there to copy, each with its state', async () => {
  const { page } = await look(browser, waybill, { expects: /422/ })
  await open(page, '/domains')
  await page.getByRole('heading', { name: 'No domain yet' }).waitFor()
  await page.getByRole('button', { name: 'Add a domain' }).first().click()
  await page.getByRole('textbox', { name: 'Domain' }).fill('not a domain')
  await page.getByRole('dialog').getByRole('button', { name: 'Add a domain' }).click()
  await page.getByText('cannot stand in a domain').waitFor()
  await page.getByRole('textbox', { name: 'Domain' }).fill('shop.example')
  await page.getByRole('dialog').getByRole('button', { name: 'Add a domain' }).click()

  await page.getByRole('heading', { name: 'shop.example', level: 1 }).waitFor()
  await page.getByText('Waits for its records').first().waitFor()
  const { items } = await waybill.api<{ items: { id: string }[] }>('GET', '/v1/domains')
  const { records } = await waybill.api<{ records: { subject: string; name: string; value: string }[] }>(
    'GET',
    `/v1/domains/${items[0]?.id}`,
  )
  expect(records.length).toBeGreaterThanOrEqual(6)
  for (const { name } of records) expect(await page.getByText(name, { exact: true }).count(), name).toBeGreaterThan(0)
  const key = records.find(({ subject }) => subject.startsWith('dkim:') && subject.endsWith('r'))
  await page.getByText(key?.value ?? 'nothing', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: 'Copy the value' }).count()).toBeGreaterThanOrEqual(2)
})

test('new keys cannot be made before the first ones are in use; a domain is removed after a question', async () => {
  const { page } = await look(browser, waybill)
  const { id } = await waybill.api<{ id: string }>('POST', '/v1/domains', { name: 'gone.example' })
  await open(page, `/domains/${id}`)
  await page.getByRole('heading', { name: 'gone.example', level: 1 }).waitFor()
  expect(await page.getByRole('button', { name: 'New keys' }).getAttribute('aria-disabled')).toBe('true')
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('heading', { name: 'Domains', level: 1 }).waitFor()
  expect(await page.getByText('gone.example', { exact: true }).count()).toBe(0)
})
