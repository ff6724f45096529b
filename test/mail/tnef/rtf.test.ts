import { expect, test } from 'vitest'
import { parseMail } from '../../../src/mail/parse.ts'
import { unpackRtf, wordsOfRtf } from '../../../src/mail/tnef/rtf.ts'
import { tnefOf } from '../../support/tnef.ts'

const rtf = (text: string) => Buffer.from(text, 'latin1')

/** The example of MS-OXRTFCP §3.1.1. */
const PACKED = Buffer.from(
  '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0',
  'hex',
)

test('a compressed text is what it was', () => {
  expect(unpackRtf(PACKED)?.toString('latin1')).toBe('{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n')
  const plain = Buffer.concat([
    Buffer.from('2e000000220000004d454c4100000000', 'hex'),
    rtf('{\\rtf1\\ansi\\ansicpg1252\\pard hello'),
  ])
  expect(unpackRtf(plain)?.toString('latin1')).toBe('{\\rtf1\\ansi\\ansicpg1252\\pard hello')
  expect(unpackRtf(Buffer.from('no such thing at all'))).toBeNull()
  for (let length = 0; length < PACKED.length; length += 1) unpackRtf(PACKED.subarray(0, length))
})

test.each([
  ['{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}Hello \\b you\\b0\\par two \\{x\\}\\tab y}', 'Hello you\ntwo {x}\ty'],
  ["{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0 \\u8364?x}", 'Пр €x'],
  ["{\\rtf1\\ansi\\ansicpg932 \\'93\\'fa\\'96\\'7b}", '日本'],
])('the words of %j are %j', (source, text) => {
  expect(wordsOfRtf(rtf(source))).toEqual({ html: null, text })
})

test('HTML that was wrapped comes out again', () => {
  const source =
    "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\fonttbl{\\f0 Arial;}}{\\*\\htmltag19 <html>}{\\*\\htmltag64 <p>}\\htmlrtf \\par\\htmlrtf0 Gr\\'fc\\'dfe{\\*\\htmltag84 <b>}\\htmlrtf {\\b\\htmlrtf0 x\\htmlrtf }\\htmlrtf0{\\*\\htmltag92 </b>}{\\*\\htmltag72 </p>}{\\*\\htmltag27 </html>}}"
  expect(wordsOfRtf(rtf(source))).toEqual({ html: '<html><p>Grüße<b>x</b></p></html>', text: null })
})

test('a mail whose words stand in its winmail.dat alone has them', async () => {
  const tnef = tnefOf({ properties: [[0x1009_0102, PACKED]], files: [] })
  const result = await parseMail(
    Buffer.from(
      `Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n${tnef.toString('base64')}`,
    ),
  )
  expect(result).toMatchObject({ kind: 'parsed', mail: { text: 'hello world', attachments: [] } })
})

test('brackets without end and levels without end are no trouble', () => {
  for (const source of [
    '{'.repeat(500_000),
    '}'.repeat(500_000),
    '\\'.repeat(500_000),
    "\\'".repeat(300_000),
    '{\\rtf1 \\u'.repeat(50_000),
  ])
    wordsOfRtf(rtf(source))
})
