import type { FastifyReply } from 'fastify'
import type { Shown } from '../../forms/published.ts'
import type { Taken } from '../../forms/take.ts'
import { AGAIN_WORDS, type Outcome } from './pages.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

export function statusOf(taken: Exclude<Taken, { kind: 'taken' }>): number {
  if (taken.kind === 'wrong') return 422
  return taken.why === 'too_many' ? 429 : taken.why === 'captcha_down' ? 503 : 409
}

/** For a site's own script. */
export function answerJson(reply: FastifyReply, { settings }: Shown, taken: Taken) {
  reply.header('cache-control', 'no-store').type(JSON_TYPE)
  if (taken.kind === 'wrong')
    return reply.code(422).send(
      JSON.stringify({
        status: 'wrong',
        message: 'Something is missing or not right yet.',
        errors: Object.fromEntries(taken.errors),
      }),
    )
  if (taken.kind === 'again') {
    if (taken.retryAfterSeconds !== undefined) reply.header('retry-after', String(taken.retryAfterSeconds))
    return reply.code(statusOf(taken)).send(JSON.stringify({ status: 'again', why: taken.why, message: AGAIN_WORDS[taken.why] }))
  }
  const { text, redirect_url } = settings[taken.outcome]
  return reply.code(200).send(JSON.stringify({ status: taken.outcome, message: text, redirect_url }))
}

export function outcomeIn(sent: string | string[] | undefined): Outcome | null {
  return sent === 'asked' || sent === 'done' ? sent : null
}

/** What the address of the page says of fields, where the form lets it. Boxes of consent and lists are never ticked by a link. */
export function prefilled({ settings }: Shown, query: Record<string, string | string[]>): Map<string, string[]> {
  if (!settings.prefill) return new Map()
  return new Map(
    settings.fields.flatMap(({ key }) => {
      const said = [query[key] ?? []].flat().map((text) => text.slice(0, 320).replace(/\p{Cc}/gu, ''))
      return said.length > 0 ? [[key, said] as const] : []
    }),
  )
}

/** Without what stands behind it: other sites put into their addresses what is nobody's business. */
export function pageIn(referer: string | undefined): string | null {
  if (referer === undefined || !URL.canParse(referer)) return null
  const { origin, pathname, protocol } = new URL(referer)
  return protocol === 'https:' || protocol === 'http:' ? `${origin}${pathname}`.slice(0, 500) : null
}
