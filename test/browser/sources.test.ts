import { expect, onTestFinished, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { imapServer } from '../support/imap-server.ts'
import { barriers, barriersInBothSchemes, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

test('a mailbox is tried, added and listened to, fails with a reason, and is readable on a phone', {
  timeout: 180_000,
}, async () => {
  const imap = await imapServer({ folders: { Sales: '' } })
  onTestFinished(() => imap.close())
  imap.deliver('From: bob@example.com\r\nSubject: Hello there\r\n\r\nHello\r\n', new Date())
  const { page } = await look(browser, waybill)
  await open(page, '/settings/sources')
  await page.getByRole('button', { name: 'Add a source' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Support')
  await dialog.getByLabel('Address of the mailbox').fill('support@example.com')
  await dialog.getByLabel('Server', { exact: true }).fill('127.0.0.1')
  await dialog.getByLabel('Port').fill(String(imap.port))
  await dialog.getByRole('combobox', { name: 'Encryption' }).click()
  await page.getByRole('option', { name: 'None' }).click()
  await dialog.getByRole('switch', { name: 'The server is in a private network' }).check()
  await dialog.getByLabel('User name').fill('seed')
  await dialog.getByLabel('Password', { exact: true }).fill('wrong')
  await dialog.getByRole('button', { name: 'Try' }).click()
  await dialog.getByText('refused the log-in: Invalid credentials').waitFor()
  await dialog.getByLabel('Password', { exact: true }).fill('a password for tests')
  await dialog.getByRole('button', { name: 'Try' }).click()
  await dialog.getByText('The newest mail: “Hello there” from bob@example.com.').waitFor()
  expect(await barriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Add the source' }).click()
  const panel = page.getByRole('region', { name: 'Support' })
  await panel.getByText('Listening').waitFor({ timeout: 60_000 })
  await panel.getByRole('button', { name: 'Examine: Support' }).click()
  await panel.getByText('seed was let in.').waitFor()
  expect(await barriersInBothSchemes(page)).toEqual([])
  await page.setViewportSize({ width: 400, height: 860 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)

  imap.setPassword('another')
  imap.cut()
  await panel.getByText('Failing').waitFor({ timeout: 60_000 })
  await panel.getByText('refused the log-in').waitFor()
  await panel.getByRole('button', { name: 'Remove: Support' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('No mail is fetched yet').waitFor()
})
