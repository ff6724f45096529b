import { createTransport } from 'nodemailer'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { freePort } from '../support/server-process.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const port = await freePort()
const waybill = await testConsole({ env: { WAYBILL_SUBMISSION_PORT: String(port) } })

/** As an application does it that was given the text of the page. */
async function sendWith(settings: string): Promise<string> {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(settings)?.[1] ?? ''
  expect(value('EMAIL_PORT')).toBe(String(port))
  const transport = createTransport({
    host: value('EMAIL_HOST'),
    port: Number(value('EMAIL_PORT')),
    requireTLS: value('EMAIL_USE_TLS') === 'True',
    auth: { user: value('EMAIL_HOST_USER'), pass: value('EMAIL_HOST_PASSWORD') },
    tls: { rejectUnauthorized: false },
  })
  const mail = { from: 'docs@example.com', to: 'ann@example.org', subject: 'Hello', text: 'Hello' }
  return await transport.sendMail(mail).then(
    ({ response }) => response,
    (error: Error) => error.message,
  )
}

test('the settings of a new credential are pasted and work; an exchange and its end are felt at once', async () => {
  const { page } = await look(browser, waybill, { expects: /status of 422/ })
  await open(page, '/developers')
  await page.getByRole('heading', { name: 'No SMTP credential yet' }).waitFor()
  await page.getByRole('button', { name: 'Create a credential' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Docs')
  await dialog.getByLabel('Client addresses').fill('10.0.0.0/99')
  await dialog.getByRole('button', { name: 'Create credential' }).click()
  await dialog.getByText(/neither an address nor a network/).waitFor()
  await dialog.getByLabel('Client addresses').fill('127.0.0.0/8, ::1')
  await dialog.getByLabel('From domains').fill('example.com')
  await dialog.getByRole('button', { name: 'Create credential' }).click()
  const shown = page.getByRole('dialog').getByRole('region', { name: 'Settings for Django' })
  const settings = await shown.innerText()
  expect(await sendWith(settings)).toMatch(/^250 2\.0\.0 Taken as /)
  await page.getByRole('button', { name: 'I have kept it' }).click()

  await page.getByRole('cell', { name: 'Docs', exact: true }).waitFor()
  expect(await page.content()).not.toContain(/EMAIL_HOST_PASSWORD=(.*)/.exec(settings)?.[1])

  await page.getByRole('button', { name: 'Exchange: Docs' }).click()
  await page.getByRole('combobox', { name: 'The old password works' }).click()
  await page.getByRole('option', { name: 'Not any more' }).click()
  await page.getByRole('button', { name: 'Exchange password' }).click()
  const next = await shown.innerText()
  expect(await sendWith(settings)).toMatch(/535 5\.7\.8/)
  expect(await sendWith(next)).toMatch(/^250 /)
  await page.getByRole('button', { name: 'I have kept it' }).click()

  await page.getByRole('button', { name: 'Revoke: Docs' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('Docs is revoked').first().waitFor()
  expect(await sendWith(next)).toMatch(/535 5\.7\.8/)
}, 60_000)
