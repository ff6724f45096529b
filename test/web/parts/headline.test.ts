import { expect, test } from 'vitest'
import type { Delivery } from '../../../src/api/endpoints/deliveries.ts'
import { headlineOf } from '../../../web/parts/headline.ts'

const NOW = new Date('2026-11-22T10:00:00Z')

function sentBy(host: string): Delivery {
  return { state: 'sent', reason: null, attempts: [{ outcome: 'accepted', host }] } as unknown as Delivery
}

test('a mail that the sandbox kept is not told as one that somebody took responsibility for', () => {
  expect(headlineOf(sentBy('sandbox'), NOW)).toEqual({
    sentence: 'The sandbox keeps it: nobody receives it.',
    next: null,
    hint: null,
  })
  expect(headlineOf(sentBy('mx.example.org'), NOW).sentence).toBe('mx.example.org took responsibility for it.')
})
