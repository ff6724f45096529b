import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCsvReader, csvLine, escapeCell } from '../../../../src/delivery/suppression/lists/csv.ts'

function read(text: string, cuts: readonly number[] = []): string[][] {
  const reader = createCsvReader()
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
  const pieces = places.slice(1).map((to, i) => text.slice(places[i], to))
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()].map(({ cells }) => [...cells])
}

test('what is written is read again, however it is cut into pieces', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/\r/g, '').trim())
  const row = fc
    .array(cell, { minLength: 2, maxLength: 4 })
    .filter((cells) => cells.some((each) => each !== '') && !cells[0]?.startsWith('\ufeff'))
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(), { maxLength: 6 }), (rows, cuts) => {
      // The first line decides about the separator: a header.
      const text = csvLine(['a', 'b']) + rows.map(csvLine).join('')
      expect(read(text, cuts).slice(1)).toEqual(rows.filter((cells) => csvLine(cells).trim() !== ''))
    }),
  )
})

test.each(['=1+1', '+49 30', '-1', '@SUM(A1)', '\t=1', '\r=1'])('no spreadsheet takes %j for a formula', (text) => {
  fc.assert(
    fc.property(fc.string(), (tail) => {
      const written = escapeCell(text + tail).replace(/^"/, '')
      expect(written.startsWith("'")).toBe(true)
    }),
  )
})

test.each([
  ['a comma', 'email,reason\nann@example.org,bounce\n'],
  ['a semicolon', 'email;reason\r\nann@example.org;bounce\r\n'],
  ['a tab', 'email\treason\nann@example.org\tbounce'],
  ['a byte order mark', '\ufeffemail,reason\r\nann@example.org,bounce'],
  ['old line ends', 'email,reason\rann@example.org,bounce\r'],
  ['quotes and empty lines', '"email","reason"\n\n"ann@example.org","bounce"\n\n\n'],
])('a file with %s is read', (_, text) => {
  expect(read(text)).toEqual([
    ['email', 'reason'],
    ['ann@example.org', 'bounce'],
  ])
})

test('a quote that is never closed costs one record, not the file', () => {
  const rows = read(`a,b\n"open,${'x'.repeat(9_000)}\nnext,1\nlast,2\n`)
  expect(rows.at(-1)).toEqual(['last', '2'])
  expect(rows.length).toBeLessThanOrEqual(4)
})

test('any text is read without an exception, within its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.array(fc.nat(), { maxLength: 5 }), (text, cuts) => {
      const cells = read(text, cuts).flat()
      expect(cells.join('').length).toBeLessThanOrEqual(text.length)
    }),
  )
})
