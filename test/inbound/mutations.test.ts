import { expect, test, vi } from 'vitest'
import { mutantOf, originals } from '../../corpus/mutants.ts'
import { createMailParser, type MailParser } from '../../src/mail/mail-parser.ts'
import { desk } from '../helpdesk/desk.ts'
import { expectLawful } from '../support/read-mail-laws.ts'
import { world } from '../support/world.ts'
import { inlet } from './support.ts'

vi.setConfig({ testTimeout: 180_000 })

const SEED = 20_261_121
const [COUNT, BATCH] = [2_000, 100]

test('of two thousand mails that are broken in many ways each has one outcome within its limits, and the good one behind them is taken in', async () => {
  const w = await world()
  const d = await desk(w)
  const answers = await d.addInbox('Answers', { no_match: 'ignore' })
  const parser = createMailParser()
  const wrong: string[] = []
  const read: MailParser['read'] = async (bytes) => {
    const reading = await parser.read(bytes)
    try {
      if (reading.kind === 'parsed') expectLawful(bytes, reading.mail, reading.body)
      else expect(reading.reason).not.toMatch(/cannot be read|reader|too many/)
    } catch (error) {
      wrong.push(`${(error as Error).message.slice(0, 300)} in ${bytes.subarray(0, 200).toString('latin1')}`)
    }
    return reading
  }
  const i = inlet(w, { parser: { ...parser, read } })
  const from = await originals()
  const outcomes = new Map<string, number>()
  for (let first = 0; first < COUNT; first += BATCH) {
    const inboxId = first % 500 === 0 ? answers.id : d.inbox.id
    const mutants = Array.from({ length: BATCH }, (_, at) => mutantOf(from, SEED, first + at, false))
    const good = Buffer.from(`From: good@customer.example\r\nMessage-ID: <${first}@customer.example>\r\n\r\nIs it here?\r\n`)
    const ids = await i.storeAll(
      mutants.map(({ bytes }) => bytes),
      { inboxId },
    )
    const last = await i.take(good, { inboxId: d.inbox.id })
    expect(i.errors).toEqual([])
    expect(last.outcome, `the mail behind ${first + BATCH - 1}`).toBe('conversation_started')
    const settled = await i.outcomesOf(ids)
    expect(settled).toHaveLength(BATCH)
    for (const [at, { state, outcome, reason, attempts }] of settled.entries()) {
      const about = `mail ${first + at} of ${mutants[at]?.from}: ${reason}`
      expect([state === 'received', attempts, reason === 'cannot_be_stored'], about).toEqual([false, 1, false])
      outcomes.set(outcome ?? '', (outcomes.get(outcome ?? '') ?? 0) + 1)
    }
  }
  expect(wrong).toEqual([])
  expect([...outcomes.values()].reduce((sum, n) => sum + n, 0)).toBe(COUNT)
  expect(outcomes.get('conversation_started')).toBeGreaterThan(COUNT / 3)
  await parser.close()
})
