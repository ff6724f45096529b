/** What several endpoints share: dates, ids, pages, reasons. As they travel: snake_case, ISO dates. */
import { z } from 'zod'
import type { Id } from '../../lib/ids.ts'
import { FAILURE_SCOPES, RETRY_LADDERS } from '../../mail/failure.ts'
import { SMTP_STAGES } from '../../mail/smtp-answer.ts'

/** ISO 8601 with an offset on the wire, `Date` in code. */
export const isoDate = z.codec(z.iso.datetime({ offset: true }), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

/** A UUID of the noun that `Name` names. */
export function id<Name extends string>(): z.ZodType<Id<Name>, string> {
  return z.uuid() as unknown as z.ZodType<Id<Name>, string>
}

/** A whole number written in a URL. */
export function integerInUrl(min: number, max: number) {
  return z
    .codec(z.string().regex(/^\d{1,9}$/), z.int().min(min).max(max), { decode: Number, encode: String })
    .meta({ type: 'integer', minimum: min, maximum: max })
}

export const flagInUrl = z.codec(z.enum(['0', '1']), z.boolean(), {
  decode: (text) => text === '1',
  encode: (flag) => (flag ? '1' : '0'),
})

export const pageParams = {
  after: z.string().min(1).max(500).optional().describe('The `next` of the page before.'),
  limit: integerInUrl(1, 200).optional().describe('Items a page: 1 to 200, 50 when left out.'),
}
export const DEFAULT_PAGE_SIZE = 50

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Give it as `after` for the next page; null at the end.'),
  })
}

/** Text of one line: no control character may reach a header or a log from here. */
export function line(min: number, max: number) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine(
      (text) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text),
      'must not contain line breaks or other control characters',
    )
}

export const Stream = z.enum(['transactional', 'conversation', 'bulk'])
export type Stream = z.output<typeof Stream>

export const Stage = z.enum(SMTP_STAGES)

export const SmtpReply = z.object({ code: z.int(), enhanced: z.string().nullable(), text: z.string() })

export const Failure = z
  .object({
    class: z.string().describe('What kind of failure: one of the classes in docs/delivery.md.'),
    scope: z.enum(FAILURE_SCOPES).describe('Who has to wait or change. Only `message` and `recipient` cost one of the tries.'),
    permanent: z.boolean(),
    ladder: z.enum(RETRY_LADDERS),
    suppress: z.boolean(),
    stage: Stage,
    reply: SmtpReply.nullable(),
    sentence: z.string(),
    hint: z.string(),
    retry_after_seconds: z.number().nullable(),
  })
  .meta({ id: 'Failure' })
export type Failure = z.output<typeof Failure>

/** Why something waits, is held, or ended as it did. */
export const Reason = z
  .object({ code: z.string(), sentence: z.string(), hint: z.string(), failure: Failure.nullable(), at: isoDate })
  .meta({ id: 'Reason' })
export type Reason = z.output<typeof Reason>

export const RouteReference = z.object({ id: id<'route'>(), name: z.string() })

export const Event = z
  .object({
    at: isoDate,
    type: z.string(),
    actor: z.object({
      kind: z.enum(['user', 'key', 'credential', 'workflow', 'engine']),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    data: z.record(z.string(), z.unknown()),
    sentence: z.string(),
  })
  .meta({ id: 'Event' })
export type Event = z.output<typeof Event>
