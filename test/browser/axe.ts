/** What axe knows to be a barrier, on the page as it stands. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { waitUntil } from '../../src/lib/wait.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** The rules of that standard that look at colours. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block']
const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary: string }>
}

export function barriers(page: Page): Promise<readonly string[]> {
  return find(page, { runOnly: STANDARD })
}

/**
 * In light and in dark, on one page that is told to change its colours: whatever is no matter of colours is looked at once. The page is left in
 * light.
 */
export async function barriersInBothSchemes(page: Page): Promise<readonly string[]> {
  const inLight = await barriers(page)
  await showIn(page, 'dark')
  let inDark: readonly string[] = []
  const isClean = async () => {
    inDark = await find(page, { runOnly: { type: 'rule', values: OF_COLOURS } })
    return inDark.length === 0
  }
  // Colours that are on their way from light to dark have no contrast worth speaking of.
  await waitUntil(isClean, { limitMs: 10_000 })
  await showIn(page, 'light')
  return [...inLight, ...inDark.map((barrier) => `in dark: ${barrier}`)]
}

async function showIn(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ timeout: 30_000 })
  await page.evaluate(COLOURS_ARRIVED)
}

/** Begun with the next picture, and over when all of them are: what turns for ever is an animation, and no transition. */
const COLOURS_ARRIVED = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
  Promise.race([
    Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)),
    new Promise((resolve) => setTimeout(resolve, 5000)),
  ])).then(() => null)`

async function find(page: Page, options: object): Promise<readonly string[]> {
  // As text: this program's own types know of no window. The frame of a mail is a document of its own, and foreign.
  if (await page.evaluate('!window.axe')) await page.evaluate(AXE)
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run({ exclude: ['iframe'] }, ${JSON.stringify({ ...options, resultTypes: ['violations'] })})`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`),
  )
}

/** How much wider the page is than its window: nothing, or a phone has to scroll sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    "Math.max(document.documentElement.scrollWidth, document.querySelector('main')?.scrollWidth ?? 0) - window.innerWidth",
  )
}
