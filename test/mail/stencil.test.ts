import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMailbox } from '../../src/mail/address.ts'
import { compose } from '../../src/mail/compose.ts'
import { parseMail } from '../../src/mail/parse.ts'
import { type Filling, type Place, readStencil, type Slotted, still, writeStencil } from '../../src/mail/stencil.ts'

const from = parseMailbox('Größe Shop <shop@example.com>')!
const DATE = new Date('2026-11-22T12:00:00Z')
const slotted = (literals: readonly string[], ...places: Place[]): Slotted => ({ literals, places })
const filling = (values: readonly string[], more: Partial<Filling> = {}): Filling => ({
  recipient: 'ann@example.org',
  messageId: '<d1@example.com>',
  date: DATE,
  values,
  own: {},
  ...more,
})

async function read(content: string) {
  const result = await parseMail(Buffer.from(content, 'latin1'))
  if (result.kind !== 'parsed') throw new Error(result.reason)
  return result.mail
}

test('places in subject, name, headers, text and HTML are filled in, the rest is the same for everybody', async () => {
  const stencil = readStencil(
    writeStencil({
      from,
      toName: slotted(['', ''], 0),
      subject: slotted(['Größe ', ' for ', ''], 1, 0),
      headers: [
        ['List-Unsubscribe', slotted(['<https://example.com/u/', '>'], 'unsubscribe')],
        ['X-Campaign', still('Frühling')],
      ],
      text: slotted(['Hello ', ',\nlook: https://example.com/?t=', '\n'], 0, 'tracking'),
      html: slotted(['<p>Hello ', '</p>'], 2),
      attachments: [{ filename: 'terms.txt', content: Buffer.from('Terms'), contentType: 'text/plain' }],
    }),
  )
  const own = { tracking: 'tok', unsubscribe: 'abc' }
  const one = await read(stencil.fill(filling(['Zoë', '42', '<b>Zoë</b>'], { own })).content)
  expect(one.subject).toBe('Größe 42 for Zoë')
  expect(one.to).toMatchObject([{ name: 'Zoë', address: 'ann@example.org' }])
  expect(one.text?.trimEnd()).toBe('Hello Zoë,\nlook: https://example.com/?t=tok')
  expect(one.html?.trim()).toBe('<p>Hello <b>Zoë</b></p>')
  expect(one.messageId).toBe('<d1@example.com>')
  expect(one.attachments.map(({ filename }) => filename)).toEqual(['terms.txt'])
  const two = stencil.fill(filling(['Bob', '7', 'Bob'], { own, recipient: 'bob@example.net', messageId: '<d2@example.com>' }))
  expect(two.content).toContain('To: Bob <bob@example.net>\r\n')
  expect(two.content).toContain('Message-ID: <d2@example.com>\r\n')
  expect(two.content).toContain('List-Unsubscribe: <https://example.com/u/abc>\r\n')
  expect(two).toMatchObject({ eightBit: false, internationalized: false, sizeBytes: two.content.length })
})

test('an address of letters beyond ASCII asks for a server that takes it', () => {
  const stencil = readStencil(writeStencil({ from, toName: still(''), subject: still('Hi'), text: still('Hi') }))
  expect(stencil.fill(filling([], { recipient: 'zoë@example.org' })).internationalized).toBe(true)
})

// Whatever a value is: any Unicode, half characters, any line end, dots and equals signs, lines without end. NUL is refused, below.
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '.',
    '..',
    '=',
    '=3D',
    '=\n',
    ' ',
    '\t',
    'From ',
    '\nFrom x',
    '.\n',
    '\n.\n',
    'é',
    '日本語',
    '👩‍👩‍👧',
    '\ud83d',
    '--=_',
  ),
  fc.integer({ min: 1, max: 3_000 }).map((n) => 'x'.repeat(n)),
  fc.integer({ min: 1, max: 400 }).map((n) => 'ß'.repeat(n)),
)
const anything = fc
  .array(piece, { maxLength: 6 })
  .map((all) => all.join('').replaceAll('\0', ''))
  // The oldest control characters of mail: a form feed and a lone carriage return are line matters of their own.
  .map((text) => text.replace(/\r\n?/g, '\n'))
const HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const whole = (text: string) => text.replace(HALVES, '\ufffd')
const asLines = (text: string) => text.replace(/\r\n?/g, '\n').replace(/\n$/, '')

test('what is read back of a filled mail is exactly what was filled in, in lines that any server takes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 3, maxLength: 3 }), anything, anything, async (literals, a, b) => {
      const text = slotted([`.${literals[0]}`, literals[1] as string, `${literals[2]}.`], 0, 'own')
      const html = slotted(['<pre>', '|', `${literals[2]}</pre>`], 'own', 1)
      const stencil = readStencil(writeStencil({ from, toName: still(''), subject: still('x'), text, html }))
      const { content } = stencil.fill(filling([a, b], { own: { own: b } }))
      const mail = await read(content)
      const wanted = [`.${literals[0]}`, a, literals[1], b, `${literals[2]}.`].map((each) => whole(each as string)).join('')
      expect(asLines(mail.text ?? '')).toBe(asLines(wanted))
      expect(asLines(mail.html ?? '')).toBe(
        asLines(['<pre>', b, '|', b, `${literals[2]}</pre>`].map((each) => whole(each as string)).join('')),
      )
      const body = content.slice(content.indexOf('\r\n\r\n') + 4)
      for (const line of body.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
      expect(content.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0\x80-\uffff]/)
    }),
    { numRuns: 200 },
  )
})

const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => /^[^\p{C}\p{Z}][^\p{C}\u2028\u2029]*[^\p{C}\p{Z}]$/u.test(text))

test('it is the mail that the composer would have written of the same texts', async () => {
  await fc.assert(
    fc.asyncProperty(words, words, words, async (a, b, name) => {
      const file = { filename: 'a.bin', contentType: 'application/octet-stream', content: Buffer.from(b) }
      const stencil = readStencil(
        writeStencil({
          from,
          replyTo: [parseMailbox('help@example.com')!],
          toName: slotted(['', ''], 2),
          subject: slotted(['', ' – ', ''], 0, 1),
          headers: [['X-Note', slotted(['', ''], 0)]],
          text: slotted(['Hello ', '\n\n', '\n'], 0, 1),
          html: slotted(['<p>', '</p>\n'], 1),
          attachments: [file],
        }),
      )
      const filled = stencil.fill(filling([a, b, name]))
      const composed = compose({
        from,
        replyTo: [parseMailbox('help@example.com')!],
        to: [{ name, address: parseMailbox('ann@example.org')!.address }],
        subject: `${a} – ${b}`,
        headers: [['X-Note', a]],
        text: `Hello ${a}\n\n${b}\n`,
        html: `<p>${b}</p>\n`,
        attachments: [file],
        date: DATE,
        messageId: '<d1@example.com>',
      })
      const headOf = (content: string) => content.slice(0, content.indexOf('Content-Type'))
      expect(headOf(filled.content)).toBe(headOf(composed.content))
      const [mine, theirs] = [await read(filled.content), await read(composed.content)]
      const tell = ({ text, html, attachments, subject }: typeof mine) => ({
        subject,
        text,
        html,
        files: attachments.map(({ filename, bytes }) => [filename, Buffer.from(bytes).toString('hex')]),
      })
      expect(tell(mine)).toEqual(tell(theirs))
    }),
    { numRuns: 100 },
  )
})

test('no value can write a header, end one or add one', () => {
  const stencil = readStencil(
    writeStencil({
      from,
      toName: slotted(['', ''], 0),
      subject: slotted(['Hi ', ''], 1),
      headers: [['X-Note', slotted(['', ''], 2)]],
      text: slotted(['', ''], 3),
    }),
  )
  for (const evil of ['x\r\nBcc: eve@example.org', 'x\nBcc: eve@example.org', 'x\rBcc: eve@example.org', 'x\0'])
    for (const at of [0, 1, 2]) {
      const values = ['Ann', 'Ann', 'Ann', 'Ann'].map((value, i) => (i === at ? evil : value))
      expect(() => stencil.fill(filling(values))).toThrow(/control character/)
    }
  expect(() => stencil.fill(filling(['a', 'b', 'c', 'x\0y']))).toThrow(/control character/)
  for (const strange of ['\u2028Bcc: eve@example.org', '\u0085Bcc: eve@example.org', '\u000bBcc: eve@example.org']) {
    const { content } = stencil.fill(filling([strange, strange, strange, strange]))
    expect(content.split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/m)
  }
})

test('a place without a value, and an address that is none, are refused by name', () => {
  const stencil = readStencil(writeStencil({ from, toName: still(''), subject: slotted(['', ''], 'tracking'), text: still('x') }))
  expect(() => stencil.fill(filling([]))).toThrow(/tracking/)
  expect(() => stencil.fill(filling([], { own: { tracking: 'x' }, recipient: 'a@example.org;b;c' }))).toThrow(
    /not an email address/,
  )
})

test('what nobody could be sent is refused when it is written', () => {
  const base = { from, toName: still(''), subject: still('x'), text: still('x') }
  expect(() => writeStencil({ ...base, headers: [['Bcc', still('eve@example.org')]] })).toThrow(/cannot be set here/)
  expect(() => writeStencil({ ...base, subject: still('a\r\nb') })).toThrow(/control character/)
  expect(() => writeStencil({ ...base, text: still('x'.repeat(2_000)) }, { maxBytes: 1_000 })).toThrow(/too large|larger/i)
})
