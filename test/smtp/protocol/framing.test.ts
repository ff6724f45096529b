import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toData } from '../../../src/delivery/providers/smtp/flight/framing.ts'
import { DataFraming } from '../../../src/smtp/protocol/framing.ts'

/** The content and what stands behind its end, with the bytes cut at the places given. */
function read(sent: string, cuts: readonly number[] = []): { content: string; rest: string | null } {
  const framing = new DataFraming()
  const bytes = Buffer.from(sent, 'latin1')
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let content = ''
  let from = 0
  for (const to of [...places, bytes.length]) {
    const piece = bytes.subarray(from, to)
    from = to
    if (piece.length === 0) continue
    const end = framing.feed(piece, (part) => void (content += part.toString('latin1')))
    if (end !== -1) return { content, rest: piece.subarray(end).toString('latin1') + bytes.subarray(to).toString('latin1') }
  }
  return { content, rest: null }
}

test.each([
  ['a\r\n.\r\nQUIT\r\n', 'a\r\n', 'QUIT\r\n'],
  ['.\r\n', '', ''],
  ['..\r\n.\r\n', '.\r\n', ''],
  ['a\r\n..b\r\n.\r\n', 'a\r\n.b\r\n', ''],
  ['a\r\n.b\r\n.\r\n', 'a\r\nb\r\n', ''],
  ['a\r\n..\r\n.\r\n', 'a\r\n.\r\n', ''],
  ['\r\n.\r\n', '\r\n', ''],
])('%j is the content %j and leaves %j', (sent, content, rest) => {
  for (let cut = 0; cut <= sent.length; cut += 1) expect(read(sent, [cut])).toEqual({ content, rest })
})

test.each(['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\r\n.\r\r\n', '\r\n\0.\r\n'])(
  '%j does not end a mail',
  (lookalike) => {
    const sent = `a${lookalike}MAIL FROM:<x@y>\r\n.\r\n`
    const { content, rest } = read(sent)
    expect(content).toContain('MAIL FROM')
    expect(rest).toBe('')
  },
)

test('what our client frames, our server unframes, wherever the wire cuts it', () => {
  const text = fc.string({ unit: fc.constantFrom('.', '\r\n', 'a', '\r\n.', ' ', '\xe4'), maxLength: 60 })
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (written, cuts) => {
      const content = written === '' || written.endsWith('\r\n') ? written : `${written}\r\n`
      expect(read(`${toData(content)}.\r\nNOOP\r\n`, cuts)).toEqual({ content, rest: 'NOOP\r\n' })
    }),
    { numRuns: 500 },
  )
})
