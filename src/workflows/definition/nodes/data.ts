/** Values, and what is asked of programs elsewhere. */
import { z } from 'zod'
import { type NodeType, nodeType } from '../node-type.ts'
import { as, Expression, Expressions, Key, ref, text } from './fields.ts'
import { EventName } from './triggers.ts'
import { cut, listed, quoted } from './words.ts'

const OUT = { key: 'out', label: 'Then' }

const Texts = z.strictObject({ values: as(z.record(Key, text('the value', 20_000)), 'Values') })

const set = nodeType<z.infer<typeof Texts>>({
  type: 'data.set@1',
  group: 'data',
  kind: 'instant',
  title: 'Remember a text',
  about: 'Gives variables texts, with words from what is known.',
  config: Texts,
  start: { values: {} },
  ports: () => [OUT],
  sentence: ({ values }) =>
    `Remember ${listed(Object.entries(values).map(([key, value]) => `${key}: ${quoted(value)}`)) || 'nothing yet'}`,
})

const Compute = z.strictObject({ values: as(Expressions, 'Values') })

const compute = nodeType<z.infer<typeof Compute>>({
  type: 'data.compute@1',
  group: 'data',
  kind: 'instant',
  title: 'Work something out',
  about: 'Gives variables what expressions come to.',
  config: Compute,
  start: { values: {} },
  ports: () => [OUT],
  sentence: ({ values }) =>
    `Work out ${listed(Object.entries(values).map(([key, value]) => `${key} = ${cut(value)}`)) || 'nothing yet'}`,
})

const Publish = z.strictObject({
  name: as(EventName, 'Name'),
  key: as(Expression, 'Key').optional(),
  payload: as(Expressions, 'What it says').default({}),
})

export type Publish = z.infer<typeof Publish>

const publish = nodeType<Publish>({
  type: 'event.publish@1',
  group: 'data',
  kind: 'instant',
  title: 'Tell an event',
  about: 'Tells an event by its name, to workflows and to programs that listen by webhook.',
  config: Publish,
  start: { name: 'order.checked', payload: {} },
  ports: () => [OUT],
  sentence: ({ name, key }) => `Tell the event ${name}${key === undefined ? '' : ` of ${cut(key)}`}`,
})

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const

const Request = z.strictObject({
  method: as(z.enum(METHODS), 'Method').default('GET'),
  url: as(text('the address', 2_000), 'Address'),
  headers: as(
    z.record(z.string().regex(/^[A-Za-z0-9-]{1,80}$/, 'This is no name of a header.'), text('a value', 2_000)),
    'Headers',
  ).default({}),
  /** Sent as `Authorization: Bearer …`, or in the header that is named. */
  secret: as(ref('secret'), 'Secret').optional(),
  secret_header: as(z.string().regex(/^[A-Za-z0-9-]{1,80}$/, 'This is no name of a header.'), 'In the header').optional(),
  body: as(
    z.discriminatedUnion('as', [
      z.strictObject({ as: z.literal('json'), value: as(Expression, 'Value') }),
      z.strictObject({
        as: z.literal('form'),
        values: as(z.record(z.string().min(1).max(200), text('a value', 20_000)), 'Values'),
      }),
      z.strictObject({
        as: z.literal('text'),
        text: as(text('the body', 200_000), 'Text'),
        type: as(z.string().max(200), 'Type').optional(),
      }),
    ]),
    'Body',
  ).optional(),
  timeout_s: as(z.int('Whole seconds.').min(1, 'At least a second.').max(60, 'At most a minute.'), 'Seconds to answer').default(
    20,
  ),
  /** Statuses that are well; left out: 200 to 299. */
  expect: as(z.array(z.int().min(100).max(599)).min(1).max(50), 'Well is').optional(),
  keep: as(z.enum(['json', 'text', 'nothing']), 'Keep of the answer').default('json'),
})

export type HttpRequest = z.infer<typeof Request>

const request = nodeType<HttpRequest>({
  type: 'http.request@1',
  group: 'http',
  kind: 'wait',
  title: 'Ask a web address',
  about:
    'Calls a program elsewhere and goes on with its answer. What cannot be reached is tried again; addresses within your own network are refused.',
  config: Request,
  ports: () => [
    { key: 'ok', label: 'Answered well' },
    { key: 'failed', label: 'No good answer', isFailure: true },
  ],
  sentence: ({ method, url }) => `${method} ${cut(url, 80)}`,
  problems: ({ url, method, body }) => [
    ...(/^https:\/\//i.test(url) || url.startsWith('{')
      ? []
      : /^http:\/\//i.test(url)
        ? [
            {
              code: 'not_encrypted',
              severity: 'warning' as const,
              field: 'url',
              sentence: 'This address is called without encryption.',
              fix: 'Use https:// where the other side has it.',
            },
          ]
        : [
            {
              code: 'no_web_address',
              severity: 'error' as const,
              field: 'url',
              sentence: 'This is no web address.',
              fix: 'Begin it with https://.',
            },
          ]),
    ...(body !== undefined && (method === 'GET' || method === 'HEAD')
      ? [
          {
            code: 'body_not_sent',
            severity: 'error' as const,
            field: 'body',
            sentence: `${method} has no body.`,
            fix: 'Use POST, or put what it says into the address.',
          },
        ]
      : []),
  ],
})

export const DATA: readonly NodeType[] = [set, compute, publish, request]
