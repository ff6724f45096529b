import { createLimiter } from '../../lib/limiter.ts'
import { type AskDeps, askLink, type LinkAnswer } from './ask-link.ts'
import type { FoundLink } from './seen-html.ts'

export interface CheckedLink extends FoundLink {
  readonly answer: LinkAnswer
}

/** More than these are named, and not asked. */
export const MAX_ASKED = 60
const AT_ONCE = 6
const ALL_TOGETHER_MS = 45_000

/** Each link of a text, asked now. `ours`: where this server is reached; its own pages are not asked, least of all those on which people leave. */
export async function checkLinks(
  links: readonly FoundLink[],
  ours: string,
  deps: AskDeps,
  signal: AbortSignal,
): Promise<CheckedLink[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ALL_TOGETHER_MS)])
  const atOnce = createLimiter({ concurrency: AT_ONCE, waiting: MAX_ASKED })
  let asked = 0
  return await Promise.all(
    links.map(async (link): Promise<CheckedLink> => {
      if (!/^https?:/i.test(link.url) || link.problem === 'not_a_link') return { ...link, answer: notAsked('It is no page.') }
      if (link.url.startsWith(`${ours}/`)) return { ...link, answer: notAsked('It leads to this server.') }
      if (++asked > MAX_ASKED) return { ...link, answer: notAsked(`No more than ${MAX_ASKED} links are asked at once.`) }
      return {
        ...link,
        answer: (await atOnce.run(() => askLink(link.url, deps, limit))) ?? notAsked('Too many links were asked.'),
      }
    }),
  )
}

function notAsked(sentence: string): LinkAnswer {
  return { kind: 'not_asked', sentence }
}
