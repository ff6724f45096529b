import fc from 'fast-check'
import { expect, test } from 'vitest'
import { command, path, UnsafeCommand } from '../../../../src/delivery/providers/smtp/commands.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { providerTo } from '../../../support/smtp-route.ts'
import { smtpServer } from '../../../support/smtp-server.ts'

const FORGED = ['\r\nRCPT TO:<x@example.org>', '\nDATA', '\rDATA', '\0', '\x7f', '\x85', '\x1b[2J', '\t']

test('whatever text is given, a command is one line without control characters, or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      let line: string
      try {
        line = command(`MAIL FROM:${path(text)}`)
      } catch (error) {
        expect(error).toBeInstanceOf(UnsafeCommand)
        return
      }
      expect(line).toMatch(/^[\x20-\x7e\x80-\xff]*\r\n$/)
    }),
    { numRuns: 2_000 },
  )
})

test.each(FORGED)('%j reaches the wire from no field', async (forged) => {
  await using server = await smtpServer()
  await using provider = providerTo(server)
  const recipients = [`bob${forged}@example.org`]
  expect((await provider.send(aHandoff({ recipients }))).outcomes).toMatchObject([
    { kind: 'rejected', failure: { class: 'message_malformed' } },
  ])
  expect((await provider.send(aHandoff({ sender: `ann${forged}@example.com` }))).outcomes).toMatchObject([{ kind: 'rejected' }])
  await using named = providerTo(server, { heloName: `waybill${forged}.example.com` })
  expect((await named.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { stage: 'ehlo', class: 'configuration_wrong' } },
  ])
  expect(server.commands().filter((line) => !line.startsWith('EHLO waybill.example.com') && line !== 'QUIT')).toEqual([])
})

test.each(['bob> SIZE=1 <ann@example.org', 'bob example.org', '<bob@example.org>', '"bob@example.org'])(
  '%j forges no parameter',
  (address) => {
    expect(() => path(address)).toThrow(UnsafeCommand)
  },
)

test.each([
  ['', '<>'],
  ['bob@example.org', '<bob@example.org>'],
  ['"bob> <"@example.org', '<"bob> <"@example.org>'],
  ['"a\\"b c"@example.org', '<"a\\"b c"@example.org>'],
])('%j is written as %j', (address, written) => {
  expect(path(address)).toBe(written)
})

test('an address beyond ASCII is written in UTF-8', () => {
  expect(command(path('jürgen@exämple.org'))).toBe(`${Buffer.from('<jürgen@exämple.org>', 'utf8').toString('latin1')}\r\n`)
})

test('a command longer than any address needs is refused', () => {
  expect(() => command('x'.repeat(2_049))).toThrow(UnsafeCommand)
})
