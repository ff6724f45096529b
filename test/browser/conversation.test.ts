import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers } from './axe.ts'
import { API_KEY, look, open, signIn, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

const EVA = { email: 'eva@shop.example', password: 'four other words for Eva' }
const { id: inboxId } = await waybill.api<{ id: string }>('POST', '/v1/inboxes', {
  name: 'Support',
  address: 'support@example.com',
})
await waybill.api('POST', '/v1/members', { name: 'Eva Else', role: 'agent', ...EVA })

async function conversation(subject: string): Promise<number> {
  const body = {
    inbox_id: inboxId,
    channel: 'phone',
    customer: 'Bob Buyer <bob@customer.example>',
    subject,
    html: '<p>Where is <b>my</b> parcel?</p>',
  }
  return (await waybill.api<{ number: number }>('POST', '/v1/conversations', body)).number
}

const text = (page: Page) => page.getByRole('textbox', { name: 'Text' })

async function asEva() {
  const seen = await look(browser, waybill, { signedIn: false })
  await signIn(seen.page, EVA)
  return seen.page
}

test('two in one conversation: a draft survives, an answer is taken back and sent, and the other sees it as it happens', async () => {
  const number = await conversation('Where is my parcel?')
  const { page: ann } = await look(browser, waybill)
  const eva = await asEva()
  await open(eva, `/conversations/${number}`)
  await eva.getByText('Where is my parcel?').last().waitFor()

  await open(ann, `/conversations/${number}`)
  await ann.getByRole('article', { name: 'Message: Bob Buyer' }).waitFor()
  await ann.getByRole('button', { name: /^Reply/ }).waitFor()
  await ann.keyboard.press('r')
  await text(ann).fill('It left yesterday.')
  await ann.getByText('Draft saved').waitFor()
  await eva.getByText(/has a draft here/).waitFor()

  await ann.reload()
  await expect.poll(() => text(ann).innerText(), { timeout: 10_000 }).toBe('It left yesterday.')
  await ann.getByRole('button', { name: 'Send', exact: true }).click()
  await eva.getByText('It left yesterday.').waitFor()

  await ann.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => text(ann).innerText(), { timeout: 10_000 }).toBe('It left yesterday.')
  await eva.getByText('It left yesterday.').waitFor({ state: 'detached' })
  expect(waybill.smtp.received()).not.toContain('bob@customer.example')

  await waybill.api('PATCH', `/v1/inboxes/${inboxId}`, { undo_seconds: 0 })
  await text(ann).press('Control+End')
  await ann.keyboard.type(' Or today.')
  await ann.keyboard.press('Control+Enter')
  await eva.getByText('It left yesterday. Or today.').waitFor()
  await waybill.smtp.when((server) => server.received().includes('bob@customer.example'))
  await ann.getByText(/^Sent · 250/).waitFor({ timeout: 20_000 })
})

test('who writes while a colleague answers is told, and nothing is lost', async () => {
  const number = await conversation('Both of us')
  const { page } = await look(browser, waybill, { expects: /409/ })
  await open(page, `/conversations/${number}`)
  await page.getByRole('button', { name: /^Reply/ }).waitFor()
  await page.keyboard.press('r')
  await text(page).fill('My answer')
  await page.getByText('Draft saved').waitFor()
  await waybill.api('POST', `/v1/conversations/${number}/notes`, { html: '<p>Wait, he called again</p>' })
  await page.keyboard.press('Control+Enter')
  await page.getByText('Something new came in while you wrote.').waitFor()
  await page.getByRole('button', { name: 'Send anyway' }).click()
  await page
    .getByRole('article', { name: /^Reply:/ })
    .getByText('My answer')
    .waitFor()
})

test('a saved reply comes with the name of whom it answers; a note names a colleague', async () => {
  await waybill.api('POST', '/v1/saved-replies', {
    name: 'On its way',
    html: '<p>Hello {{ contact.first_name | there }}, it is on its way.</p>',
  })
  const number = await conversation('Saved')
  const { page } = await look(browser, waybill)
  await open(page, `/conversations/${number}`)
  await page.getByRole('button', { name: /^Reply/ }).waitFor()
  await page.keyboard.press('r')
  await text(page).pressSequentially('/way')
  await page.getByRole('option', { name: /On its way/ }).waitFor()
  await page.keyboard.press('Enter')
  await expect.poll(() => text(page).innerText(), { timeout: 10_000 }).toContain('Hello Bob, it is on its way.')
  expect(await barriers(page)).toEqual([])
  await page.getByText('Note', { exact: true }).click()
  await text(page).pressSequentially('@eva')
  await page.getByRole('option', { name: /Eva Else/ }).click()
  await page.keyboard.press('Control+Enter')
  await page
    .getByRole('article', { name: /^Note:/ })
    .getByText('@Eva Else')
    .waitFor()
})

test('what is typed while a conversation is deleted or joined with another is there again where one goes on', async () => {
  const [number, other] = [await conversation('Twice the same'), await conversation('The same, earlier')]
  const { page } = await look(browser, waybill)
  await open(page, `/conversations/${number}`)
  await page.getByRole('button', { name: /^Reply/ }).click()
  await text(page).pressSequentially('Not lost')
  const { id } = await waybill.api<{ id: string }>('GET', `/v1/conversations/${number}`)
  await waybill.api('DELETE', `/v1/conversations/${id}`)
  await page.getByText('This conversation is deleted.').waitFor()
  await page.getByRole('button', { name: 'Restore it' }).click()
  await expect.poll(() => text(page).innerText(), { timeout: 20_000 }).toBe('Not lost')

  await text(page).press('Control+End')
  await page.keyboard.type(', not here either')
  const target = await waybill.api<{ id: string }>('GET', `/v1/conversations/${other}`)
  await waybill.api('POST', '/v1/conversations/merge', { ids: [id], into: target.id })
  await page.waitForURL(`**/conversations/${other}*`)
  await page.getByText(`#${number} is part of #${other} now.`).first().waitFor()
  await expect.poll(() => text(page).innerText(), { timeout: 20_000 }).toBe('Not lost, not here either')
})

test('closing asks for what is required where somebody closes, and goes on from there', async () => {
  const field = { name: 'Order number', type: 'text', is_required: true, inbox_id: inboxId }
  const { id } = await waybill.api<{ id: string }>('POST', '/v1/custom-fields', field)
  const [number, second] = [await conversation('Closed by an answer'), await conversation('Closed by a key')]
  const { page } = await look(browser, waybill, { expects: /409/ })
  await open(page, `/conversations/${number}`)
  await page.getByRole('button', { name: /^Reply/ }).click()
  await text(page).fill('All done.')
  await page.getByRole('button', { name: 'More ways to send' }).click()
  await page.getByRole('menuitem', { name: 'Send and close' }).click()
  const fill = page.getByRole('form', { name: 'Fill these in before closing' })
  await fill.getByLabel('Order number').fill('A-17')
  await fill.getByLabel('Order number').press('Enter')
  await page.getByText('All done.').waitFor()
  await expect
    .poll(async () => await waybill.api('GET', `/v1/conversations/${number}`), { timeout: 20_000 })
    .toMatchObject({ status: 'closed', fields: { [id]: 'A-17' } })

  await open(page, `/conversations/${second}`)
  await page.getByRole('button', { name: /^Reply/ }).waitFor()
  await page.keyboard.press('e')
  await fill.getByLabel('Order number').fill('A-18')
  await fill.getByRole('button', { name: 'Close' }).click()
  await expect
    .poll(async () => await waybill.api('GET', `/v1/conversations/${second}`), { timeout: 20_000 })
    .toMatchObject({ status: 'closed' })
  await waybill.api('DELETE', `/v1/custom-fields/${id}`)
})

/** Whether the words of an element are read in the order they are written in. */
const READS_ON = new Function(
  'element',
  `const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode()
   const leftOf = (at) => {
     const range = document.createRange()
     range.setStart(words, at)
     range.setEnd(words, at + 1)
     return range.getBoundingClientRect().left
   }
   const text = words.data.replace(/[\\u202a-\\u202e\\u2066-\\u2069]/g, '').trim()
   const from = words.data.indexOf(text)
   return leftOf(from) < leftOf(from + text.length - 1)`,
) as (element: unknown) => boolean
const readsOn = (where: Locator): Promise<boolean> => where.evaluate(READS_ON)

test('a mail that turns directions round and wants its answers elsewhere turns nothing else, says where answers go, and is printed whole', async () => {
  const turned = '\u202e\u2067\u202d\u202eturned\u2069\u2069\u2069\u202e'
  const head =
    'From: Bank <office@bank.example>\r\nReply-To: pay@elsewhere.example\r\nSubject: Your account\r\nContent-Type: text/html; charset=utf-8'
  const hand = (body: string) =>
    fetch(`${waybill.url}/v1/inbound/raw?inbox_id=${inboxId}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'message/rfc822' },
      body: `${head}\r\n\r\n${body}\r\n`,
    })
  const handed = (await (await hand(`<p>${turned}</p><p>and after it</p>`)).json()) as { arrivals: { url: string }[] }
  const found = async () =>
    (await waybill.api<{ conversation: { number: number } | null }>('GET', handed.arrivals[0]?.url ?? '')).conversation?.number
  await expect.poll(found, { timeout: 30_000 }).toBeTypeOf('number')
  const number = (await found()) ?? 0
  const notes = async (from: number, to: number) => {
    for (let n = from; n < to; n += 1)
      await waybill.api('POST', `/v1/conversations/${number}/notes`, { html: `<p>note ${n}</p>` })
  }
  await notes(0, 1)
  const { page, context } = await look(browser, waybill)
  await open(page, `/conversations/${number}`)
  await page.getByText('Written by Bank <office@bank.example>. Answers go to pay@elsewhere.example, as the mail asks.').waitFor()
  const letter = page.getByRole('article', { name: 'Message: Bank' })
  await letter.waitFor()
  expect(await readsOn(letter.getByText('turned'))).toBe(false)
  expect(await readsOn(letter.getByText('and after it'))).toBe(true)
  expect(await readsOn(page.getByRole('article', { name: /^Note:/ }).first())).toBe(true)

  // More than the page shows, and far more than is in view.
  await notes(1, 40)
  await page.reload()
  await page.getByText('note 39', { exact: true }).waitFor()
  expect(await letter.count()).toBe(0)
  const opened = context.waitForEvent('page')
  await page.keyboard.press('Control+p')
  const paper = await opened
  await paper.getByText('and after it').waitFor()
  expect(await readsOn(paper.getByText('and after it'))).toBe(true)
  await paper.getByRole('link', { name: 'With notes' }).click()
  await paper.getByText('note 0', { exact: true }).waitFor()
  await paper.getByText('note 39', { exact: true }).waitFor()
})
