import { expect, test } from 'vitest'
import { AuthExchange } from '../../src/smtp/auth-exchange.ts'
import { decodeText, readLogin, readPlain } from '../../src/smtp/sasl.ts'

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')

test('PLAIN gives a name and a password, with or without the name said twice', () => {
  expect(readPlain(base64('\0docs\0wörd'))).toEqual({ username: 'docs', password: 'wörd' })
  expect(readPlain(base64('docs\0docs\0word'))).toEqual({ username: 'docs', password: 'word' })
})

test.each([
  ['another identity to act for', base64('boss\0docs\0word')],
  ['a line break in the name', base64('\0docs\r\nX\0word')],
  ['a control character in the password', base64('\0docs\0wo\x1brd')],
  ['no password', base64('\0docs\0')],
  ['two parts', base64('docs\0word')],
  ['four parts', base64('\0docs\0word\0more')],
  ['what is not UTF-8', base64(Buffer.from([0, 0xff, 0, 0xfe]))],
  ['what is not base64', '!!!!'],
  ['base64 with a line break', 'AGRv\nY3MA'],
])('PLAIN with %s is refused', (_, text) => {
  expect(readPlain(text)).toBeNull()
})

test('LOGIN refuses the same', () => {
  expect(readLogin(base64('docs'), base64('word'))).toEqual({ username: 'docs', password: 'word' })
  for (const bad of ['', 'x', base64('a\nb')]) expect(readLogin(bad, base64('word'))).toBeNull()
  expect(decodeText('QQ==')).toBe('A')
  expect(decodeText('QQ')).toBeNull()
})

test('an exchange that is given up asks no more', () => {
  const exchange = new AuthExchange()
  expect(exchange.begin('LOGIN')).toEqual({ kind: 'ask', challenge: 'VXNlcm5hbWU6' })
  expect(exchange.answer(base64('docs'))).toEqual({ kind: 'ask', challenge: 'UGFzc3dvcmQ6' })
  expect(exchange.answer('*')).toMatchObject({ kind: 'refused', reply: { code: 501, enhanced: '5.7.0' } })
  expect(exchange.isAsking).toBe(false)
  expect(exchange.begin(`login ${base64('docs')}`)).toEqual({ kind: 'ask', challenge: 'UGFzc3dvcmQ6' })
  expect(exchange.answer(base64('word'))).toEqual({ kind: 'given', given: { username: 'docs', password: 'word' } })
  expect(exchange.begin('CRAM-MD5')).toMatchObject({ kind: 'refused', reply: { code: 504 } })
})
