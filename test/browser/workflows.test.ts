import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
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

test('secrets are kept, replaced and removed by name, and say which workflows use them', { timeout: 120_000 }, async () => {
  const { page } = await look(browser, waybill)
  page.setDefaultTimeout(30_000)
  await open(page, '/settings/secrets')
  await page.getByText('Nothing is kept here yet').waitFor()
  await page.getByRole('button', { name: 'Add a secret' }).first().click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Shop')
  await page.locator('input[type=password]').fill('shop-7f3a')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('No workflow', { exact: true }).waitFor()
  await waybill.api('POST', '/v1/workflows', {
    name: 'Look up orders',
    draft: {
      ...{ schema: 'workflow/1', name: 'Look up orders', subject: 'none' },
      nodes: { ask: { type: 'http.request@1', config: { url: 'https://shop.example/', secret: 'Shop' } } },
    },
  })
  await open(page, '/settings/secrets')
  await page.getByRole('link', { name: 'Look up orders' }).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Replace: Shop' }).click()
  expect(await page.locator('input[type=password]').inputValue()).toBe('')
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 400, height: 800 })
  expect(await overflow(page)).toBe(0)
  await page.getByRole('button', { name: 'Remove: Shop' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove “Shop”?' })
  await dialog.getByText(/^1 workflow uses it/).waitFor()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await page.getByText('Nothing is kept here yet').waitFor()
})

test('the address of a step is called once it is published, and in vain once it has another one', {
  timeout: 120_000,
}, async () => {
  const draft = {
    ...{ schema: 'workflow/1', name: 'Called', subject: 'none' },
    nodes: {
      called: { type: 'trigger.webhook@1', config: {}, next: { out: 'end' } },
      end: { type: 'end@1', config: {} },
    },
  }
  const { id } = await waybill.api<Made>('POST', '/v1/workflows', { name: draft.name, draft })
  const { page } = await look(browser, waybill, { expects: /409/ })
  page.setDefaultTimeout(30_000)
  await open(page, `/workflows/${id}`)
  await page.getByRole('button', { name: /^When its web address is called/ }).click()
  const panel = page.getByRole('region', { name: 'Web address' })
  await panel.getByText(/^Nobody listens yet/).waitFor()
  const shown = async () => new URL((await panel.locator('code').innerText()).trim()).pathname
  const call = async (path: string) => (await fetch(`${waybill.url}${path}`, { method: 'POST', body: 'Hello' })).status
  const first = await shown()
  expect(await call(first)).toBe(409)
  await page.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog', { name: /^Publish/ })
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await panel.getByText('It listens.').waitFor()
  expect(await call(first)).toBe(202)
  await panel.getByText(/^curl '/).waitFor()
  expect(await barriers(page)).toEqual([])
  await panel.getByRole('button', { name: 'Change the address' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Change the address' }).click()
  await expect.poll(shown, { timeout: 30_000 }).not.toBe(first)
  expect(await call(first)).toBe(404)
  expect(await call(await shown())).toBe(202)
  // Somebody else writes meanwhile: nobody’s work is lost unseen.
  const { draft_revision: revision } = await waybill.api<{ draft_revision: number }>('GET', `/v1/workflows/${id}`)
  await waybill.api('PATCH', `/v1/workflows/${id}`, { revision, draft: { ...draft, description: 'Theirs' } })
  await page.getByRole('textbox', { name: 'Note for your people' }).fill('Mine')
  await page.getByText('Somebody else changed this workflow meanwhile.').waitFor()
  await page.getByRole('button', { name: 'Keep mine' }).click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const kept = await waybill.api<{ draft: { nodes: Record<string, { note?: string }> } }>('GET', `/v1/workflows/${id}`)
  expect(kept.draft.nodes.called?.note).toBe('Mine')
})

test('on a telephone workflows are put in another order, and switched, from their rows', { timeout: 120_000 }, async () => {
  const { page } = await look(browser, waybill, { viewport: { width: 400, height: 800 } })
  page.setDefaultTimeout(30_000)
  const order = async () => (await waybill.api<{ items: { id: string; name: string }[] }>('GET', '/v1/workflows')).items
  const [first] = await order()
  await open(page, '/workflows')
  await page
    .getByRole('button', { name: `More: ${first?.name}` })
    .first()
    .click()
  await page.getByRole('menuitem', { name: 'Ask last' }).click()
  await expect.poll(async () => (await order()).at(-1)?.id, { timeout: 30_000 }).toBe(first?.id)
  expect(await overflow(page)).toBe(0)
  expect(await barriers(page)).toEqual([])
  await page.getByRole('switch', { name: 'Turn off: Called' }).press('Space')
  await page.getByRole('switch', { name: 'Turn on: Called' }).waitFor()
})
