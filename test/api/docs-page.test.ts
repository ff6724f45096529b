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

// The whole reference is a large page: it is loaded once, and looked at in every way.
const page = await browser.newPage()
const faults: string[] = []
page.on('pageerror', (error) => faults.push(error.message))
page.on('console', (line) => line.type() === 'error' && faults.push(line.text()))
// Nothing may come from anywhere else.
page.on('request', (request) => request.url().startsWith(url) || request.url().startsWith('data:') || faults.push(request.url()))
await page.goto(`${url}/docs#error-too_many_recipients`)
await page.locator('article').first().waitFor()

test('a link to an endpoint or an error leads there', async () => {
  await expect
    .poll(() => page.locator('[id="error-too_many_recipients"]').evaluate((row) => row.getBoundingClientRect().top))
    .toBeLessThan(900)
})

test('the reference shows every endpoint and every error, from this server alone', async () => {
  expect(await page.locator('article').count()).toBe(ENDPOINTS.length)
  expect(await page.locator('tr[id^="error-"]').count()).toBe(ERROR_CODES.length)
  await page.locator('#filter').fill('cancel message')
  await expect.poll(() => page.locator('nav li').allInnerTexts()).toEqual([expect.stringContaining('/messages/{id}/cancel')])
  await page.locator('#filter').fill('')
  expect(faults).toEqual([])
})

test('an endpoint can be tried with a key, and a refusal is shown as it is', async () => {
  const article = page.locator('#post_messages')
  await article.getByText('Try it').click()
  await article.locator('button', { hasText: 'Send' }).click()
  await article.getByText(/^401 .* ms$/).waitFor()
  await page.locator('.key input').fill(key)
  await article.locator('button', { hasText: 'Send' }).click()
  await article.getByText(/^202 .* ms$/).waitFor()
  await article.locator('textarea').fill('{"from": 7}')
  await article.locator('button', { hasText: 'Send' }).click()
  await article.getByText(/^422 .* ms$/).waitFor()
  await article.getByText('The field /from must be text.').waitFor()
})

function barriers(options: object): Promise<string[]> {
  return page.evaluate(async (given) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run(given)).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  }, options)
}
const width = (pixels: number) => page.setViewportSize({ width: pixels, height: 860 })
/** The page's own width, seen from inside the browser. */
const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')

/** What may be wrong with one endpoint alone, asked without axe, which takes minutes for so many: two of one id, or a control without a name. */
const WRONG = `(() => {
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  const seen = new Set()
  const twice = ids.filter((id) => seen.has(id) || !seen.add(id))
  const labelled = new Set([...document.querySelectorAll('label')].flatMap((label) => label.control ?? []))
  const named = (control) => labelled.has(control) || control.textContent.trim() !== '' || control.getAttribute('aria-label')
  const nameless = [...document.querySelectorAll('button, a, input, select, textarea')].filter((control) => !named(control))
  return [...twice, ...nameless.map((control) => control.outerHTML)]
})()`

test('every endpoint of the reference is named as it should be, and no wider than the window', { timeout: 120_000 }, async () => {
  expect(await page.evaluate(WRONG)).toEqual([])
  for (const pixels of [400, 1280]) {
    await width(pixels)
    // Whatever an endpoint answered above stands there as well.
    expect(await overflow(), `${pixels} pixels`).toBeLessThanOrEqual(0)
  }
})

/** All endpoints are drawn by the same lines: the rest is looked at for one group of them. It comes last, since it takes the rest away. */
const MOST = ['section.group:nth-of-type(n+2)', 'nav h2:nth-of-type(n+2)', 'nav ul:nth-of-type(n+2)']

test('it is free of barriers, light and dark, wide and narrow', { timeout: 120_000 }, async () => {
  await page.evaluate(AXE)
  for (const parts of MOST) await page.evaluate(`document.querySelectorAll('${parts}').forEach((part) => part.remove())`)
  for (const [colorScheme, pixels] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 400],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await width(pixels)
    expect(await barriers({ resultTypes: ['violations'] }), `${colorScheme}, ${pixels} pixels`).toEqual([])
  }
})
