import { expect, test } from 'vitest'
import { Refusal } from '../../src/errors.ts'
import { IncomingContent } from '../../src/smtp/incoming-content.ts'
import type { Intake } from '../../src/smtp/policy.ts'
import { reply } from '../../src/smtp/protocol/reply.ts'

const MAX = 1_000
const FULL = () => Promise.reject(new Refusal('storage_full', { retryAfterSeconds: 60 }))

function intake(write: Intake['write']): Intake & { discarded: number } {
  return {
    discarded: 0,
    write,
    finish: async () => reply(250, '2.0.0', 'kept'),
    discard() {
      this.discarded += 1
    },
  }
}

test('a disk that is full in the middle of a mail is said with 452 at its end, and the connection lives', async () => {
  const into = intake(FULL)
  const content = new IncomingContent(into, MAX)
  await content.write(Buffer.from('Subject: large\r\n\r\nHello\r\n'))
  await content.write(Buffer.from('and more\r\n'))
  expect(await content.finish()).toMatchObject({ code: 452, enhanced: '4.3.1' })
  expect(into.discarded).toBe(1)
})

test('a disk that is full at the last byte of a mail is said with 452, too', async () => {
  let writes = 0
  const into = intake(() => (writes++ === 0 ? undefined : FULL()))
  const content = new IncomingContent(into, MAX)
  await content.write(Buffer.from('a line without its end'))
  expect(await content.finish()).toMatchObject({ code: 452 })
  expect(into.discarded).toBe(1)
})

test('a fault of ours is no refusal', async () => {
  const content = new IncomingContent(
    intake(() => Promise.reject(new TypeError('ours'))),
    MAX,
  )
  await expect(content.write(Buffer.from('Hello\r\n'))).rejects.toThrow('ours')
})
