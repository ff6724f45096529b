import { expect, test } from 'vitest'
import { formatAddress } from '../../../src/mail/address.ts'
import { readCommand } from '../../../src/smtp/protocol/command.ts'
import { readMailParameters, readRecipientParameters } from '../../../src/smtp/protocol/parameters.ts'
import { readPath } from '../../../src/smtp/protocol/path.ts'
import { formatReply, reply } from '../../../src/smtp/protocol/reply.ts'

test.each([
  ['FROM:<ann@example.org>', 'ann@example.org', ''],
  ['from: <Ann.B@EXAMPLE.org>  SIZE=12 BODY=8BITMIME', 'Ann.B@example.org', 'SIZE=12 BODY=8BITMIME'],
  ['FROM:<"a> b"@example.org> RET=HDRS', '"a> b"@example.org', 'RET=HDRS'],
  ['FROM:<@relay.example.com,@b:ann@example.org>', 'ann@example.org', ''],
])('%j names %s', (text, address, rest) => {
  const path = readPath(text, 'FROM')
  expect(path.ok && { address: path.address && formatAddress(path.address), rest: path.rest }).toEqual({ address, rest })
})

test('only MAIL may name nobody', () => {
  expect(readPath('FROM:<>', 'FROM')).toMatchObject({ ok: true, address: null })
  expect(readPath('TO:<>', 'TO')).toMatchObject({ ok: false, refusal: { code: 553 } })
})

test.each([
  'FROM:ann@example.org',
  'TO:<ann@example.org>',
  'FROM:<ann@example.org',
  'FROM:<ann@example.org>SIZE=1',
  'FROM:<ann@example.org> <bob@example.org>x',
  'FROM:<ann bob@example.org>',
  'FROM:<ann@@example.org>',
  'FROM:<\xff\xfe@example.org>',
  `FROM:<${'a'.repeat(300)}@example.org>`,
])('%j is refused', (text) => {
  const path = readPath(text, 'FROM')
  expect(path.ok && readMailParameters(path.rest).ok).toBe(false)
})

test.each(['SIZE=x', 'SIZE=1 SIZE=2', 'BODY=BINARYMIME', 'ENVID=a b', 'ENVID=a+zz', 'RET=ALL', 'XFOO=1', 'SMTPUTF8=yes', '=1'])(
  'MAIL does not take %j',
  (text) => {
    expect(readMailParameters(text)).toMatchObject({ ok: false })
  },
)

test.each(['NOTIFY=NEVER,DELAY', 'NOTIFY=', 'ORCPT=ann@example.org', 'SIZE=1'])('RCPT does not take %j', (text) => {
  expect(readRecipientParameters(text)).toMatchObject({ ok: false })
})

test('parameters of reports are kept as they were written', () => {
  expect(readMailParameters('ret=hdrs ENVID=QQ+2B1')).toMatchObject({ value: { ret: 'HDRS', envid: 'QQ+2B1', size: null } })
  expect(readRecipientParameters('NOTIFY=success,FAILURE ORCPT=rfc822;Ann@example.org')).toEqual({
    ok: true,
    value: { notify: 'SUCCESS,FAILURE', orcpt: 'rfc822;Ann@example.org' },
  })
})

test('a command with a control character is none', () => {
  for (const line of ['MAIL FROM:<a@b\r>', 'NOOP\0', 'EHLO a\x7f', 'RSET\n']) expect(readCommand(line)).toBeNull()
  expect(readCommand('  ehlo  a ')).toEqual({ verb: '', rest: 'ehlo  a' })
  expect(readCommand('ehlo  a ')).toEqual({ verb: 'EHLO', rest: 'a' })
})

test('a reply is one line of at most 512 bytes, whatever is repeated in it', () => {
  expect(formatReply(reply(550, '5.1.1', `no\r\n250 2.0.0 ok \u2028 ${'x'.repeat(2_000)}`))).toMatch(
    /^550 5\.1\.1 no\?250 2\.0\.0 ok \? x+\.\.\.\r\n$/,
  )
  expect(formatReply(reply(550, '5.1.1', 'x'.repeat(2_000))).length).toBeLessThanOrEqual(512)
})
