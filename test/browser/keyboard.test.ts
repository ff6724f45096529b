import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, open, send, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })
const many = 320
for (let n = 0; n < many; n += 20) {
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => send(waybill, { to: `person${n + i}@example.org`, subject: `Message ${n + i}` })),
  )
}

test('a list of any length draws only what can be seen, and asks for the rest as one goes down', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/deliveries')
  await page.getByText('100 shown, more below').waitFor()
  const drawn = await page.getByRole('row').count()
  expect(drawn).toBeLessThan(60)
  await page.keyboard.press('j')
  await expect
    .poll(
      async () => {
        await page.keyboard.press('End')
        return page
          .getByRole('status')
          .filter({ hasText: `${many} in all` })
          .count()
      },
      { timeout: 30_000 },
    )
    .toBe(1)
  expect(await page.getByRole('row').count()).toBeLessThan(60)
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(many + 1))

  // So far down, what is new is told and not pushed in: the rows under one's eyes stay where they are.
  await send(waybill, { to: 'newest@example.org' })
  await page.getByRole('button', { name: 'Something changed since' }).click()
  await page.getByText('newest@example.org').waitFor()
})

test('j and k move, Enter opens, and back returns to the same place', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/deliveries')
  await page.getByText('100 shown').waitFor()
  for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key)
  expect(await focusedRow(page)).toBe('3')
  for (let i = 0; i < 3; i++) await page.keyboard.press('PageDown')
  expect(await focusedRow(page)).toBe('33')
  const at = await page.getByRole('grid').evaluate((grid) => grid.scrollTop)
  expect(at).toBeGreaterThan(0)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /^Message / }).waitFor()
  await page.goBack()
  await page.getByText('shown, more below').waitFor()
  await expect.poll(() => page.getByRole('grid').evaluate((grid) => grid.scrollTop)).toBe(at)
})

test('g and a letter go anywhere, and the page that was reached has the focus', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/')
  for (const [letter, title] of [
    ['d', 'Deliveries'],
    ['r', 'Routes'],
    ['b', 'Sandbox'],
    ['s', 'Suppressions'],
    ['k', 'Developers'],
    ['m', 'Members'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(letter)
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    expect(await page.evaluate('document.activeElement?.id')).toBe('content')
  }
})

test('Ctrl K finds a page, an address and a message by its id', async () => {
  const { page } = await look(browser, waybill)
  const { id } = await send(waybill, { to: 'wanda@example.org', subject: 'Found by its id' })
  await open(page, '/')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('sand')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Sandbox' }).waitFor()

  await page.keyboard.press('/')
  await page.keyboard.type('wanda@example.org')
  await page.getByRole('option', { name: 'Deliveries to wanda@example.org' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('1 in all').waitFor()

  await page.keyboard.press('Control+k')
  await page.keyboard.type(`<${id}@shop.example>`)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Found by its id' }).waitFor()
})

test('Ctrl K finds a page by what people look for there', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('bounces')
  await page.getByRole('option', { name: 'Heard later' }).waitFor()
  await page.getByRole('option', { name: 'Suppressions' }).waitFor()
})

test('? shows every key, and single keys can be turned off for good', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/deliveries')
  await page.getByText('100 shown').waitFor()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard' })
  await help.getByText('Next in the list').waitFor()
  await help.getByRole('switch', { name: 'Shortcuts of a single key' }).click()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await page.reload()
  await page.getByText('100 shown').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await page.keyboard.press('?')
  expect(new URL(page.url()).pathname).toBe('/deliveries')
  expect(await page.getByRole('dialog').count()).toBe(0)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search and commands' }).waitFor()
})

test('letters that are typed into a field stay letters', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/deliveries')
  await page.getByPlaceholder('Whole address').click()
  await page.keyboard.type('grjk?/@example.org')
  expect(await page.getByPlaceholder('Whole address').inputValue()).toBe('grjk?/@example.org')
  expect(new URL(page.url()).pathname).toBe('/deliveries')
})

function focusedRow(page: Page): Promise<string | null> {
  return page.evaluate<string | null>("document.activeElement?.getAttribute('aria-rowindex')")
}
