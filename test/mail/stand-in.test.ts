import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quotedText } from '../../src/mail/quoted-text.ts'
import { replaceStandIn } from '../../src/mail/stand-in.ts'

const [STAND_IN, TOKEN] = ['standinstandinstandinstandinstandinstandin', 'k2tokenk2tokenk2tokenk2tokenk2tokenk2token']

function decoded(quoted: string): string {
  const bytes = quoted
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

const someText = fc.array(
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(STAND_IN), fc.constant('\r\n'), fc.constant('= ')),
  {
    maxLength: 20,
  },
)

test('what is read afterwards is the text with the token in it, in lines as long as before', () => {
  fc.assert(
    fc.property(someText, (pieces) => {
      const text = pieces.join('').replace(/\r\n|\r|\n/g, '\r\n')
      const quoted = quotedText(text)
      const replaced = replaceStandIn(quoted, STAND_IN, TOKEN)
      expect(decoded(replaced)).toBe(decoded(quoted).replaceAll(STAND_IN, TOKEN))
      const lengths = (content: string) => content.split('\r\n').map((line) => line.length)
      expect(lengths(replaced)).toEqual(lengths(quoted))
    }),
    { numRuns: 300 },
  )
})

test('a line may break anywhere in it', () => {
  for (let before = 0; before < 80; before++) {
    const quoted = quotedText(`${'x'.repeat(before)}${STAND_IN}${'y'.repeat(40)}`)
    expect(decoded(replaceStandIn(quoted, STAND_IN, TOKEN))).toBe(`${'x'.repeat(before)}${TOKEN}${'y'.repeat(40)}`)
  }
})

test('what could not be put back letter for letter is refused', () => {
  expect(() => replaceStandIn('', STAND_IN, 'short')).toThrow(RangeError)
  expect(() => replaceStandIn('', 'a.b', 'abc')).toThrow(RangeError)
  expect(() => replaceStandIn('', 'abc', '$&=')).toThrow(RangeError)
})
