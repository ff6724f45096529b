import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()
const { id: inbox } = await waybill.api<{ id: string }>('POST', '/v1/inboxes', {
  name: 'Support',
  address: 'support@example.com',
})

interface Problem {
  readonly key: string
}
interface Run {
  readonly id: string
  readonly status: string
  readonly held: number
}

async function publish(name: string, draft: object): Promise<string> {
  const graph = { schema: 'workflow/1', name, subject: 'conversation', ...draft }
  const made = await waybill.api<{ id: string; draft_revision: number }>('POST', '/v1/workflows', { name, draft: graph })
  const { problems } = await waybill.api<{ problems: Problem[] }>('POST', `/v1/workflows/${made.id}/check`, {})
  const body = { revision: made.draft_revision, acknowledged: problems.map(({ key }) => key) }
  await waybill.api('POST', `/v1/workflows/${made.id}/publish`, body)
  return made.id
}

const startsWith = (word: string) => ({
  type: 'trigger.conversation_started@1',
  config: { when: { field: 'conversation.subject', op: 'contains', value: word } },
  next: { out: 'first' },
})

const chase = await publish('Chase quotes', {
  nodes: {
    begin: startsWith('quote'),
    first: {
      type: 'wait.reply@1',
      config: { from: 'customer', after: { working_days: 3 } },
      next: { replied: 'thanked', timeout: 'remind' },
    },
    thanked: { type: 'conversation.tag@1', config: { tags: ['answered'] } },
    remind: { type: 'conversation.tag@1', config: { tags: ['reminded'] } },
  },
})
const partner = await publish('Tell the partner', {
  vars: [{ key: 'host', type: 'text', default: '127.0.0.1', label: 'Host of the partner' }],
  nodes: {
    begin: startsWith('order'),
    first: { type: 'http.request@1', config: { url: 'http://{{ vars.host }}/orders', method: 'POST' }, next: { ok: 'told' } },
    told: { type: 'conversation.tag@1', config: { tags: ['told'] } },
  },
})

async function begin(subject: string): Promise<number> {
  const customer = 'Bob Buyer <bob@customer.example>'
  const body = { inbox_id: inbox, channel: 'phone', customer, subject, html: '<p>Hello</p>' }
  return (await waybill.api<{ number: number }>('POST', '/v1/conversations', body)).number
}

/** As it comes from outside. */
async function mail(page: Page, subject: string, id: string, ...more: readonly string[]): Promise<void> {
  const head = ['From: Bob Buyer <bob@customer.example>', 'To: support@example.com', `Subject: ${subject}`, ...more]
  const data = Buffer.from([...head, `Message-ID: <${id}@customer.example>`, '', 'Hello', ''].join('\r\n'))
  const headers = { 'content-type': 'message/rfc822', 'x-waybill': '1' }
  expect((await page.request.post(`/v1/inbound/raw?inbox_id=${inbox}`, { headers, data })).status()).toBe(202)
}

async function runOf(workflow: string, fits: (run: Run) => boolean): Promise<Run> {
  const find = async () => {
    const { items } = await waybill.api<{ items: Run[] }>('GET', `/v1/workflow-runs?workflow_id=${workflow}`)
    return items.find(fits)
  }
  await expect.poll(find, { timeout: 30_000 }).toBeDefined()
  return (await find()) as Run
}

test('a run says what it waits for and until when; an answer ends the waiting, and the page tells so by itself', {
  timeout: 120_000,
}, async () => {
  const { page } = await look(browser, waybill)
  await mail(page, 'A quote for chairs', 'one')
  const run = await runOf(chase, ({ status }) => status === 'running')
  page.setDefaultTimeout(30_000)
  await open(page, `/runs/${run.id}`)
  const now = page.getByRole('region', { name: 'Where it stands' })
  await now.getByText(/^Goes on .+, or before by a message of the customer\. By itself it goes on by “Not in time”\.$/).waitFor()
  const path = page.getByRole('group', { name: 'The path it took' })
  await path.getByRole('button', { name: /^Wait for an answer.+Waits here$/ }).waitFor()
  await path.getByRole('button', { name: /^Put tags on.*answered.*not reached$/ }).waitFor()
  await page.getByRole('region', { name: 'Why it began' }).getByText('“A quote for chairs”').first().waitFor()
  expect(await barriers(page)).toEqual([])

  await mail(page, 'Re: A quote for chairs', 'two', 'In-Reply-To: <one@customer.example>')
  await page.getByRole('region', { name: 'How it ended' }).getByText('All its paths came to their ends.').waitFor()
  await path.getByRole('button', { name: /^Put tags on.*answered.*passed once$/ }).waitFor()
})

test('a run that stopped is mended by another value and tried again; what is refused is said where it stands', {
  timeout: 120_000,
}, async () => {
  const number = await begin('My order 17')
  const run = await runOf(partner, ({ held }) => held > 0)
  const { page } = await look(browser, waybill)
  page.setDefaultTimeout(30_000)
  // What needs somebody stands where all that does, with what can be done about it.
  await open(page, '/attention')
  await page.getByRole('button', { name: 'Retry all: Workflow Tell the partner needs somebody' }).waitFor()
  await page.getByRole('link', { name: /^Show them.*Tell the partner/ }).click()
  await page.waitForURL(`**/runs?workflow=${partner}&state=held`)
  await page.getByRole('grid', { name: 'Runs' }).getByText('Needs you').waitFor()
  await page.getByRole('grid', { name: 'Runs' }).getByRole('link', { name: 'Tell the partner' }).click()
  await page.waitForURL(`**/runs/${run.id}`)
  await page.getByRole('button', { name: 'Edit variables and retry' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Host of the partner' }).fill('nowhere.invalid')
  await dialog.getByRole('button', { name: 'Save and retry' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page
    .getByRole('list', { name: 'Story' })
    .getByText(/tried again/)
    .first()
    .waitFor()
  await page.getByRole('region', { name: 'Variables and inputs' }).getByText('nowhere.invalid').waitFor()

  // The conversation tells the same, and why the other workflow did nothing.
  await open(page, `/conversations/${number}`)
  const strip = page.getByRole('region', { name: 'Automations' })
  await strip.getByRole('button', { name: /Tell the partner.* acts here/ }).click()
  await strip.getByText('Chase quotes').click()
  await strip.getByText('“My order 17”').filter({ visible: true }).waitFor()
  // A narrow page is laid out anew.
  await page.setViewportSize({ width: 400, height: 860 })
  await strip.getByRole('button', { name: /Tell the partner.* acts here/, expanded: false }).click()
  expect(await barriers(page)).toEqual([])
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await strip.getByRole('button', { name: 'Stop: Tell the partner' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click()
  await strip.getByText('Cancelled', { exact: true }).waitFor()

  for (const path of ['/runs', '/tasks', '/settings/working-hours']) {
    await open(page, path)
    await expect.poll(() => page.getByLabel('Loading').count()).toBe(0)
    expect(await barriers(page), path).toEqual([])
    expect(await overflow(page), path).toBeLessThanOrEqual(0)
  }
})
