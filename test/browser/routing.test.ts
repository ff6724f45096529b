import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, barriersInBothSchemes, overflow } from './axe.ts'
import { look, open, send, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()
const { items: routes } = await waybill.api<{ items: { id: string; name: string; kind: string }[] }>('GET', '/v1/routes')
const relay = routes.find(({ kind }) => kind === 'smtp') as { id: string; name: string }
const backup = await waybill.api<{ id: string }>('POST', '/v1/routes', {
  kind: 'smtp',
  name: 'Backup',
  settings: { host: '127.0.0.1', port: waybill.smtp.port, security: 'none', allow_private: true },
})

test('a rule is made with the keyboard, read as a sentence, moved, switched off, and decides which way a mail would take', async () => {
  await waybill.api('POST', '/v1/rules', {
    name: 'Bulk by backup',
    conditions: { streams: ['bulk'] },
    targets: [{ route_id: backup.id, weight: 1 }],
  })
  const { page } = await look(browser, waybill)
  await open(page, '/')
  await page.keyboard.press('g')
  await page.keyboard.press('w')
  await page.getByRole('heading', { level: 1, name: 'Rules' }).waitFor()
  await page.getByText('Bulk mail → takes Backup 100 %').waitFor()

  await page.getByRole('button', { name: 'Add a rule' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Add a rule' })
  await form.waitFor()
  await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('INPUT')
  await page.keyboard.type('Google by relay')
  await form.getByRole('group', { name: 'Add a condition' }).getByRole('button', { name: 'Receiver' }).press('Enter')
  // The picker that was asked for has the focus.
  await page.keyboard.type('Goog')
  await page.getByRole('option', { name: 'Google' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await form.getByText('Mail to Google').waitFor()
  await page.keyboard.press('Escape')
  await choose(page, form.getByLabel('Route 1', { exact: true }).first(), relay.name)
  await form.getByLabel('Weight 1').fill('9')
  await form.getByRole('button', { name: 'Add a route' }).press('Enter')
  await choose(page, form.getByLabel('Route 2', { exact: true }).first(), 'Backup')
  await form.getByText('stands by', { exact: true }).waitFor()
  await form.getByLabel('Weight 2').fill('1')
  await form.getByText('90 %').waitFor()
  await form.getByRole('switch', { name: /^Leave a route alone/ }).press('Space')
  await form.getByText(/^When 5 tries within 5 minutes, and at least 20 % of all, fail because/).waitFor()
  expect(await barriers(page), 'the form').toEqual([])
  await shot(page, 'rule-form')
  await form.getByRole('button', { name: 'Add the rule' }).press('Enter')
  const list = page.getByRole('list', { name: 'Rules in their order' })
  await list.getByText(`Mail to Google → takes ${relay.name} 90 %Backup 10 %`).waitFor()

  // Twice the same button: the focus goes along, and stops at the top.
  await page.getByRole('button', { name: 'Move up: Google by relay' }).press('Enter')
  await list.getByRole('listitem', { name: 'Rule 1: Google by relay' }).waitFor()
  expect(await page.evaluate("document.activeElement?.getAttribute('aria-label')")).toBe('Move up: Google by relay')
  await expect
    .poll(async () => (await waybill.api<{ items: { name: string }[] }>('GET', '/v1/rules')).items.map(({ name }) => name))
    .toEqual(['Google by relay', 'Bulk by backup'])

  await page.getByLabel('From domain').fill('shop.example')
  await page.getByLabel('Recipient’s domain').fill('gmail.com')
  await page.getByRole('button', { name: 'Look' }).press('Enter')
  await page.getByText('The rule Google by relay decides.').waitFor()
  await page.getByText(`${relay.name}, 90 % of such mail`).waitFor()
  await inEveryLook(page, 'rules')

  // Switched off, it decides no more, and the answer says so without being asked again.
  await page.getByRole('switch', { name: 'Google by relay: in force' }).press('Space')
  await page.getByText('No rule fits, so the default route is asked.').waitFor()
  await page.getByRole('button', { name: 'Remove: Google by relay' }).press('Enter')
  await page.getByRole('button', { name: 'Remove the rule' }).press('Enter')
  await expect.poll(() => list.getByRole('listitem').count()).toBe(1)
})

test('a limit says while it is typed what it means, and a warm-up shows its day and its curve', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/')
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await page.getByText('No limit is set').waitFor()
  await page.getByRole('button', { name: 'Add a limit' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Add a limit' })
  await form.getByText('35 an hour = one about every 103 seconds').waitFor()
  await form.getByLabel('How many').fill('60')
  await form.getByText('60 an hour = one about every 60 seconds').waitFor()
  await choose(page, form.getByLabel('Receiver', { exact: true }).first(), 'Microsoft')
  expect(await barriers(page), 'the form').toEqual([])
  await form.getByRole('button', { name: 'Add the limit' }).press('Enter')
  const row = page.getByRole('row', { name: /Mail to Microsoft/ })
  await row.getByText('one about every 60 seconds').waitFor()
  await row.getByRole('button', { name: 'Change: Mail to Microsoft, 60 an hour' }).press('Enter')
  await page.getByLabel('How many').fill('35')
  await page.getByRole('button', { name: 'Save the limit' }).press('Enter')
  await row.getByText('one about every 103 seconds').waitFor()

  await page.getByRole('button', { name: 'Warm a route up' }).press('Enter')
  const start = page.getByRole('dialog', { name: 'Warm a route up' })
  await choose(page, start.getByLabel('Route', { exact: true }).first(), 'Backup')
  await start.getByRole('radio', { name: /One of your own/ }).press('Space')
  await start.getByLabel('Messages each day').fill('50, zero')
  await start.getByText('Write whole numbers from 1 on', { exact: false }).waitFor()
  await start.getByLabel('Messages each day').fill('50, 100, 200, 400')
  await start.getByText('4 days, 750 messages in all.', { exact: false }).waitFor()
  await start.getByRole('button', { name: 'Start today' }).press('Enter')
  const warmUp = page.getByRole('region', { name: 'Backup' })
  await warmUp.getByText('Day 1 of 4').waitFor()
  await warmUp.getByRole('meter', { name: '0 of 50 have left today' }).waitFor()
  await warmUp.getByRole('group').focus()
  await page.keyboard.press('ArrowRight')
  await warmUp.getByText('Day 1: 50 (today)').waitFor()
  await inEveryLook(page, 'limits')

  await row.getByRole('button', { name: /^Remove: / }).press('Enter')
  await page.getByRole('button', { name: 'Remove the limit' }).press('Enter')
  await page.getByText('No limit is set').waitFor()
  await warmUp.getByRole('button', { name: 'End it: Backup' }).press('Enter')
  await page.getByRole('button', { name: 'End the warm-up' }).press('Enter')
  await page.getByText('No route is being warmed up.').waitFor()
})

test('the filter of the list goes along to an act on all of it: counted, shown, asked, done', async () => {
  waybill.smtp.answer('later@gmail.com', '451 4.7.1 Greylisted').always()
  for (const to of ['later@gmail.com', 'ann@gmail.com', 'bob@example.org']) await send(waybill, { to, subject: `For ${to}` })
  const { page } = await look(browser, waybill)
  const states = async () =>
    (await waybill.api<{ items: { state: string }[] }>('GET', '/v1/deliveries?state=sent')).items.map(({ state }) => state)
  await expect.poll(async () => (await states()).length, { timeout: 30_000 }).toBe(2)
  await open(page, '/deliveries')
  await choose(page, page.getByLabel('Receiver', { exact: true }).first(), 'Google')
  await page.getByText('2 in all').waitFor()
  await page.getByRole('radio', { name: 'Sent', exact: true }).press('Space')
  await page.getByText('1 in all').waitFor()
  await inEveryLook(page, 'deliveries')
  await page.getByRole('button', { name: 'Do something with all of these…' }).press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Many at once' }).waitFor()
  expect(await page.getByRole('radio', { name: /^Send again/ }).isChecked()).toBe(true)
  await page.getByText('Left out: what is known to have arrived', { exact: false }).waitFor()

  await page.getByRole('button', { name: 'Count them' }).press('Enter')
  await page.getByText('1 delivery fits.').waitFor()
  await page.getByRole('meter', { name: 'Google: 1' }).waitFor()
  await page.getByRole('table', { name: 'Examples' }).getByRole('link', { name: 'ann@gmail.com' }).waitFor()
  await inEveryLook(page, 'bulk')
  await page.getByRole('button', { name: 'Send 1 delivery again' }).press('Enter')
  const question = page.getByRole('dialog', { name: 'Send 1 delivery again?' })
  await question.getByText('Whoever has the first already may see it twice.', { exact: false }).waitFor()
  await question.getByRole('button', { name: 'Send 1 delivery again' }).press('Enter')
  const past = page.getByRole('table', { name: /^Acts on many deliveries/ })
  const act = past.getByRole('row', { name: /Send again/ })
  await act.getByText('Done').waitFor({ timeout: 20_000 })
  await act.getByText('1 of 1').waitFor()
  await act.getByText('to Google', { exact: false }).waitFor()
  await shot(page, 'bulk-done')
  // The button that was pressed is gone: the focus is beside where it was.
  expect(await page.evaluate('document.activeElement?.textContent')).toBe('Count them')

  // Whoever looks for one address is told why many do not fit it.
  await open(page, '/deliveries?recipient=ann%40gmail.com')
  const button = page.getByRole('button', { name: 'Do something with all of these…' })
  expect(await button.getAttribute('aria-disabled')).toBe('true')
})

/** A searchable field is typed into; the first that fits is taken. */
async function choose(page: Page, field: ReturnType<Page['locator']>, name: string): Promise<void> {
  await field.focus()
  await field.press('ArrowDown')
  await page.getByRole('option', { name, exact: true }).click()
}

async function inEveryLook(page: Page, name: string): Promise<void> {
  await expect.poll(() => barriersInBothSchemes(page), { message: name, timeout: 60_000 }).toEqual([])
  await shot(page, name)
  await page.setViewportSize({ width: 400, height: 860 })
  await expect.poll(() => barriers(page), { message: `${name}, narrow`, timeout: 60_000 }).toEqual([])
  expect(await overflow(page), `${name} is wider than 400 pixels`).toBeLessThanOrEqual(0)
  await shot(page, `${name}-narrow`)
  await page.setViewportSize({ width: 1280, height: 860 })
}

async function shot(page: Page, name: string): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true })
}
