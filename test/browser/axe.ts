/** What axe knows to be a barrier, on the page as it stands. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary: string }>
}

export async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const options = { runOnly: STANDARD, resultTypes: ['violations'] }
  // As text: this program's own types know of no window. The frame of a mail is a document of its own, and foreign.
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run({ exclude: ['iframe'] }, ${JSON.stringify(options)})`,
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
