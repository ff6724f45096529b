import { expect, test } from 'vitest'
import { waitUntil } from '../../src/lib/wait.ts'
import { testBrowser } from '../support/browser.ts'
import { barriers, barriersInBothSchemes, overflow } from './axe.ts'
import { type Console, look, open, send, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()
const places = await furnish(waybill)
const empty = await testConsole({ withRelay: false })

const WIDE = { name: 'light and dark', width: 1280, barriers: barriersInBothSchemes } as const
const NARROW = { name: '400 pixels wide', width: 400, barriers } as const

test.each([WIDE, NARROW])('every page is free of what axe knows to be a barrier: $name', { timeout: 240_000 }, async (its) => {
  const { page } = await look(browser, waybill, {
    viewport: { width: its.width, height: 860 },
    expects: /Content Security Policy|404/,
  })
  for (const path of places) {
    await open(page, path)
    await page.locator('main').waitFor()
    await expect.poll(() => page.getByLabel('Loading').count()).toBe(0)
    expect(await its.barriers(page), path).toEqual([])
    expect(await overflow(page), `${path} is wider than ${its.width} pixels`).toBeLessThanOrEqual(0)
  }
})

test.each([WIDE, NARROW])('empty pages too: $name', { timeout: 120_000 }, async (its) => {
  const { page } = await look(browser, empty, { viewport: { width: its.width, height: 860 } })
  for (const path of [
    '/',
    '/deliveries',
    '/sandbox',
    '/suppressions',
    '/replies',
    '/routes',
    '/rules',
    '/limits',
    '/bulk',
    '/nowhere',
  ]) {
    await page.goto(path)
    await page.locator('h1').first().waitFor()
    await expect.poll(() => page.getByLabel('Loading').count()).toBe(0)
    expect(await its.barriers(page), path).toEqual([])
  }
})

test.each([WIDE, NARROW])('what opens over a page too: $name', { timeout: 120_000 }, async (its) => {
  const { page } = await look(browser, waybill, { viewport: { width: its.width, height: 860 } })
  await open(page, '/developers?create=true')
  await page.getByRole('dialog').waitFor()
  expect(await its.barriers(page), 'the dialog of a new key').toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search and commands' }).waitFor()
  expect(await its.barriers(page), 'the command palette').toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: 'Search and commands' }).waitFor({ state: 'detached' })

  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
  expect(await its.barriers(page), 'the help').toEqual([])
  await page.keyboard.press('Escape')

  if (its === WIDE) {
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^(All mail flows|.* needs? you)$/ }).click()
    await page.getByRole('dialog').waitFor()
    expect(await its.barriers(page), 'what needs you').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Account: / }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
    expect(await its.barriers(page), 'the account menu').toEqual([])
  }

  await open(page, places.find((path) => path.startsWith('/messages/')) as string)
  await page.getByRole('button', { name: /Attempt 1/ }).click()
  expect(await its.barriers(page), 'the evidence of an attempt').toEqual([])
})

test('the pages before the frame too', async () => {
  const { page } = await look(browser, waybill, { signedIn: false })
  for (const path of ['/sign-in', '/setup']) {
    await page.goto(path)
    await page.locator('h1').waitFor()
    expect(await barriers(page), path).toEqual([])
  }
})

/** Something of everything, so that every state and every part is on some page. */
async function furnish(console: Console): Promise<readonly string[]> {
  console.smtp.answer('never@example.org', '550 5.1.1 No such user').always()
  console.smtp.answer('later@example.org', '451 4.7.1 Greylisted').always()
  const many = await send(console, {
    to: ['a@example.org', 'never@example.org', 'later@example.org'],
    tags: ['one'],
    metadata: { order: 1 },
  })
  const one = await send(console, {
    to: `${'a-very-long-local-part-of-an-address.'.repeat(2).slice(0, 60)}@${'long.'.repeat(12)}example.org`,
    subject: 'A subject that does not end soon enough to fit on any one line of any one page of any one console in the world',
  })
  await console.api('POST', '/v1/suppressions', { address: 'gone@example.org', note: 'By telephone' })
  await console.api('POST', '/v1/api-keys', { name: 'Backend', scopes: ['send'] })
  const { items: routes } = await console.api<{ items: { id: string; kind: string }[] }>('GET', '/v1/routes')
  const sandbox = routes.find(({ kind }) => kind === 'sandbox') as { id: string }
  const relay = routes.find(({ kind }) => kind === 'smtp') as { id: string }
  await console.api('POST', `/v1/routes/${sandbox.id}/test`, { to: 'kept@example.org' })
  const kept = async () => (await console.api<{ items: { id: string }[] }>('GET', '/v1/sandbox/mails')).items
  expect(await waitUntil(async () => (await kept()).length > 0, { limitMs: 30_000 })).toBe(true)
  const mails = await kept()
  return [
    '/',
    '/deliveries',
    `/messages/${one.id}`,
    `/messages/${many.id}`,
    `/messages/${many.id}?tab=content`,
    `/messages/${many.id}?tab=details`,
    '/routes',
    '/routes/new',
    `/routes/${relay.id}`,
    `/routes/${sandbox.id}`,
    '/rules',
    '/limits',
    '/bulk',
    '/sandbox',
    `/sandbox/${mails[0]?.id}`,
    '/suppressions',
    '/replies',
    '/developers',
    '/members',
    '/account',
  ]
}
