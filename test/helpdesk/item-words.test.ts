import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { itemWords, wordsAsVector } from '../../src/helpdesk/item-words.ts'
import type { ItemId } from '../../src/lib/ids.ts'
import { world } from '../support/world.ts'
import { desk } from './desk.ts'

/** What mails are made of: words, numbers, addresses, links, accents, ligatures, other scripts and every sort of gap. */
const PIECES = [
  ...[
    'Hello',
    'ORDER',
    'INV-4711-A',
    '4711',
    '007',
    '1e5',
    '12e5abc',
    'a1b2',
    'x',
    'support@example.com',
    'https://example.com/a?b=c&d=e#f',
  ],
  ...[
    'C:\\temp\\file.txt',
    '/usr/bin',
    '3.14',
    '-5',
    '1,000.50',
    'under_score',
    "don't",
    'e.g.',
    '50%',
    '#tag',
    '<b>',
    '&amp;',
    '"',
    '\\',
  ],
  ...[
    'Müller',
    'Straße',
    'ÆØÅ',
    'œuvre',
    'Łódź',
    'naïve',
    'İstanbul',
    'ﬁne',
    '½',
    '²',
    'ªº',
    '…',
    '–',
    '“quoted”',
    '«là»',
    '\u00a0',
    '\u200b',
    '€5',
    '™',
  ],
  ...['退款申请', 'ขอคืนเงิน', 'Привет', 'Ελλάς', 'שלום', '👍', '\t', '\r\n', '\n\n', '  ', '\u0001', '\u007f', 'z'.repeat(300)],
]

test('words cut here are those that PostgreSQL finds, at the same places', async () => {
  const w = await world()
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }) },
  )
  const texts = fc.sample(fc.array(fc.tuple(piece, fc.constantFrom(' ', ' ', '', ', ')), { maxLength: 12 }), {
    numRuns: 1_500,
    seed: 38,
  })
  const written = texts.map((pieces) => pieces.flat().join('')).concat(Array.from({ length: 300 }, () => 'again and').join(' '))
  const ours = written.map(wordsAsVector)
  const { rows } = await sql<{ theirs: string; ours: string | null }>`
    select to_tsvector('simple', search_words(w.text))::text as theirs, w.ours::tsvector::text as ours
      from unnest(${written}::text[], ${ours}::text[]) as w(text, ours)`.execute(w.database.db)
  expect(rows).toHaveLength(written.length)
  for (const [i, row] of rows.entries()) if (row.ours !== null) expect([written[i], row.ours]).toEqual([written[i], row.theirs])
  // Most of what people write is cut here; other scripts are not.
  expect(rows.filter((row) => row.ours !== null).length).toBeGreaterThan(300)
  expect(wordsAsVector('Grüße aus Łódź – bis bald')).not.toBeNull()
  expect(wordsAsVector('Привет')).toBeNull()
})

test('what an item brings is what would be found in it without', async () => {
  const w = await world()
  const d = await desk(w)
  const { conversation, first } = await d.conversation()
  const item = {
    ...first,
    id: first.id as ItemId,
    from: { name: 'Bob Müller', address: 'bob@customer.example' },
    recipients: {
      to: [{ name: 'Support', address: 'support@example.com' }],
      cc: [{ name: '', address: 'carl@x.example' }],
      bcc: [],
    },
    subject: 'Re: [support-12] Order 4711',
    bodyText: 'It has not come.\nCould you look?',
    quotedText: 'On Monday you wrote: soon.',
  }
  const row = JSON.stringify({
    from_name: item.from.name,
    from_address: item.from.address,
    recipients: item.recipients,
    subject: item.subject,
    body_text: item.bodyText,
    quoted_text: item.quotedText,
  })
  const { rows } = await sql<{ theirs: string; ours: string }>`
    select words_of_item(json_populate_record(i, ${row}::json))::text as theirs, ${itemWords(item, [])}::tsvector::text as ours
      from conversation_item as i where i.conversation_id = ${conversation.id} and i.id = ${first.id}`.execute(w.database.db)
  expect(rows[0]?.theirs).toContain("'4711'")
  expect(rows[0]?.ours).toBe(rows[0]?.theirs)
})
