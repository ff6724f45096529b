import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDelimitedReader, type Delimiter } from '../../../src/contacts/imports/delimited.ts'
import { NO_COUNTS, objectionTo } from '../../../src/contacts/imports/import.ts'
import { encodingOf, sniff } from '../../../src/contacts/imports/sniff.ts'
import { readAddress, understandRow } from '../../../src/contacts/imports/understand.ts'

function read(text: string, delimiter: Delimiter, cuts: readonly number[] = []): string[][] {
  const reader = createDelimitedReader(delimiter)
  const ends = [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b)
  let from = 0
  const records = ends.flatMap((to) => {
    const piece = text.slice(from, to)
    from = to
    return reader.push(piece)
  })
  return [...records, ...reader.end()].map(({ cells }) => [...cells])
}

test('whatever cells hold, and wherever the stream is cut, they are read as they were written', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ß', '"', ',', ';', '\n', '\r', '@', ' ') }).map((text) => `x${text}x`)
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(
      table,
      fc.constantFrom<Delimiter>(',', ';', '\t', '|'),
      fc.array(fc.nat(), { maxLength: 6 }),
      (rows, delimiter, cuts) => {
        const text = rows.map((cells) => cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(delimiter)).join('\r\n')
        expect(read(text, delimiter, cuts)).toEqual(rows)
      },
    ),
  )
})

test('a quote inside a cell opens nothing, and one that is never closed does not swallow the file', () => {
  expect(read('a,5" disk\nb,c', ',')).toEqual([
    ['a', '5" disk'],
    ['b', 'c'],
  ])
  expect(read('a, "x,y" ,z', ',')).toEqual([['a', 'x,y', 'z']])
  const lines = Array.from({ length: 300 }, (_, i) => `p${i}@example.org,"never closed`)
  expect(read(lines.join('\n'), ',').length).toBe(300)
})

test('lines are counted as an editor shows them', () => {
  const reader = createDelimitedReader(',')
  const records = [...reader.push('a,b\r\n\r\n"two\nlines",c\nd,e'), ...reader.end()]
  expect(records.map(({ line }) => line)).toEqual([1, 3, 5])
})

test('the encoding and the delimiter are found, also where the header is separated otherwise than the rows', () => {
  expect(encodingOf(Buffer.from('\ufeffa;b', 'utf16le'), true)).toBe('utf-16le')
  expect(encodingOf(Buffer.from('address,name\r\n', 'utf16le'), true)).toBe('utf-16le')
  expect(encodingOf(Buffer.from('Zoë', 'latin1'), false)).toBe('windows-1252')
  const excel = sniff('Email;First name;Last name;Data\nann@example.org;Ann;Lee;\nbob@example.org;Bob;Ray;\n', true)
  expect(excel).toMatchObject({ delimiter: ';', hasHeader: true, guesses: ['address', 'first_name', 'last_name', 'data'] })
  const mixed = sniff('Email,First name,Last name,Data\nann@example.org;Ann;Lee\nbob@example.org;Bob;Ray\n', true)
  expect(mixed).toMatchObject({ delimiter: ';', headerDelimiter: ',', guesses: ['address', 'first_name', 'last_name', 'data'] })
  expect(sniff('ann@example.org\nbob@example.org\n', true)).toMatchObject({ hasHeader: false, guesses: ['address'] })
  expect(sniff('no,who\n1,ann@example.org\n2,bob@example.org\n', true).guesses).toEqual(['ignore', 'address'])
})

test('a column that nobody asked for moves nothing, and words of other tools for a status are whole words', () => {
  const terms = {
    columns: ['address', 'ignore', 'first_name', 'status'] as const,
    delimiter: ',' as const,
    splitGlued: false,
    fields: [],
  }
  expect(understandRow(['ann@example.org', 'x', 'Ann', 'inactive'], terms)).toMatchObject({
    address: 'ann@example.org',
    person: { firstName: 'Ann', name: 'Ann', wants: 'unsubscribed' },
  })
  expect(understandRow(['ann@example.org', '', '', 'perhaps'], terms)).toMatchObject({ ok: false })
})

test('what people leave around an address is taken off, and what is no address says why', () => {
  for (const text of [
    'mailto:Ann@Example.org',
    '<ann@example.org>',
    'ann@example.org>',
    ' ann @example.org',
    '\u200bann@example.org',
    'ann@example.org.',
  ])
    expect(readAddress(text), text).toMatchObject({ ok: true, key: 'ann@example.org' })
  expect(readAddress('Ann Lee <ann@example.org>')).toMatchObject({ key: 'ann@example.org', name: 'Ann Lee' })
  for (const text of ['ann', 'ann@', 'a b@example.org', 'ann@example.org;bob@example.org', '@example.org'])
    expect(readAddress(text).ok, text).toBe(false)
})

test('glued rows are told by number and by what separates them, and split when asked', () => {
  const terms = { columns: ['address', 'first_name', 'last_name'] as const, delimiter: ',' as const, fields: [] }
  expect(understandRow(['ann@example.org;Ann;Lee'], { ...terms, splitGlued: false })).toMatchObject({ ok: false, glued: ';' })
  expect(understandRow(['ann@example.org;Ann;Lee'], { ...terms, splitGlued: true })).toMatchObject({
    address: 'ann@example.org',
    person: { firstName: 'Ann', lastName: 'Lee' },
    repaired: 'Split at “;”.',
  })
  const counts = { ...NO_COUNTS, rows: 2_100, new: 438, refused: 1_662, glued: { ';': 1_662 } }
  expect(objectionTo(counts, { acceptInvalid: true, splitGlued: false })?.sentence).toBe(
    "1,662 rows hold ';' inside the address: this file is separated by semicolons.",
  )
  expect(objectionTo({ ...NO_COUNTS, rows: 100, new: 97, refused: 3 }, { acceptInvalid: false, splitGlued: false })?.kind).toBe(
    'too_many_invalid',
  )
  expect(objectionTo({ ...NO_COUNTS, rows: 100, new: 98, refused: 2 }, { acceptInvalid: false, splitGlued: false })).toBe(null)
})
