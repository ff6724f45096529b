import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { envelopeOf, SES_TOPIC } from '../support/topic-server.ts'
import { look, open, send, testConsole } from './support.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const browser = await testBrowser()
const waybill = await testConsole()

const settings = { region: 'eu-west-1', access_key_id: 'AKIA', secret_access_key: 'a secret' }
const { id: routeId } = await waybill.api<{ id: string }>('POST', '/v1/routes', { kind: 'ses', name: 'Amazon', settings })

async function tell(body: Buffer | string): Promise<void> {
  const { url } = await waybill.api<{ url: string }>('GET', `/v1/routes/${routeId}/feedback`)
  const response = await fetch(`${waybill.url}${new URL(url).pathname}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/plain' },
  })
  expect(response.status).toBe(204)
}

test('the page says what it is for while nothing was heard', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/feedback')
  await page.getByText('Nothing was heard yet').waitFor()
})

test('the page of a route says where its provider tells news, and takes a topic that asked with one press', async () => {
  await tell(envelopeOf('You have chosen to subscribe', { type: 'SubscriptionConfirmation' }))
  const { page } = await look(browser, waybill)
  await open(page, `/routes/${routeId}`)
  await page.getByText(`/in/ses/${routeId}/`).waitFor()
  await page.getByText(`The topic ${SES_TOPIC} sent something`).waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Believe this topic' }).click()
  await page.getByRole('status').filter({ hasText: 'From now on this topic is believed' }).waitFor({ state: 'attached' })
  await expect
    .poll(async () => (await waybill.api<{ topic_arn: string }>('GET', `/v1/routes/${routeId}/feedback`)).topic_arn)
    .toBe(SES_TOPIC)
})

test('what was told is listed with what it came to, opens as it came, and can be read again', async () => {
  await tell('not a message of a topic')
  await expect
    .poll(async () => (await waybill.api<{ items: unknown[] }>('GET', '/v1/feedback?state=failed')).items.length, {
      timeout: 20_000,
    })
    .toBe(1)
  const { page } = await look(browser, waybill)
  await open(page, '/feedback?state=failed')
  await page.getByText('This is not a message of a topic.').first().click()
  await page.getByText('not a message of a topic', { exact: true }).waitFor()
  await page.getByText('Nothing that was not known before.').waitFor()
  await page.getByRole('button', { name: 'Read again', exact: true }).click()
  await page.getByRole('status').filter({ hasText: 'It is read again now' }).waitFor({ state: 'attached' })
})

test('news stands in the story of its message, with who told it', async () => {
  const sandbox = (await waybill.api<{ items: { id: string; kind: string }[] }>('GET', '/v1/routes')).items.find(
    ({ kind }) => kind === 'sandbox',
  )!
  await waybill.api('PUT', `/v1/routes/${sandbox.id}/default`)
  const { id } = await send(waybill, { to: 'delivered@example.org', subject: 'A parcel' })
  const { page } = await look(browser, waybill)
  await open(page, `/messages/${id}`)
  await page.getByText('Delivered: the receiving side confirmed it').waitFor({ timeout: 20_000 })
})

test.each([
  ['light', 1280],
  ['dark', 400],
] as const)('nothing on it is a barrier: %s, %i pixels wide', { timeout: 60_000 }, async (colorScheme, width) => {
  const { page } = await look(browser, waybill, {
    colorScheme,
    viewport: { width, height: 860 },
    expects: /Content Security Policy/,
  })
  const [first] = (await waybill.api<{ items: { id: string }[] }>('GET', '/v1/feedback')).items
  for (const path of ['/feedback', `/feedback/${first!.id}`, `/routes/${routeId}`]) {
    await open(page, path)
    await expect.poll(() => page.getByLabel('Loading').count()).toBe(0)
    await page.evaluate(AXE)
    const found = await page.evaluate(async () => {
      const { violations } = await (
        globalThis as never as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
      ).axe.run()
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
    })
    expect(found, path).toEqual([])
  }
})
