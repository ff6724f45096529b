import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

const { id: inboxId } = await waybill.api<{ id: string }>('POST', '/v1/inboxes', {
  name: 'Support',
  address: 'support@example.com',
})

async function conversation(subject: string): Promise<number> {
  const body = {
    inbox_id: inboxId,
    channel: 'phone',
    customer: 'Bob Buyer <bob@customer.example>',
    subject,
    html: '<p>Where is my parcel?</p>',
  }
  return (await waybill.api<{ number: number }>('POST', '/v1/conversations', body)).number
}
const pick = async (page: Page, button: string, option: string | RegExp) => {
  await page
    .getByRole('toolbar')
    .getByRole('button', { name: new RegExp(`^${button}`) })
    .click()
  await page.getByRole('option', { name: option }).click()
}
const notices = (page: Page) => page.getByRole('region', { name: 'Notices' })

test('a conversation is assigned, tagged, filled in, closed and opened again by keys, menus and undo', async () => {
  await waybill.api('POST', '/v1/custom-fields', { type: 'text', name: 'Order', is_required: true })
  const number = await conversation('Where is my parcel?')
  const { page } = await look(browser, waybill, { viewport: { width: 1800, height: 900 }, expects: /status of 409/ })
  await open(page, `/conversations/${number}`)
  await page.getByRole('article', { name: 'Message: Bob Buyer' }).waitFor()

  await page.keyboard.press('a')
  await page.getByRole('option', { name: /^Me \(/ }).click()
  await notices(page)
    .getByText(/^Assigned to/)
    .waitFor()
  await page.keyboard.press('l')
  await page.getByRole('textbox', { name: 'Tags' }).fill('vip')
  await page.getByRole('option', { name: 'New tag “vip”' }).click()
  await page.getByRole('button', { name: 'Take off: vip' }).waitFor()

  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const asked = page.getByRole('form', { name: 'Fill these in before closing' })
  await asked.getByLabel('Order').waitFor()
  await asked.getByRole('button', { name: 'Leave it open' }).click()
  const details = page.getByRole('complementary', { name: 'Details of the conversation' })
  await details.getByRole('button', { name: /^Change: Order/ }).click()
  await details.getByRole('textbox', { name: 'Order' }).fill('A-17')
  await details.getByRole('textbox', { name: 'Order' }).press('Enter')
  await details.getByRole('button', { name: 'Change: Order, A-17' }).waitFor()
  await page.keyboard.press('e')
  await page.getByRole('button', { name: 'Status: Closed' }).waitFor()
  await page.keyboard.press('z')
  await page.getByRole('button', { name: 'Status: Open' }).waitFor()

  await pick(page, 'Snooze', /^Tomorrow/)
  await page.getByRole('button', { name: /^Snooze: Until/ }).waitFor()
  await page.getByRole('button', { name: 'Where is my parcel?' }).click()
  await page.getByRole('textbox', { name: 'Subject' }).fill('Parcel of Bob')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Parcel of Bob' }).waitFor()
  expect((await barriers(page)).filter((barrier) => /heading-order|toolbar|<(button|input|h2)\b/.test(barrier))).toEqual([])
})

test('two conversations are merged after a look at what happens, and parted again', async () => {
  const [one, two] = [await conversation('First question'), await conversation('First question once more')]
  const { page } = await look(browser, waybill, { viewport: { width: 1800, height: 1300 } })
  await open(page, `/conversations/${two}`)
  await page.getByRole('button', { name: 'More acts' }).click()
  await page.getByRole('menuitem', { name: 'Merge…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Number, subject, person or words').fill(String(one))
  await dialog.getByRole('radio', { name: new RegExp(`^#${one} `) }).check()
  await dialog.getByText(`Everything in #${two} moves to #${one}`).waitFor()
  await dialog.getByRole('button', { name: 'Merge' }).click()
  await page.waitForURL(`**/conversations/${one}**`)
  await expect.poll(() => page.getByRole('article', { name: 'Message: Bob Buyer' }).count(), { timeout: 20_000 }).toBe(2)

  await page.getByRole('button', { name: `Part #${two} again` }).click()
  await expect.poll(() => page.getByRole('article', { name: 'Message: Bob Buyer' }).count(), { timeout: 20_000 }).toBe(1)
})

test('chosen messages are split off into a conversation of their own; the one they left says so', async () => {
  const number = await conversation('Two things at once')
  await waybill.api('POST', `/v1/conversations/${number}/notes`, { html: '<p>The second thing is about the bill.</p>' })
  const { page } = await look(browser, waybill, { viewport: { width: 1800, height: 900 } })
  await open(page, `/conversations/${number}`)
  await page.getByRole('button', { name: 'More acts' }).click()
  await page.getByRole('menuitem', { name: 'Split…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Subject').fill('About the bill')
  await dialog.getByRole('checkbox').nth(1).check()
  expect((await barriers(page)).filter((barrier) => !barrier.startsWith('target-size'))).toEqual([])
  await dialog.getByRole('button', { name: /^Split/ }).click()
  await page.getByRole('heading', { name: 'About the bill' }).waitFor()
  await page.getByText('The second thing is about the bill.').first().waitFor()
  await page.getByText(`split it off from #${number} Two things at once`).waitFor()
  await open(page, `/conversations/${number}`)
  await page.getByText(/split off #\d+ About the bill/).waitFor()
  expect(await page.getByText('The second thing is about the bill.').count()).toBe(0)
})

test('beside a conversation stands whom it is with: what keeps mail from them, and what was sent to them and how it fared', async () => {
  const number = await conversation('Who is this?')
  await waybill.api('POST', '/v1/messages', {
    from: 'Shop <shop@example.com>',
    to: ['bob@customer.example'],
    subject: 'Your order 17',
    text: 'Thanks.',
  })
  await waybill.api('POST', '/v1/suppressions', { address: 'bob@customer.example', stream: 'bulk', note: '' })
  const { page } = await look(browser, waybill, { viewport: { width: 1800, height: 900 } })
  await open(page, `/conversations/${number}`)
  const person = page.getByRole('region', { name: 'Customer' })
  await person.getByText('Suppressed').waitFor()
  await person.getByRole('link', { name: 'Your order 17' }).click()
  await page.waitForURL('**/messages/**')
  await page.getByText('Your order 17').first().waitFor()
})

test('letters that are typed before the composer has the keyboard are no acts', async () => {
  const number = await conversation('Typed in haste')
  const { page } = await look(browser, waybill, { viewport: { width: 1800, height: 900 } })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/v1/conversations/*/drafts', async (route) => {
    await released
    await route.continue()
  })
  await open(page, `/conversations/${number}`)
  await page.getByRole('article', { name: 'Message: Bob Buyer' }).waitFor()
  await page.keyboard.type('r#es')
  release()
  await page.getByRole('region', { name: 'Write' }).or(page.locator('[contenteditable=true]')).first().waitFor()
  const shown = await waybill.api<{ status: string; is_starred: boolean; deleted_at: string | null }>(
    'GET',
    `/v1/conversations/${number}`,
  )
  expect(shown).toMatchObject({ status: 'open', deleted_at: null })
})

test('a field, a label and a tag are set up on one page', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/settings/fields')
  await page.getByRole('button', { name: 'Add a label' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Waiting for parts')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Waiting for parts', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'Add a tag' }).click()
  await dialog.getByLabel('Name').fill('Refund')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Change: refund' }).waitFor()
  expect(await barriers(page)).toEqual([])
})
