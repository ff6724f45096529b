import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { sendInsistently } from '../support/api-client.ts'
import { type Promised, SPOTLESS } from '../support/ledgers.ts'
import type { ReceivedMessage } from '../support/smtp-server.ts'
import { randomOf, type Scene } from './support.ts'

export interface Load {
  /** At least so many. */
  readonly messages: number
  readonly connections: number
}

/** Connections of the route, each with a message and one that follows it. */
const IN_FLIGHT = 20
const AHEAD_MS = 50

/**
 * Clients send and insist; `faults` faults come at moments that a seed chooses, each after some messages of the time since the last one.
 * Afterwards everything is let come to rest and the three ledgers are compared.
 */
export async function underLoad(
  { server, smtp, untilAll, judge, invariants }: Scene,
  { messages, connections }: Load,
  { faults, seed, strike }: { faults: number; seed: number; strike: (random: () => number) => Promise<void> },
): Promise<void> {
  const random = randomOf(seed)
  const promised: Promised[] = []
  let sent = 0
  let isOver = false
  const client = async () => {
    while (sent < messages || !isOver) promised.push(await sendInsistently(server.url, { recipient: `r${sent++}@example.org` }))
  }
  const clients = Promise.all(Array.from({ length: connections }, client))
  for (let fault = 0; fault < faults; fault++) {
    const target = smtp.messages.length + 1 + Math.floor(random() * 40)
    await smtp.when(() => smtp.messages.length >= target)
    await sleep(random() * 15)
    await strike(random)
  }
  isOver = true
  await clients
  await untilAll('sent', 'unknown')
  // Unheard answers of this stream are followed by one more try, ten seconds later.
  const endsAt = performance.now() + 60_000
  let judgement = await judge(promised)
  while ((judgement.states.unknown ?? 0) > 0 && performance.now() < endsAt) {
    await sleep(500)
    await untilAll('sent', 'unknown')
    judgement = await judge(promised)
  }
  console.info(
    `${sent} messages, ${judgement.unknownEvents} unknown, ${judgement.duplicates.length} duplicates, ${JSON.stringify(judgement.states)}`,
  )
  expect(judgement).toMatchObject(SPOTLESS)
  expect(judgement.duplicates.length).toBeLessThanOrEqual(judgement.unknownEvents)
  expect(promised).toHaveLength(sent)
  expect(await invariants()).toEqual([])
}

/** How many may be unknown after a sudden end: what was in flight, and what fifty milliseconds of sending are at the best rate since `from`. */
export function mayBeUnknown(messages: readonly ReceivedMessage[], from: number): number {
  const times = messages.slice(from).map(({ receivedAt }) => receivedAt.getTime())
  let most = 0
  for (let first = 0, last = 0; last < times.length; last++) {
    while (times[last]! - times[first]! > AHEAD_MS) first += 1
    most = Math.max(most, last - first + 1)
  }
  return IN_FLIGHT + 2 * most
}
