import { expect, test } from 'vitest'
import { anApi, anotherWorkspace, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const other = await anotherWorkspace(api)
const port = await api.server.listen({ host: '127.0.0.1', port: 0 })

interface Told {
  readonly event: string
  readonly id: string | null
  readonly data: Record<string, string | null>
}

/** A listener that can be asked what it was told so far. */
async function listen(headers: Record<string, string>) {
  const stop = new AbortController()
  const response = await fetch(`http://127.0.0.1:${port}/v1/live`, { headers, signal: stop.signal })
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
  const decoder = new TextDecoder()
  let text = ''
  const told = (): Told[] =>
    text.split('\n\n').flatMap((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null
      const event = field('event')
      return event === null ? [] : [{ event, id: field('id'), data: JSON.parse(field('data') ?? '{}') }]
    })
  /** Until it was told of something that fits. */
  const until = async (fits: (told: Told) => boolean): Promise<Told> => {
    for (;;) {
      const found = told().find(fits)
      if (found) return found
      const { value, done } = await reader.read()
      if (done) throw new Error(`the stream ended after: ${text}`)
      text += decoder.decode(value, { stream: true })
    }
  }
  /** A line is open when the first words have come. */
  const begun = async () => void (await reader.read())
  return { response, begun, until, told, text: () => text, stop: () => stop.abort() }
}

const body = { from: 'shop@example.com', to: ['ann@example.org'], text: 'x' }
const send = async (asker: { cookie?: string; key?: string }) =>
  (await ask(api, 'POST', '/v1/messages', { ...asker, body })).body.id as string

test('a listener hears what happens in its workspace, and nothing else', async () => {
  const line = await listen({ cookie: ann.cookie })
  expect(line.response.headers.get('content-type')).toContain('text/event-stream')
  expect(line.response.headers.get('x-accel-buffering')).toBe('no')
  const foreign = await send(other)
  const own = await send(ann)
  const heard = await line.until(({ data }) => data.message_id === own)
  expect(heard).toMatchObject({ event: 'changed', data: { type: 'message.submitted' } })
  expect(line.text()).not.toContain(foreign)
  line.stop()
})

test('after a broken line one hears what was missed', async () => {
  const line = await listen({ cookie: ann.cookie })
  const first = await send(ann)
  const { id } = await line.until(({ data }) => data.message_id === first)
  line.stop()
  const missed = await send(ann)
  const again = await listen({ cookie: ann.cookie, 'last-event-id': id ?? '' })
  await again.until(({ data }) => data.message_id === missed)
  expect(again.told().some(({ data }) => data.message_id === first)).toBe(false)
  again.stop()
})

test.each(['garbage', '99999999999999999999999-1', '-', '1-99999999999999999999'])(
  'who comes back with %s is told to look anew',
  async (id) => {
    const line = await listen({ cookie: ann.cookie, 'last-event-id': id })
    await line.until(({ event }) => event === 'missed')
    line.stop()
  },
)

test('too much to list is said to be too much', async () => {
  const start = await listen({ cookie: ann.cookie })
  const marker = await send(ann)
  const { id } = await start.until(({ data }) => data.message_id === marker)
  let last = marker
  for (let i = 0; i < 201; i++) last = await send(ann)
  // Told to one who listened all the time: now the whole list is there to be asked for. Where a transaction of somebody else on this
  // PostgreSQL held the log up meanwhile, it is too much for that one, too.
  await start.until(({ event, data }) => event === 'missed' || data.message_id === last)
  start.stop()
  const line = await listen({ cookie: ann.cookie, 'last-event-id': id ?? '' })
  await line.until(({ event }) => event === 'missed')
  line.stop()
})

test('only who may read deliveries may listen', async () => {
  const viewer = await memberOf(api, ann, 'Vera', 'viewer')
  const line = await listen({ cookie: viewer.cookie })
  expect(line.response.status).toBe(200)
  line.stop()
  expect((await fetch(`http://127.0.0.1:${port}/v1/live`)).status).toBe(401)
  const { key } = await keyOf(api, ann, ['send'])
  const heard = await listen({ authorization: `Bearer ${key}` })
  expect(heard.response.status).toBe(200)
  heard.stop()
})

test('nobody can take every line there is', async () => {
  const greedy = await keyOf(api, ann, ['read'])
  const headers = { authorization: `Bearer ${greedy.key}` }
  const lines = await Promise.all(Array.from({ length: 20 }, () => listen(headers)))
  await Promise.all(lines.map((line) => line.begun()))
  expect((await listen(headers)).response.status).toBe(503)
  const other = await listen({ cookie: ann.cookie })
  expect(other.response.status).toBe(200)
  for (const line of [...lines, other]) line.stop()
})

test('a server that stops ends the lines instead of waiting for them', async () => {
  const second = await anApi()
  const { cookie } = await owner(second)
  const at = await second.server.listen({ host: '127.0.0.1', port: 0 })
  const response = await fetch(`http://127.0.0.1:${at}/v1/live`, { headers: { cookie } })
  const reader = response.body?.getReader()
  await reader?.read()
  await second.server.close(60_000)
  for (;;) if ((await reader?.read())?.done) break
})
