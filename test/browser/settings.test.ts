import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, OWNER, open, signIn, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })

test('an API key is shown once, works at once, and is refused as soon as it is revoked', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/developers')
  await page.getByRole('button', { name: 'Create a key' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Shop backend')
  await page.getByRole('button', { name: 'Create key' }).click()
  const key = await page.getByTestId('new-key').innerText()
  const call = () => fetch(`${waybill.url}/v1/deliveries`, { headers: { authorization: `Bearer ${key}` } })
  expect((await call()).status).toBe(200)

  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByText(`Authorization: Bearer ${key}`, { exact: false }).waitFor()
  await page.reload()
  await page.getByRole('cell', { name: 'Shop backend', exact: true }).waitFor()
  expect(await page.content()).not.toContain(key)

  await page.getByRole('button', { name: 'Revoke: Shop backend' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('Shop backend is revoked').first().waitFor()
  expect((await call()).status).toBe(401)
})

test('an address is suppressed with a reason, found again, and taken off the list after it was asked once', async () => {
  const { page } = await look(browser, waybill, { expects: /status of 4(09|22)/ })
  await open(page, '/suppressions')
  await page.getByRole('button', { name: 'Suppress an address' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Address').fill('not an address')
  await dialog.getByRole('button', { name: 'Suppress an address' }).click()
  await dialog.getByText(/not an email address/).waitFor()
  await dialog.getByLabel('Address').fill('gone@example.org')
  await dialog.getByLabel('Note').fill('By telephone')
  await dialog.getByRole('button', { name: 'Suppress an address' }).click()
  await page.getByRole('gridcell', { name: 'By telephone' }).waitFor()

  await page.getByRole('button', { name: 'Send again: gone@example.org' }).click()
  await page.getByRole('button', { name: 'Take it off the list' }).click()
  await page.getByRole('heading', { name: 'No address is suppressed' }).waitFor()
})

test('a member is added, given another role, and removed', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/members')
  await page.getByRole('button', { name: 'Add a member' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Bob')
  await dialog.getByLabel('Email address').fill('bob@shop.example')
  await dialog.getByLabel('First password', { exact: true }).fill('seven words would be long')
  await dialog.getByRole('button', { name: 'Add a member' }).click()
  await page.getByRole('combobox', { name: 'Role of Bob' }).click()
  await page.getByRole('option', { name: 'Viewer' }).click()
  await page.getByText('Bob is now viewer').first().waitFor()
  await page.getByRole('button', { name: 'Remove: Bob' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('bob@shop.example').waitFor({ state: 'detached' })
})

test('a new password ends the other sessions and is the one that opens', async () => {
  const next = 'five other words are longer'
  const { page } = await look(browser, waybill, { expects: /status of 4(01|22)/ })
  const other = await look(browser, waybill, { expects: /status of 401/ })
  await open(page, '/account')
  await page.getByText('This browser').waitFor()
  await page.getByLabel('Present password', { exact: true }).fill(OWNER.password)
  await page.getByLabel('New password', { exact: true }).fill(next)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('Password changed.', { exact: false }).first().waitFor()
  expect((await page.request.get('/v1/me')).status()).toBe(200)
  expect((await other.page.request.get('/v1/me')).status()).toBe(401)
  await signIn(other.page, { email: OWNER.email, password: next })
})
