import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from '../../src/api/json.ts'
import { Refusal } from '../../src/errors.ts'

const parse = (text: string | Buffer) => parseJson(Buffer.from(text))
const refusal = (text: string | Buffer) => {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, pointer: error.details.pointer }
    throw error
  }
  throw new Error('was not refused')
}

test('what JSON can say comes out as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!text.includes('\\u0000') && !/\\ud[89a-f]/i.test(text) && !text.includes('"__proto__"'))
      expect(parse(text)).toEqual(JSON.parse(text))
      expect(parse(JSON.stringify(value, null, 2))).toEqual(JSON.parse(text))
    }),
  )
})

test('no text is anything but a value or a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parseJson(Buffer.from(bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['an early end', '{"a":', 'malformed_json', undefined],
  ['single quotes', "{'a':1}", 'malformed_json', undefined],
  ['one brace too many', '{"a":1}}', 'malformed_json', undefined],
  ['a line break in a string', '"\n"', 'malformed_json', undefined],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'malformed_json', undefined],
  ['an overlong NUL', Buffer.from([0x22, 0xc0, 0x80, 0x22]), 'malformed_json', undefined],
  ['a NUL', '{"a":["x","\\u0000"]}', 'control_character', '/a/1'],
  ['half a surrogate pair', '{"a":{"b/c~d":"\\ud800"}}', 'control_character', '/a/b~1c~0d'],
  ['a NUL in a name', '{"\\u0000":1}', 'control_character', '/\ufffd'],
  ['a prototype', '{"__proto__":{"admin":true}}', 'invalid_request', '/__proto__'],
  ['33 lists in one another', `${'['.repeat(33)}${']'.repeat(33)}`, 'too_deep', undefined],
  ['40 objects in one another', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'too_deep', undefined],
  ['a list of twenty thousand', `[${'1,'.repeat(20_001)}1]`, 'too_many_values', undefined],
])('%s is refused', (_, text, code, pointer) => {
  expect(refusal(text)).toEqual({ code, pointer })
})

test('brackets and commas inside of strings count for nothing', () => {
  const text = '[{,"\\'.repeat(50_000)
  expect(parse(JSON.stringify({ text, after: [1, '\\', '"', '\\"'] }))).toEqual({ text, after: [1, '\\', '"', '\\"'] })
})

test('a byte order mark is not part of the text, and no bytes are no body', () => {
  expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 })
  expect(parseJson(Buffer.alloc(0))).toBeUndefined()
})

test('ten million levels are refused before they are built', () => {
  expect(refusal(Buffer.alloc(10_000_000, '['))).toEqual({ code: 'too_deep', pointer: undefined })
})
