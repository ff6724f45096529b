import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, send, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()
const GREYLISTED = '451 4.7.1 Greylisted, please try again in 1 seconds'

test('a message that is refused at first and then taken tells both, in words, while one looks on', async () => {
  waybill.smtp.answer('gitta@example.org', GREYLISTED).thenAccept()
  const { page } = await look(browser, waybill)
  const { id } = await send(waybill, { to: 'gitta@example.org' })
  await open(page, `/messages/${id}`)
  await page.getByText('Queued', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: /Attempt 1/ }).waitFor()
  expect(await page.getByText(/Next try at \d\d:\d\d:\d\d/).innerText()).toMatch(/Gives up at/)

  await page.getByRole('button', { name: 'Try now' }).click()
  // No reload: the page hears of it.
  await page.getByText('127.0.0.1 took responsibility for it.').waitFor()
  await page.getByRole('button', { name: /accepted by 127\.0\.0\.1/ }).waitFor()
})

test('each line opens to its evidence: the answer, where it came from, the time of each stage, the event as recorded', async () => {
  const { page } = await look(browser, waybill)
  const { id } = await send(waybill, { to: 'evi@example.org' })
  await open(page, `/messages/${id}`)
  const line = page.getByRole('button', { name: /Attempt 1/ })
  await line.click()
  expect(await line.getAttribute('aria-expanded')).toBe('true')
  await page.getByText('Answer of the server').waitFor()
  await page.getByText(`127.0.0.1:${waybill.smtp.port}`).waitFor()
  await page.getByText('Time per stage').waitFor()
  await page.getByText('1 event as recorded').click()
  await page.getByText('"type": "delivery.sent"', { exact: false }).waitFor()
})

test('a held message can be released again by one press, and is cancelled only after it was asked once', async () => {
  waybill.smtp.answer('hanna@example.org', GREYLISTED).always()
  const { page } = await look(browser, waybill)
  const { id } = await send(waybill, { to: 'hanna@example.org' })
  await open(page, `/messages/${id}`)
  await page.getByRole('button', { name: /Attempt 1/ }).waitFor()

  await page.getByRole('button', { name: 'Hold' }).click()
  await page.getByText('It waits until someone releases or cancels it.').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Hold' }).waitFor()

  await page.getByRole('button', { name: 'Cancel delivery' }).click()
  await page.getByRole('button', { name: 'Keep it' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Cancel delivery' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel delivery' }).click()
  await page.getByText('Cancelled', { exact: true }).first().waitFor()
})

test('several recipients stand beside the one that is read, each with its own state', async () => {
  waybill.smtp.answer('nobody@example.org', '550 5.1.1 No such user here').always()
  const { page } = await look(browser, waybill)
  const { id } = await send(waybill, { to: ['karl@example.org', 'lena@example.org'], bcc: 'nobody@example.org' })
  await open(page, `/messages/${id}`)
  const list = page.getByRole('grid', { name: 'Recipients' })
  await list.getByText('Bounced').waitFor()
  await page.getByText('2 sent').waitFor()
  await list.getByText('nobody@example.org').click()
  await page.getByText('550 5.1.1 No such user here', { exact: false }).first().waitFor()
  expect(new URL(page.url()).searchParams.get('delivery')).not.toBeNull()
  await page.goBack()
})

test('what was sent can be read as it was handed over, and never as a page of its own', async () => {
  const { page } = await look(browser, waybill)
  const { id } = await send(waybill, { to: 'rosa@example.org', html: '<b>bold</b><script>alert(1)</script>' })
  await open(page, `/messages/${id}?tab=content`)
  await page.getByRole('region', { name: 'Source' }).filter({ hasText: 'To: rosa@example.org' }).waitFor()
  expect(await page.locator('iframe').count()).toBe(0)
})

test('the list of deliveries is filtered by its address, shows what is new by itself, and goes back to where it was', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/deliveries?state=queued,sending,sent')
  await page.getByRole('grid', { name: 'Deliveries' }).waitFor()
  expect(await page.getByText('Bounced', { exact: true }).count()).toBe(0)
  await send(waybill, { to: 'zora@example.org', subject: 'Just now' })
  await page.getByText('zora@example.org').waitFor()

  await page.getByPlaceholder('Whole address').fill('ZORA@example.org')
  await page.keyboard.press('Enter')
  await page.getByText('1 in all').waitFor()
  await page.getByText('zora@example.org').click()
  await page.getByRole('heading', { name: 'Just now' }).waitFor()
  await page.goBack()
  await page.getByText('1 in all').waitFor()
  expect(new URL(page.url()).searchParams.get('recipient')).toBe('ZORA@example.org')
})

test('a message that is not there is said to be not there', async () => {
  const { page } = await look(browser, waybill, { expects: /status of 4(04|22)/ })
  await open(page, '/')
  for (const id of ['0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a', 'nonsense']) {
    await page.goto(`/messages/${id}`)
    await page.getByText('Nothing is here').waitFor()
  }
})

test('a page whose line to the server is cut says that it may be old, and is fresh again when the line is back', async () => {
  await send(waybill, { to: 'before@example.org' })
  const { page, context } = await look(browser, waybill, { expects: /ERR_INTERNET_DISCONNECTED|Failed to load/ })
  await open(page, '/deliveries')
  await page.getByRole('grid').waitFor()
  await context.setOffline(true)
  await page.getByText('Live updates are interrupted.', { exact: false }).first().waitFor({ timeout: 20_000 })
  await send(waybill, { to: 'meanwhile@example.org' })
  await context.setOffline(false)
  await page.getByText('meanwhile@example.org').waitFor({ timeout: 20_000 })
  await page.getByText('Live updates are interrupted.', { exact: false }).waitFor({ state: 'detached' })
})
