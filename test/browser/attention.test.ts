import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })

/** A program that answers as it is told to. */
async function program(status: number) {
  const heard: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      heard.push(body)
      response.writeHead(status, { 'content-type': 'text/plain' }).end('as it was told')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, heard }
}

test('a webhook is added, its secret shown once, tried, and the answer read in its log', async () => {
  const { url, heard } = await program(200)
  const { page } = await look(browser, waybill)
  await open(page, '/webhooks')
  await page.getByRole('button', { name: 'Add a webhook' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Address').fill(url)
  await dialog.getByLabel('What it is for').fill('Marks orders')
  await dialog.getByLabel('May be in a private network').check()
  await dialog.getByRole('button', { name: 'Add the webhook' }).click()
  expect(await page.getByTestId('webhook-secret').innerText()).toMatch(/^whsec_/)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByRole('link', { name: /Marks orders/ }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  const row = page.getByRole('row').filter({ hasText: 'webhook.test' })
  // A first try that breaks is repeated after five seconds, and then after thirty.
  await row.getByText('Taken', { exact: true }).waitFor({ timeout: 45_000 })
  await row.click()
  await page.getByText('as it was told').waitFor({ timeout: 30_000 })
  expect(heard.filter((body) => JSON.parse(body).type === 'delivery.bounced')).toHaveLength(1)
})

test('a webhook that wants nothing any more is an incident, and one click on Attention switches it on again', async () => {
  const { url } = await program(410)
  const { id } = await waybill.api<{ id: string }>('POST', '/v1/webhooks', { url, allow_private: true, event_types: ['route.*'] })
  await waybill.api('POST', `/v1/webhooks/${id}/test`, {})
  const { page } = await look(browser, waybill)
  await open(page, '/attention')
  await page.getByRole('heading', { name: /was switched off/ }).waitFor({ timeout: 45_000 })
  await page.getByRole('button', { name: /^I am on it/ }).click()
  await page.getByText('took note of it', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Switch the webhook on' }).click()
  await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor()
  await page.getByText('Ended by itself').waitFor()
})

test('a list is read in, counted, and undone', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/suppressions')
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Import' }).click()
  const list = 'email,reason,note\none@old.example,bounce,wave 7\ntwo@old.example,bounce,wave 7\nnobody,,\n'
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('dialog').getByLabel('File').click()
  await (await chooser).setFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(list) })
  await page.getByRole('button', { name: 'Read it in' }).click()
  await page.getByText('2 addresses added', { exact: false }).waitFor()
  await page.getByText('Line 4: This is not an email address.').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('gridcell', { name: 'one@old.example', exact: true }).waitFor()

  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Undo many' }).click()
  await page.getByLabel('What the receiver said contains').fill('wave 7')
  await page.getByRole('button', { name: 'Count them' }).click()
  await page.getByRole('button', { name: 'Take 2 addresses off' }).click()
  await page.getByRole('heading', { name: 'No address is suppressed' }).waitFor()
})
