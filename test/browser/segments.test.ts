import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { newId } from '../../src/lib/ids.ts'
import { testBrowser } from '../support/browser.ts'
import { barriers, overflow } from './axe.ts'
import { focused, look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()
const database = openDatabase({ connection: { ...waybill.database }, maxConnections: 2, applicationName: 'test' })
afterAll(() => database.close())
const shots = process.env.WAYBILL_SHOTS

test('somebody repairs glued addresses, builds a segment by keys and buttons, sees why, and narrows contacts by it', {
  timeout: 180_000,
}, async () => {
  const list = await waybill.api('POST', '/v1/lists', { name: 'Monthly news' })
  for (const [name, tag] of [
    ['Ann Smith', 'vip'],
    ['Bob Jones', 'fair'],
  ] as const)
    await waybill.api('POST', '/v1/contacts', {
      name,
      tags: [tag],
      addresses: [`${name.split(' ')[0]?.toLowerCase()}@example.org`],
    })
  const { rows } = await sql<{
    workspace: string
    id: string
  }>`select workspace_id as workspace, id from contact limit 2`.execute(database.db)
  for (const [i, text] of [
    'cara@example.org;cara;o’neill',
    'dan@example.org;dan;brown;berlin',
    'ann@example.org|ann',
  ].entries()) {
    const id = newId()
    await sql`insert into contact (workspace_id, id, created_at, updated_at) values (${rows[0]?.workspace}, ${id}, now(), now())`.execute(
      database.db,
    )
    await sql`insert into contact_address (workspace_id, address, contact_id, is_primary, created_at) values (${rows[0]?.workspace}, ${text}, ${id}, true, now() - ${i} * interval '1 hour')`.execute(
      database.db,
    )
  }
  const { page } = await look(browser, waybill, { viewport: { width: 1280, height: 900 } })
  page.setDefaultTimeout(30_000)
  const shot = async (name: string) => {
    if (!shots) return
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.waitForTimeout(400)
      await page.screenshot({ path: `${shots}/${name}-${scheme}.png`, fullPage: true })
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 400, height: 900 })
    await page.waitForTimeout(400)
    await page.screenshot({ path: `${shots}/${name}-400.png`, fullPage: true })
    await page.setViewportSize({ width: 1280, height: 900 })
  }
  const narrow = async () => {
    await page.setViewportSize({ width: 400, height: 900 })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 1280, height: 900 })
  }

  await open(page, '/contacts')
  await page.getByText('3 stored addresses are none').waitFor()
  await shot('contacts')
  await page.getByRole('link', { name: 'Repair them' }).click()
  await page.getByText('Ann Smith has this address').waitFor()
  expect(await barriers(page)).toEqual([])
  await narrow()
  await shot('repair')
  await page.getByRole('button', { name: 'Repair all 3 addresses' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Repair 3 addresses' }).click()
  await page.getByText('2 split · 1 left as they are').waitFor()
  expect(await barriers(page)).toEqual([])

  await open(page, '/segments')
  await page.getByRole('button', { name: 'New segment' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Very important')
  await page.getByRole('button', { name: 'Condition' }).click()
  await page.getByRole('combobox', { name: 'What is asked' }).click()
  await page.getByRole('option', { name: 'Tag' }).click()
  await page.getByRole('combobox', { name: 'Tag' }).fill('vip')
  await page.getByText('is tagged “vip”').first().waitFor()
  await page.getByText('1 person').waitFor()
  await page.getByRole('button', { name: 'Leave people out' }).click()
  const out = page.getByRole('group', { name: 'None of these holds' })
  await out.getByText('is subscribed to Monthly news').first().waitFor()
  // Up and out of its group, and back into it, by keys alone.
  await out.getByRole('combobox', { name: 'What is asked' }).focus()
  await page.keyboard.press('Alt+ArrowUp')
  await out.getByText('Nothing asked').waitFor()
  expect(await focused(page)).toBe('What is asked')
  await page.getByRole('button', { name: 'Move down: is subscribed to Monthly news' }).click()
  await out.getByText('is subscribed to Monthly news').first().waitFor()
  await out.getByRole('button', { name: 'Condition', exact: true }).click()
  await out
    .getByRole('button', { name: /^Remove: / })
    .last()
    .click()
  expect(await focused(page)).toBe('What is asked')
  await page.getByRole('button', { name: 'Why? Ann Smith' }).click()
  await page.getByText('Ann Smith is in it.').waitFor()
  await page.getByText('Seen: never on it').waitFor()
  expect(await barriers(page)).toEqual([])
  await narrow()
  await shot('segment')
  await page.getByRole('button', { name: 'As JSON' }).click()
  await page.getByRole('textbox', { name: 'The tree as the API has it' }).waitFor()
  await page.getByRole('button', { name: 'Use this' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'See all of them' }).click()
  await page.getByRole('row', { name: /Ann Smith/ }).waitFor()
  expect(await page.getByRole('row', { name: /Bob Jones/ }).count()).toBe(0)
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('checkbox', { name: 'Tags' }).check()
  await page.keyboard.press('Escape')
  await page.getByRole('columnheader', { name: 'Tags' }).waitFor()
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'As CSV' }).click()
  await page.getByText('The file has 1 contact.').waitFor()
  expect(await barriers(page)).toEqual([])
  await narrow()
  expect(list).toBeTruthy()
})
