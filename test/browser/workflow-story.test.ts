import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { DAY } from '../../src/lib/clock.ts'
import { testBrowser } from '../support/browser.ts'
import { passing } from '../support/clock.ts'
import { barriers, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const time = passing()
const browser = await testBrowser()
const waybill = await testConsole({ clockBy: time.by })

const QUOTE = 'Here is our quote.'
const REMINDER = 'Have you had time to look at our quote?'
const ANOTHER = 'Is our quote of use to you?'
/** Longer than three working days, whatever day it is. */
const LONG = 6 * DAY

interface Run {
  readonly id: string
  readonly version: number
  readonly vars: Readonly<Record<string, unknown>>
  readonly tokens: ReadonlyArray<{ readonly state: string; readonly until: string | null }>
}

/** A customer asks, and is sent a quote. */
async function quoted(inbox: string, name: string): Promise<string> {
  const customer = `${name.toLowerCase()}@customer.example`
  const asked = { inbox_id: inbox, channel: 'phone', customer: `${name} <${customer}>`, subject: `Chairs for ${name}` }
  const { id } = await waybill.api<{ id: string }>('POST', '/v1/conversations', { ...asked, html: '<p>How much are ten?</p>' })
  await waybill.api('POST', `/v1/conversations/${id}/replies`, { to: [customer], html: `<p>${QUOTE}</p>` })
  return id
}

async function runAbout(conversation: string): Promise<Run> {
  const runs = () => waybill.api<{ items: Run[] }>('GET', `/v1/workflow-runs?subject_id=${conversation}`)
  await expect.poll(async () => (await runs()).items.length, { timeout: 30_000 }).toBe(1)
  return (await runs()).items[0] as Run
}

/** After how many reminders it waits for an answer; null: it does something else. */
async function waitsAfter(id: string): Promise<unknown> {
  const { tokens, vars } = await waybill.api<Run>('GET', `/v1/workflow-runs/${id}`)
  return tokens.some(({ state, until }) => state === 'waiting' && until !== null) ? vars.reminders : null
}

/** As it comes from outside. */
async function answer(page: Page, inbox: string, name: string): Promise<void> {
  const head = [
    `From: ${name} <${name.toLowerCase()}@customer.example>`,
    'To: shop@example.com',
    `Subject: Re: Chairs for ${name}`,
  ]
  const asked = sentTo(`${name.toLowerCase()}@customer.example`)
  const id = /^Message-ID: (.+)$/im.exec(asked[0]?.content ?? '')?.[1] ?? ''
  const data = Buffer.from([...head, `Message-ID: <${name}@customer.example>`, `In-Reply-To: ${id}`, '', 'Yes', ''].join('\r\n'))
  const headers = { 'content-type': 'message/rfc822', 'x-waybill': '1' }
  expect((await page.request.post(`/v1/inbound/raw?inbox_id=${inbox}`, { headers, data })).status()).toBe(202)
}

const sentTo = (address: string) => waybill.smtp.messages.filter(({ recipients }) => recipients.includes(address))
const mailed = (text: string) =>
  waybill.smtp.messages.filter(({ content }) => content.includes(text)).flatMap(({ recipients }) => recipients)

async function put(page: Page, way: string, search: string): Promise<void> {
  await page.getByRole('button', { name: way, exact: true }).first().click()
  await page.getByRole('searchbox', { name: 'Search steps' }).fill(search)
  await page.keyboard.press('Enter')
}

async function choose(page: Page, field: Locator, option: string | RegExp): Promise<void> {
  await field.click()
  await page.getByRole('option', { name: option, exact: typeof option === 'string' }).click()
}

async function ask(page: Page, what: string, how: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a row' }).click()
  await choose(page, page.getByRole('combobox', { name: 'What', exact: true }), what)
  await choose(page, page.getByRole('combobox', { name: 'How', exact: true }), how)
}

test('quotes are chased: drawn, tried, published; answers stop it, time reminds, and who waits moves to the next version', {
  timeout: 240_000,
}, async () => {
  const inbox = await waybill.api<{ id: string }>('POST', '/v1/inboxes', { name: 'Shop', address: 'shop@example.com' })
  await quoted(inbox.id, 'Ann')
  const { page } = await look(browser, waybill)
  page.setDefaultTimeout(30_000)

  // Drawn: when a quote is sent, wait three working days; remind, at most three times; close.
  await open(page, '/workflows')
  await page.getByRole('button', { name: 'New workflow' }).first().click()
  const flow = page.getByRole('group', { name: 'Flow' })
  const card = (name: string | RegExp) => flow.getByRole('button', { name })
  await put(page, 'Add a trigger', 'somebody answers')
  await ask(page, 'Text of the message', 'contains')
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill('our quote')
  await page.getByRole('tab', { name: 'Workflow' }).click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Chase quotes')
  await page.getByRole('button', { name: 'Add: Variables' }).click()
  const variables = page.getByRole('group', { name: 'Variables' })
  await variables.getByRole('textbox', { name: 'Name' }).fill('reminders')
  await choose(page, variables.getByRole('combobox', { name: 'Type' }), 'Number')
  await variables.getByRole('textbox', { name: 'Begins with' }).fill('0')
  await put(page, 'Put a step behind “Somebody answers”', 'wait for an answer')
  await card(/^Wait for an answer ?: Wait until the customer writes, at most 3 working days/).waitFor()
  await put(page, 'Put a step behind “Wait for an answer”, Not in time', 'goes one way if')
  await ask(page, 'reminders', 'is less than')
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill('3')
  await put(page, 'Put a step behind “If”, Yes', 'answer the customer')
  await page.getByRole('textbox', { name: 'Answer', exact: true }).fill(REMINDER)
  await page.getByRole('button', { name: 'Add: Remember afterwards' }).click()
  await page
    .getByRole('group', { name: 'Remember afterwards' })
    .getByRole('textbox', { name: 'Value' })
    .fill('vars.reminders + 1')
  await choose(page, page.getByRole('combobox', { name: 'Sent: leads to' }), 'Wait for an answer')
  await put(page, 'Put a step behind “If”, No', 'set the status')

  await page.getByText('Rows', { exact: true }).click()
  await page.getByText('This workflow outgrew rows.').waitFor()
  await page.getByRole('button', { name: 'Open as flow' }).click()
  await page.getByRole('tab', { name: /^Problems/ }).click()
  await page.getByRole('button', { name: /If it comes to “Not delivered”/ }).waitFor()
  expect(await barriers(page)).toEqual([])

  // Tried with the quote that was sent before there was a workflow, past where it would wait.
  await page.getByRole('tab', { name: 'Try it' }).click()
  const trial = page.getByRole('region', { name: 'Try it' })
  await choose(page, trial.getByRole('combobox', { name: 'Conversation' }), /Chairs for Ann/)
  await trial.getByRole('button', { name: 'Try it' }).click()
  await flow.getByText('would wait here').waitFor()
  await trial.getByRole('button', { name: 'Not in time', exact: true }).click()
  await trial.getByText(REMINDER).first().waitFor()

  await publish(page)
  const { items } = await waybill.api<{ items: { id: string }[] }>('GET', '/v1/workflows')
  const editor = `/workflows/${items[0]?.id}`

  // Two are sent a quote. One of them answers, and is left in peace.
  const of = { bob: await quoted(inbox.id, 'Bob'), cecil: await quoted(inbox.id, 'Cecil') }
  const [bob, cecil] = [await runAbout(of.bob), await runAbout(of.cecil)]
  await open(page, `/runs/${bob.id}`)
  const stands = page.getByRole('region', { name: 'Where it stands' })
  await stands
    .getByText(/^Goes on .+, or before by a message of the customer\. By itself it goes on by “Not in time”\.$/)
    .waitFor()
  const path = page.getByRole('group', { name: 'The path it took' })
  await answer(page, inbox.id, 'Bob')
  await page.getByRole('region', { name: 'How it ended' }).getByText('All its paths came to their ends.').waitFor()
  await path.getByRole('button', { name: /^Answer the customer.+not reached$/ }).waitFor()

  // The other says nothing.
  await open(page, `/runs/${cecil.id}`)
  await path.getByRole('button', { name: /^Wait for an answer.+Waits here$/ }).waitFor()
  time.advance(LONG)
  await path.getByRole('button', { name: /^Answer the customer.+passed once$/ }).waitFor()
  await expect.poll(() => mailed(REMINDER).length, { timeout: 30_000 }).toBe(1)
  await page
    .getByRole('region', { name: 'Mail of this run' })
    .getByRole('link', { name: /cecil@customer\.example/ })
    .waitFor()
  expect(mailed(REMINDER)).toEqual(['cecil@customer.example'])
  await expect.poll(() => waitsAfter(cecil.id), { timeout: 30_000 }).toBe(1)

  // Drawn anew: another step waits, with other words behind it. Who stands at the one that is gone is told where to go on.
  await open(page, editor)
  await card(/^Answer the customer/).click()
  await page.getByRole('textbox', { name: 'Answer', exact: true }).fill(ANOTHER)
  await card(/^Wait for an answer/).focus()
  await page.keyboard.press('Delete')
  await put(page, 'Put a step behind “Somebody answers”', 'wait for an answer')
  await page.getByRole('textbox', { name: 'How many' }).fill('2')
  await page.getByRole('combobox', { name: 'They wrote: leads to' }).fill('')
  await page.keyboard.press('Tab')
  await choose(page, page.getByRole('combobox', { name: 'Not in time: leads to' }), 'If')
  await card(/^Answer the customer/).click()
  await choose(page, page.getByRole('combobox', { name: 'Sent: leads to' }), 'Wait for an answer')
  await publish(page, async (dialog) => {
    await dialog.getByRole('radio', { name: /^Move them/ }).check()
    await dialog.getByText('0 runs can be moved; 1 cannot, and keep their version.').waitFor()
    await dialog.getByText('This step is not there in the other version.').waitFor()
    await choose(page, dialog.getByRole('combobox', { name: 'Goes on at' }), /^Wait for an answer/)
    await dialog.getByText('It can be moved.').waitFor()
  })
  await expect.poll(async () => (await runAbout(of.cecil)).version, { timeout: 30_000 }).toBe(2)

  // Reminded three times in all, then closed.
  await open(page, `/runs/${cecil.id}`)
  await page.getByText('version 2', { exact: true }).waitFor()
  for (const n of [2, 3]) {
    time.advance(LONG)
    await expect.poll(() => waitsAfter(cecil.id), { timeout: 30_000 }).toBe(n)
  }
  time.advance(LONG)
  await page.getByRole('region', { name: 'How it ended' }).getByText('All its paths came to their ends.').waitFor()
  expect(await waybill.api('GET', `/v1/conversations/${of.cecil}`)).toMatchObject({ status: 'closed' })
  expect([mailed(REMINDER).length, mailed(ANOTHER).length]).toEqual([1, 2])

  // On a telephone the list is the drawing.
  await page.setViewportSize({ width: 400, height: 800 })
  await page.goto(editor)
  await page.getByRole('navigation', { name: 'Steps of the workflow' }).waitFor()
  expect(await overflow(page)).toBe(0)
  expect(await barriers(page)).toEqual([])
})

async function publish(page: Page, further?: (dialog: Locator) => Promise<void>): Promise<void> {
  await page.getByText('Saved', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog', { name: /^Publish/ })
  await dialog.getByRole('checkbox', { name: /meant so/ }).check()
  await further?.(dialog)
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await dialog.waitFor({ state: 'detached' })
}
