import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { barriers, barriersInBothSchemes, overflow } from './axe.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()

test('an inbox is made, told what it does, given addresses, a signature and people', { timeout: 120_000 }, async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/settings/inboxes')
  await page.getByRole('button', { name: 'Add an inbox' }).first().click()
  await page.getByLabel('Name').fill('Support')
  await page.getByLabel('Address').fill('help@shop.example')
  await page.getByRole('button', { name: 'Add inbox' }).click()
  await page.getByText('Mail to help@shop.example starts a conversation that is nobody’s').waitFor()

  await page.getByRole('tab', { name: 'Addresses' }).click()
  await page.getByLabel('Another address').fill('Support@shop.example')
  await page.getByRole('button', { name: 'Add address' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('region', { name: 'Notices' }).getByText('Support saved').waitFor()

  await page.getByRole('tab', { name: 'Answering' }).click()
  const signature = page.getByRole('textbox', { name: 'Signature' })
  await signature.click()
  await page.keyboard.type('Yours, ')
  await page.getByRole('button', { name: 'Insert a variable' }).click()
  await page.getByRole('menuitem', { name: 'Agent’s first name' }).click()
  await page.getByRole('region', { name: 'As customers see it' }).getByText('Yours, Ann').waitFor()
  await page.getByRole('combobox', { name: 'New conversations go to' }).click()
  await page.getByRole('option', { name: 'Ann' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('starts a conversation and is assigned to Ann').waitFor()

  const { items } = await waybill.api<{ items: { addresses: unknown; signature: string }[] }>('GET', '/v1/inboxes')
  expect(items[0]?.addresses).toEqual([
    { address: 'help@shop.example', may_send: true },
    { address: 'support@shop.example', may_send: false },
  ])
  expect(items[0]?.signature).toContain('Yours, {{ agent.first_name }}')
})

test('a contact is made, found, joined with another and parted', { timeout: 120_000 }, async () => {
  for (const [name, address] of [
    ['Chris Customer', 'chris@work.example'],
    ['Chris at home', 'chris@home.example'],
    ['Dana Desk', 'dana@work.example'],
  ])
    await waybill.api('POST', '/v1/contacts', { name, company: 'Work Ltd', addresses: [address] })
  const { page } = await look(browser, waybill)
  await open(page, '/contacts')
  await page.getByRole('searchbox', { name: 'Name, company or address' }).fill('chris@work')
  await page.getByText('Chris Customer').click()
  await page.getByRole('heading', { name: 'Others at work.example' }).waitFor()
  await page.getByText('Dana Desk').waitFor()
  await page.getByRole('region', { name: 'Conversations' }).getByText('None yet.').waitFor()
  await page.getByRole('button', { name: 'Same person as…' }).click()
  await page.getByLabel('Find the other contact').fill('at home')
  await page.getByRole('button', { name: 'Join with Chris at home' }).click()
  await page.getByRole('region', { name: 'Notices' }).getByText('Joined with Chris at home').waitFor()
  await page.getByRole('link', { name: 'chris@home.example' }).waitFor()
  await page.getByRole('button', { name: 'Part from Chris at home' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Part', exact: true }).click()
  await page.getByRole('region', { name: 'Notices' }).getByText('Chris at home is a contact again').waitFor()
  await page.getByRole('link', { name: 'chris@home.example' }).waitFor({ state: 'detached' })
})

test('an address that is two things is explained, and kept quiet by who knows', { timeout: 60_000 }, async () => {
  await waybill.api('POST', '/v1/contacts', { name: 'Ann', addresses: ['ann@shop.example'] })
  const { page } = await look(browser, waybill)
  await open(page, '/settings/collisions')
  await page
    .getByRole('article', { name: 'ann@shop.example' })
    .getByText('Mail from it is a customer’s message,', { exact: false })
    .waitFor()
  await page.getByRole('button', { name: 'I know, keep quiet: ann@shop.example' }).click()
  await page.getByRole('heading', { name: 'You know of these' }).waitFor()
})

test.each([
  { name: 'light and dark', width: 1280, every: 1, barriers: barriersInBothSchemes },
  { name: '400 pixels wide', width: 400, every: 2, barriers },
])('these pages have no barrier that axe knows: $name', { timeout: 240_000 }, async (its) => {
  const [inbox] = (await waybill.api<{ items: { id: string }[] }>('GET', '/v1/inboxes')).items
  const [contact] = (await waybill.api<{ items: { id: string }[] }>('GET', '/v1/contacts')).items
  const { page } = await look(browser, waybill, { viewport: { width: its.width, height: 860 } })
  const tabs = ['sending', 'addresses', 'automatic', 'people'].map((tab) => `/settings/inboxes/${inbox?.id}?tab=${tab}`)
  const places = [
    `/settings/inboxes/${inbox?.id}?tab=answering`,
    ...tabs,
    `/contacts/${contact?.id}`,
    '/settings/inboxes',
    '/settings/teams',
    '/settings/collisions',
    '/contacts',
  ]
  for (const path of places.filter((_, i) => i % its.every === 0)) {
    await open(page, path)
    await expect.poll(() => page.getByLabel('Loading').count()).toBe(0)
    expect(await its.barriers(page), path).toEqual([])
    expect(await overflow(page), `${path} is wider than ${its.width} pixels`).toBeLessThanOrEqual(0)
  }
})

test('many contacts are chosen, put on a list as far as they may be, told who could not, and all of it is taken back', {
  timeout: 120_000,
}, async () => {
  const list = await waybill.api<{ id: string }>('POST', '/v1/lists', { name: 'Fair' })
  const ids: string[] = []
  for (const name of ['Eve', 'Finn', 'Gil']) {
    const contact = { name, addresses: [`${name.toLowerCase()}@many.example`], tags: ['many'] }
    ids.push((await waybill.api<{ id: string }>('POST', '/v1/contacts', contact)).id)
  }
  await waybill.api('PUT', `/v1/contacts/${ids[0]}/lists/${list.id}`, { status: 'unsubscribed' })
  const { page } = await look(browser, waybill)
  await open(page, '/contacts?tag=many')
  await page.getByRole('checkbox', { name: 'Choose Gil' }).click()
  await page.getByText('1 contact chosen').waitFor()
  await page.getByRole('checkbox', { name: 'Choose Eve' }).click({ modifiers: ['Shift'] })
  const bar = page.getByRole('toolbar', { name: '3 contacts chosen' })
  expect(await barriersInBothSchemes(page)).toEqual([])
  await bar.getByRole('button', { name: 'Put on list' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'List' }).click()
  await page.getByRole('option', { name: 'Fair' }).click()
  await dialog.getByText('2 contacts would be changed.').waitFor()
  await dialog.getByText('1 left this list and stays off it').waitFor()
  await dialog.getByLabel('How they agreed').fill('Signed at the fair')
  expect(await barriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Change 2 contacts' }).click()
  await page.getByText('Put on Fair: 2 contacts changed').waitFor({ timeout: 30_000 })
  await page.getByRole('link', { name: 'Earlier acts' }).click()
  await page.getByRole('button', { name: 'Who: Put on Fair' }).click()
  await page.getByRole('dialog').getByText('They left this list').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
  await page.getByText('2 taken back').waitFor({ timeout: 30_000 })
  expect(await overflow(page)).toBe(0)
})
