import { expect, test } from 'vitest'
import { freeSlug, slugOf } from '../../../src/helpdesk/inboxes/slug.ts'

test.each([
  ['Support', 'support'],
  ['Büro Süd & Straße', 'buro-sud-strasse'],
  ['  --Sales/EU--  ', 'sales-eu'],
  ['サポート', 'inbox'],
  ['A very long name of an inbox that nobody would type', 'a-very-long-name-of-an-inbox-tha'],
])('the word of %j in subjects is %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug)
  expect(slug).toMatch(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/)
})

test('a word that another inbox has gets a number', () => {
  expect(freeSlug('Support', new Set(['support', 'support-2']))).toBe('support-3')
})
