import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { imapServer } from '../support/imap-server.ts'
import { look, OWNER, testConsole } from './support.ts'

const browser = await testBrowser()
const imap = await imapServer()
afterAll(() => imap.close())
const waybill = await testConsole({ isSetUp: false })
const link = waybill.greeting.map((line) => /\/setup\?code=\S+/.exec(line)?.[0]).find((found) => found !== undefined) as string

test('a new server leads to its set-up and refuses a code that it did not print', async () => {
  const { page } = await look(browser, waybill, { signedIn: false, expects: /status of 4\d\d/ })
  await page.goto('/')
  await page.waitForURL('**/setup')
  await page.getByLabel('Set-up code').fill('wrong-code-0000')
  await fillOwner(page)
  await page.getByRole('button', { name: 'Create the workspace' }).click()
  await page.getByText('The set-up code is printed by the server when it starts', { exact: false }).waitFor()
})

test('four steps lead from the printed link to a real message on its waybill; the doctor puts right what is wrong', async () => {
  const { page } = await look(browser, waybill, { signedIn: false })
  await page.goto(link)
  await fillOwner(page)
  await page.getByRole('button', { name: 'Create the workspace' }).click()

  await page.getByRole('heading', { name: 'How does mail leave?' }).waitFor()
  await page.getByLabel('Through a mail server (SMTP)').check()
  await page.getByLabel('Server', { exact: true }).fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(waybill.smtp.port))
  await page.getByText('None', { exact: true }).click()
  await page.getByRole('button', { name: 'Examine' }).click()
  const fix = page.getByRole('button', { name: 'Apply: Allow private addresses for this route' })
  await fix.click()
  await fix.waitFor({ state: 'detached' })
  await page.getByText(/\d+ of \d+ checks fine/).waitFor()
  expect(waybill.smtp.messages).toEqual([])
  await page.getByRole('button', { name: 'Use this mail server' }).click()

  await page.getByRole('heading', { name: 'Where does mail arrive?' }).waitFor()
  await page.getByLabel('In an account elsewhere').check()
  await page.getByLabel('Name of the inbox').fill('Support')
  await page.getByLabel('Its address').fill('help@shop.example')
  await page.getByRole('button', { name: 'Make the inbox' }).click()
  await page.getByText('The inbox help@shop.example is there.').waitFor()
  await page.getByLabel('Server', { exact: true }).fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(imap.port))
  await page.getByRole('combobox', { name: 'Encryption' }).click()
  await page.getByRole('option', { name: 'None' }).click()
  await page.getByLabel('The server is in a private network').check()
  await page.getByLabel('User name').fill('seed')
  await page.getByLabel('Password', { exact: true }).fill('a password for tests')
  await page.getByRole('button', { name: 'Try' }).click()
  await page.getByRole('list', { name: 'What was seen on the way' }).waitFor()
  expect(await page.getByLabel('not good').count()).toBe(0)
  await page.getByRole('button', { name: 'Read this account' }).click()

  await page.getByRole('heading', { name: 'Send the first mail' }).waitFor()
  expect(await page.getByLabel('To').inputValue()).toBe(OWNER.email)
  await page.getByRole('button', { name: 'Send it' }).click()
  await page.getByText('127.0.0.1 took responsibility for it.').waitFor()
  await page.getByText('Attempt 1').waitFor()
  expect(waybill.smtp.messages.map(({ recipients }) => recipients)).toEqual([[OWNER.email]])

  await page.getByRole('button', { name: 'Open the overview' }).click()
  await page.getByRole('heading', { name: 'All mail flows.' }).waitFor()
})

test('a server that is set up says so to whoever comes with the link', async () => {
  const { page } = await look(browser, waybill, { signedIn: false })
  await page.goto(link)
  await page.getByRole('heading', { name: 'This server is set up already' }).waitFor()
})

async function fillOwner(page: Page): Promise<void> {
  await page.getByLabel('Name of the workspace').fill('Shop')
  await page.getByLabel('Your name').fill('Ann')
  await page.getByLabel('Email address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
}
