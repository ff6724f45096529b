import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { SES_KEY, SesServer } from '../support/ses-server.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

test('a route to Amazon SES is added, examined, and shows its quota and domains', async () => {
  await using server = await new SesServer({
    identities: [
      { IdentityName: 'shop.example', IdentityType: 'DOMAIN', SendingEnabled: true, VerificationStatus: 'SUCCESS' },
      { IdentityName: 'news.shop.example', IdentityType: 'DOMAIN', SendingEnabled: false, VerificationStatus: 'PENDING' },
    ],
  }).listen()
  const { page } = await look(browser, waybill, { expects: /status of 422/ })
  await open(page, '/routes/new')
  await page.getByRole('radio', { name: /Amazon SES/ }).check()
  await page.getByLabel('Region').fill('Ireland')
  await page.getByLabel('Access key ID').fill(SES_KEY.id)
  await page.getByLabel('Secret access key', { exact: true }).fill(SES_KEY.secret)
  await page.getByText('More settings').click()
  await page.getByLabel('Address of the API').fill(server.url)
  await page.getByLabel('Allow private addresses').check()
  await page.getByRole('button', { name: 'Add route' }).click()
  await page.getByText('Must be a region such as eu-west-1', { exact: false }).waitFor()
  await page.getByLabel('Region').fill('eu-west-1')
  await page.getByRole('button', { name: 'Add route' }).click()
  await page.getByRole('heading', { name: 'Amazon SES' }).waitFor()

  await page.getByRole('button', { name: /Examine/ }).click()
  await page.getByText('Nothing speaks against Amazon SES.', { exact: false }).waitFor()
  await page.getByText('120 of 50,000 in 24 hours').waitFor()
  await page.getByRole('cell', { name: 'news.shop.example' }).waitFor()
  expect(server.mails).toEqual([])

  await page.getByLabel('Configuration set').fill('waybill')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByRole('region', { name: 'Notices' }).getByText('Saved.', { exact: false }).waitFor()
  await open(page, '/routes')
  await page.getByText('Amazon SES · eu-west-1').waitFor()
})

test('a direct route needs nothing but a name, and a relay is filled in by its provider', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/routes/new')
  await page.getByLabel('Provider', { exact: true }).selectOption('Fastmail')
  expect(await page.getByLabel('Server', { exact: true }).inputValue()).toBe('smtp.fastmail.com')
  await page.getByRole('radio', { name: /Direct/ }).check()
  await page.getByRole('button', { name: 'Add route' }).click()
  await page.getByRole('heading', { name: 'Direct', exact: true }).waitFor()
  await page.getByText('straight to each recipient’s own mail server', { exact: false }).first().waitFor()
})
