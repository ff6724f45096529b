import { expect, test } from 'vitest'
import { Share } from '../../../../src/delivery/providers/mx/share.ts'
import { SECOND } from '../../../../src/lib/clock.ts'
import { gate } from '../../../support/gate.ts'

/** A share whose time passes only when a test says so. */
function aShare() {
  let nowMs = 1_000
  const share = new Share({ now: () => new Date(nowMs), monotonicMs: () => nowMs })
  const pass = (ms: number) => void (nowMs += ms)
  return { share, pass }
}

test('an hour without mail is no slow answer: whoever is sent away afterwards comes back as soon as before', async () => {
  const { share, pass } = aShare()
  const answered = async () => {
    const answer = gate()
    const using = share.use(() => answer.opened)
    pass(10)
    answer.open()
    await using
  }
  for (let i = 0; i < 50; i++) await answered()
  share.works(true)
  const waitBefore = share.waitMs()
  pass(3_600 * SECOND)
  await answered()
  expect(share.waitMs()).toBeLessThan(2 * waitBefore)
})

test('a server that answers every two seconds is come back to every two seconds', async () => {
  const { share, pass } = aShare()
  share.works(true)
  const answers = Array.from({ length: 20 }, () => gate())
  const using = answers.map((answer) => share.use(() => answer.opened))
  for (const [i, answer] of answers.entries()) {
    pass(2 * SECOND)
    answer.open()
    await using[i]
  }
  const waits = [share.waitMs(), share.waitMs()]
  expect(waits[1]! - waits[0]!).toBeCloseTo(2 * SECOND, -2)
})
