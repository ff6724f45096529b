import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { ENDPOINTS } from '../../src/api/endpoints/all.ts'
import { ERROR_CODES } from '../../src/errors.ts'
import { testBrowser } from '../support/browser.ts'
import { anApi, keyOf, owner } from './support.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const browser = await testBrowser()
const api = await anApi()
const { key } = await keyOf(api, await owner(api))
const url = `http://127.0.0.1:${await api.server.listen({ host: '127.0.0.1', port: 0 })}`

async function open(options: Parameters<typeof browser.newPage>[0] = {}, fragment = '') {
  const page = await browser.newPage(options)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (line) => line.type() === 'error' && faults.push(line.text()))
  // Nothing may come from anywhere else.
  page.on(
    'request',
    (request) => request.url().startsWith(url) || request.url().startsWith('data:') || faults.push(request.url()),
  )
  await page.goto(`${url}/docs${fragment}`)
  await page.locator('article').first().waitFor()
  return { page, faults }
}

test('the reference shows every endpoint and every error, from this server alone', async () => {
  const { page, faults } = await open()
  expect(await page.locator('article').count()).toBe(ENDPOINTS.length)
  expect(await page.locator('tr[id^="error-"]').count()).toBe(ERROR_CODES.length)
  await page.getByLabel('Find').fill('cancel message')
  await expect.poll(() => page.locator('nav li').allInnerTexts()).toEqual([expect.stringContaining('/messages/{id}/cancel')])
  expect(faults).toEqual([])
  await page.close()
})

test('a link to an endpoint or an error leads there', async () => {
  const { page } = await open({}, '#error-too_many_recipients')
  await expect
    .poll(() => page.locator('[id="error-too_many_recipients"]').evaluate((row) => row.getBoundingClientRect().top))
    .toBeLessThan(900)
  await page.close()
})

test('an endpoint can be tried with a key, and a refusal is shown as it is', async () => {
  const { page } = await open()
  const article = page.locator('#post_messages')
  await article.getByText('Try it').click()
  await article.getByRole('button', { name: 'Send' }).click()
  await article.getByText(/^401 .* ms$/).waitFor()
  await page.getByLabel('API key for trying things here').fill(key)
  await article.getByRole('button', { name: 'Send' }).click()
  await article.getByText(/^202 .* ms$/).waitFor()
  await article.getByLabel('Body').fill('{"from": 7}')
  await article.getByRole('button', { name: 'Send' }).click()
  await article.getByText(/^422 .* ms$/).waitFor()
  await article.getByText('The field /from must be text.').waitFor()
  await page.close()
})

/** All endpoints are drawn by the same lines: what is no matter of colours or width is looked at for every one, all of it for a few groups of them. */
const MOST = ['section.group:nth-of-type(n+4)', 'nav h2:nth-of-type(n+4)', 'nav ul:nth-of-type(n+4)']

test.each([
  { colorScheme: 'light', width: 1280, isWhole: true },
  { colorScheme: 'dark', width: 1280, isWhole: false },
  { colorScheme: 'light', width: 400, isWhole: false },
] as const)(
  'the reference is free of barriers: $colorScheme, $width pixels',
  { timeout: 90_000 },
  async ({ colorScheme, width, isWhole }) => {
    const { page } = await open({ colorScheme, viewport: { width, height: 860 } })
    await page.locator('#post_messages').getByText('Try it').click()
    await page.evaluate(AXE)
    const barriers = (options: object) =>
      page.evaluate(async (given) => {
        const { axe } = globalThis as unknown as {
          axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
        }
        return (await axe.run(given)).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
      }, options)
    // The page's own width, seen from inside the browser.
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    if (isWhole)
      expect(await barriers({ rules: { 'color-contrast': { enabled: false } }, resultTypes: ['violations'] })).toEqual([])
    expect(await overflow()).toBeLessThanOrEqual(0)
    for (const parts of MOST) await page.evaluate(`document.querySelectorAll('${parts}').forEach((part) => part.remove())`)
    expect(await barriers({ resultTypes: ['violations'] })).toEqual([])
    await page.close()
  },
)
