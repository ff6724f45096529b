import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

interface Made {
  readonly id: string
  readonly version: { readonly number: number } | null
  readonly draft: { readonly nodes: Record<string, { readonly type: string; readonly next: Record<string, string> }> }
}

async function pick(page: Page, button: string, search: string) {
  await page.getByRole('button', { name: button, exact: true }).first().click()
  await page.getByRole('searchbox', { name: 'Search steps' }).fill(search)
  await page.keyboard.press('Enter')
}

test('somebody draws a workflow by keys and buttons, takes back a step, and publishes it', { timeout: 120_000 }, async () => {
  const { page } = await look(browser, waybill)
  page.setDefaultTimeout(30_000)
  await open(page, '/workflows')
  await page.getByRole('button', { name: 'New workflow' }).first().click()
  await page.getByText('What begins it?').waitFor()
  await pick(page, 'Add a trigger', 'tag is put on')
  const flow = page.getByRole('group', { name: 'Flow' })
  await flow.getByRole('button', { name: /^A tag is put on/ }).waitFor()
  await pick(page, 'Put a step behind “A tag is put on”', 'set the priority')
  const card = flow.getByRole('button', { name: /^Set the priority/ })
  await card.waitFor()
  // By keys: walk up, and put a step behind.
  await card.focus()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('/')
  await page.getByRole('searchbox', { name: 'Search steps' }).fill('wait a while')
  await page.keyboard.press('Enter')
  await flow.getByRole('button', { name: /^Wait a while/ }).waitFor()
  await card.focus()
  await page.keyboard.press('Delete')
  await card.waitFor({ state: 'detached' })
  await page.keyboard.press('Control+z')
  await card.waitFor()
  // The same as rows.
  await page.getByText('Rows', { exact: true }).click()
  await page
    .getByRole('region', { name: 'Then' })
    .getByRole('button', { name: /^Set the priority to high/ })
    .waitFor()
  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog', { name: /^Publish/ })
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await dialog.waitFor({ state: 'detached' })
  const { items } = await waybill.api<{ items: Made[] }>('GET', '/v1/workflows')
  expect(items.map(({ version }) => version?.number)).toEqual([1])
  const { draft } = await waybill.api<Made>('GET', `/v1/workflows/${items[0]?.id}`)
  const types = Object.values(draft.nodes).map((node) => node.type)
  expect(types.sort()).toEqual(['conversation.priority@1', 'trigger.tag_added@1', 'wait.time@1'])
})

const ORDERS = {
  ...{ schema: 'workflow/1', name: 'Orders', description: '', subject: 'conversation' },
  nodes: {
    begin: {
      type: 'trigger.conversation_started@1',
      config: { when: { all: [{ field: 'conversation.subject', op: 'contains', value: 'order' }] } },
      next: { out: 'wait' },
    },
    wait: { type: 'wait.reply@1', config: { from: 'customer', after: { working_days: 3 } }, next: { timeout: 'close' } },
    close: { type: 'conversation.status@1', config: { status: 'closed' }, next: {} },
  },
}

test('a draft is tried with a real conversation, past where it waits, and nothing of it happens', {
  timeout: 120_000,
}, async () => {
  const inbox = await waybill.api<{ id: string }>('POST', '/v1/inboxes', { name: 'Shop', address: 'shop@example.com' })
  const { id: conversation } = await waybill.api<{ id: string }>('POST', '/v1/conversations', {
    ...{
      inbox_id: inbox.id,
      channel: 'phone',
      customer: 'Bob <bob@customer.example>',
      subject: 'My order',
      html: '<p>Where?</p>',
    },
  })
  const { id } = await waybill.api<Made>('POST', '/v1/workflows', { name: ORDERS.name, draft: ORDERS })
  const { page } = await look(browser, waybill)
  page.setDefaultTimeout(30_000)
  await open(page, `/workflows/${id}?panel=trial`)
  await page.getByRole('combobox', { name: 'Conversation' }).click()
  await page.getByRole('option', { name: /My order/ }).click()
  const panel = page.getByRole('region', { name: 'Try it' })
  await panel.getByRole('button', { name: 'Try it' }).click()
  const flow = page.getByRole('group', { name: 'Flow' })
  await flow.getByText('would wait here').waitFor()
  await panel.getByRole('region', { name: 'Was it to begin?' }).getByText('“My order”').waitFor()
  await panel.getByRole('button', { name: 'Not in time', exact: true }).click()
  await panel.getByText('It would come to its end.').waitFor()
  expect(await barriers(page)).toEqual([])
  const { status } = await waybill.api<{ status: string }>('GET', `/v1/conversations/${conversation}`)
  expect(status).toBe('open')
  await page.getByRole('button', { name: 'Simulate the last 30 days' }).click()
  await page.getByRole('link', { name: /My order/ }).waitFor()
})
