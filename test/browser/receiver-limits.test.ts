import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

test('the limits of a receiver are seen on the page of a direct route, changed, and given back', async () => {
  const route = await waybill.api<{ id: string }>('POST', '/v1/routes', { kind: 'mx', name: 'Direct' })
  const { page } = await look(browser, waybill)
  await open(page, `/routes/${route.id}`)
  const section = page.getByRole('region', { name: 'Limits of receivers' })
  const google = section.getByRole('row', { name: /Google/ })
  await google.getByText('Usual').waitFor()

  await google.getByRole('button', { name: 'Change: Google' }).click()
  await page.getByLabel('Connections at once').fill('2')
  await page.getByRole('button', { name: 'Save limits' }).click()
  await google.getByText('Set by a person').waitFor()
  await google.getByText('usually 5').waitFor()
  expect(await waybill.api('GET', `/v1/routes/${route.id}/receivers/google`)).toMatchObject({ now: { max_connections: 2 } })

  await google.getByRole('button', { name: 'Change: Google' }).click()
  await page.getByRole('button', { name: 'Back to usual' }).click()
  await google.getByText('Usual').waitFor()
  expect(await waybill.api('GET', `/v1/routes/${route.id}/receivers/google`)).toMatchObject({ set: null })
})

test('a receiver that is not in the list is found by its domain, and a name that is none is refused beside its field', async () => {
  const route = await waybill.api<{ id: string }>('POST', '/v1/routes', { kind: 'mx', name: 'Direct to others' })
  const { page } = await look(browser, waybill, { expects: /status of 422/ })
  await open(page, `/routes/${route.id}`)
  await page.getByRole('button', { name: 'Set for another receiver' }).click()
  await page.getByLabel('Receiver', { exact: true }).fill('gogle')
  await page.getByLabel('Messages per connection').fill('30')
  await page.getByRole('button', { name: 'Save limits' }).click()
  await page.getByText('No receiver is called "gogle"', { exact: false }).waitFor()

  await page.getByLabel('Receiver', { exact: true }).fill('Example.org')
  await page.getByRole('button', { name: 'Save limits' }).click()
  await page
    .getByRole('row', { name: /example\.org/ })
    .getByText('Set by a person')
    .waitFor()
})
