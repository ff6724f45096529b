import { expect, test } from 'vitest'
import { testBrowser } from '../support/browser.ts'
import { look, OWNER, open, signIn, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole()
const VIEWER = { email: 'vera@shop.example', password: 'only here to look around' }

test('a wrong password is refused in words; the right one leads to where one wanted to go', async () => {
  const { page } = await look(browser, waybill, { signedIn: false, expects: /status of 401/ })
  await page.goto('/routes')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByLabel('Email address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.keyboard.press('Enter')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  expect(await alert.innerText()).toMatch(/password/i)

  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Routes', level: 1 }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/routes')
})

test('a link that says to go on elsewhere stays inside the console', async () => {
  const { page, elsewhere } = await look(browser, waybill, { signedIn: false })
  await page.goto('/sign-in?next=%2F%2Fevil.example%2Fsteal')
  await page.getByLabel('Email address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.keyboard.press('Enter')
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/')
  expect(elsewhere).toEqual([])
})

test('a session that was ended elsewhere leads to the sign-in page, and from there back', async () => {
  const { page } = await look(browser, waybill, { expects: /status of 401|live/ })
  const other = await look(browser, waybill)
  await open(page, '/suppressions')
  const sessions = (await (await other.page.request.get('/v1/me/sessions')).json()) as {
    items: { id: string; current: boolean }[]
  }
  for (const { id, current } of sessions.items)
    if (!current) await other.page.request.delete(`/v1/me/sessions/${id}`, { headers: { 'x-waybill': '1' } })

  await page.getByRole('link', { name: 'Members' }).click()
  await page.getByText('Your session has ended', { exact: false }).waitFor()
  await page.getByLabel('Email address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor()
})

test('who may only look sees everything that may be seen, and why the rest is not for them', async () => {
  await waybill.api('POST', '/v1/members', { ...VIEWER, name: 'Vera', role: 'viewer' })
  const { page } = await look(browser, waybill, { signedIn: false })
  await signIn(page, VIEWER)
  await open(page, '/routes')
  expect(await page.getByRole('link', { name: 'Members' }).count()).toBe(0)
  const add = page.getByRole('button', { name: 'Add a route' })
  expect(await add.getAttribute('aria-disabled')).toBe('true')
  await add.focus()
  await page.getByRole('tooltip').filter({ hasText: 'Your role (viewer) may not do this.' }).waitFor()
  await add.click({ force: true })
  expect(new URL(page.url()).pathname).toBe('/routes')
})

test('signing out ends the session on the server too', async () => {
  const { page } = await look(browser, waybill, { expects: /status of 401/ })
  await open(page, '/')
  await page.getByRole('button', { name: /^Account: / }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect((await page.request.get('/v1/me')).status()).toBe(401)
})
