import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  explainAddress,
  explainMailbox,
  formatAddress,
  formatMailbox,
  isInternationalized,
  parseAddress,
  parseAddressList,
  parseMailbox,
} from '../../src/mail/address.ts'

function address(text: string): string | null {
  const found = parseAddress(text)
  return found && formatAddress(found)
}

test.each([
  ['ann@example.org', 'ann@example.org'],
  ['Ann.Smith+tag@Example.ORG', 'Ann.Smith+tag@example.org'],
  ["o'brien!#$%&*-/=?^_`{|}~@example.org", "o'brien!#$%&*-/=?^_`{|}~@example.org"],
  ['"ann"@example.org', 'ann@example.org'],
  ['"ann smith"@example.org', '"ann smith"@example.org'],
  ['"a\\"b\\\\c"@example.org', '"a\\"b\\\\c"@example.org'],
  ['"a@b"@example.org', '"a@b"@example.org'],
  ['(Ann)ann(at home)@(the)example.org(x(y)z)', 'ann@example.org'],
  [' ann@example.org ', 'ann@example.org'],
  ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
  ['ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
  ['ann@例え.テスト', 'ann@xn--r8jz45g.xn--zckzah'],
  ['ann@例え。テスト', 'ann@xn--r8jz45g.xn--zckzah'],
  ['jörg@example.org', 'jörg@example.org'],
  ['用户@例え.テスト', '用户@xn--r8jz45g.xn--zckzah'],
  ['ann@xn--bcher-kva.example', 'ann@xn--bcher-kva.example'],
  ['root@localhost', 'root@localhost'],
  ['a@a--b.example', 'a@a--b.example'],
])('%s is the address %s', (text, expected) => {
  expect(explainAddress(text)).toBeNull()
  expect(address(text)).toBe(expected)
})

test.each<[string, RegExp]>([
  ['', /nothing here/],
  ['   ', /needs|has an @/],
  ['ann', /has an @/],
  ['annexample.org', /has an @/],
  ['@example.org', /nothing before the @/],
  ['ann@', /nothing after the @/],
  ['ann@example', /lacks an ending/],
  ['ann@@example.org', /second @/],
  ['ann@bob@example.org', /second @ at position 8/],
  ['ann smith@example.org', /"s" at position 5 cannot stand before the @/],
  ['.ann@example.org', /dot/],
  ['ann.@example.org', /dot/],
  ['a..b@example.org', /two dots/],
  ['ann@example..org', /two dots/],
  ['ann@.example.org', /dot/],
  ['ann@example.org.', /dot/],
  ['ann@-example.org', /hyphen/],
  ['ann@example-.org', /hyphen/],
  ['ann@exam_ple.org', /"_" cannot stand in a domain/],
  ['ann@exam ple.org', /space in the domain, at position 9/],
  ['ann@[192.0.2.1]', /IP address in brackets/],
  ['ann@[IPv6:2001:db8::1]', /IP address in brackets/],
  ['ann@192.0.2.1', /ends in a number/],
  ['ann@１９２.0.2.1', /ends in a number|not a valid/],
  ['ann@bücher/x.example', /"\/" cannot stand/],
  ['ann@bücher.example:25', /":" cannot stand/],
  ['ann@bü％2e.example', /not a valid international/],
  ['"ann@example.org', /never closed/],
  ['(ann@example.org', /never closed/],
  ['ann@example.org)', /"\)" at position 16/],
  ['ann@example.org, bob@example.org', /"," at position 16/],
  ['<ann@example.org>', /"<" at position 1/],
  ['Ann <ann@example.org>', /"<" at position 5/],
  ['ann\r\n@example.org', /control character \(U\+000D\) at position 4/],
  ['ann@example.org\nBcc: eve@example.org', /control character \(U\+000A\)/],
  ['ann\u0000@example.org', /control character \(U\+0000\)/],
  ['ann\u0085@example.org', /control character \(U\+0085\)/],
  ['ann\u2028@example.org', /control character \(U\+2028\)/],
  ['ann\t@example.org', /control character \(U\+0009\)/],
  ['"a\u001fb"@example.org', /control character/],
  ['ann\u200b@example.org', /invisible character \(U\+200B\)/],
  ['ann@exam\u00adple.org', /invisible character \(U\+00AD\)/],
  ['ann@example.org\u202e', /invisible character \(U\+202E\)/],
  ['ann\ud800@example.org', /half of a character/],
  [`${'a'.repeat(65)}@example.org`, /64 octets/],
  [`${'ä'.repeat(33)}@example.org`, /64 octets/],
  [`ann@${'a'.repeat(64)}.org`, /63 characters/],
  [`ann@${'abcdefg.'.repeat(40)}org`, /253 characters/],
  [`${'a'.repeat(64)}@${'abcdefg.'.repeat(24)}org`, /254 octets/],
  ['x'.repeat(5000), /longer than any address/],
])('%j is refused with a reason', (text, reason) => {
  expect(address(text)).toBeNull()
  expect(explainAddress(text)).toMatch(reason)
})

test('an address of exactly 64 and 254 octets is still one', () => {
  const text = `${'a'.repeat(64)}@${'abcdefg.'.repeat(23)}orgab`
  expect(text).toHaveLength(254)
  expect(address(text)).toBe(text)
})

test('only a local part outside ASCII needs SMTPUTF8', () => {
  expect(isInternationalized(parseAddress('jörg@example.org')!)).toBe(true)
  expect(isInternationalized(parseAddress('joerg@bücher.example')!)).toBe(false)
})

test.each([
  ['ann@example.org', '', 'ann@example.org'],
  ['<ann@example.org>', '', 'ann@example.org'],
  ['Ann Smith <ann@example.org>', 'Ann Smith', 'ann@example.org'],
  ['Ann   Smith<ann@example.org>', 'Ann Smith', 'ann@example.org'],
  ['"Smith, Ann" <ann@example.org>', 'Smith, Ann', 'ann@example.org'],
  ['"a@evil.example" <ann@example.org>', 'a@evil.example', 'ann@example.org'],
  ['"Ann \\"A\\" Smith" <ann@example.org>', 'Ann "A" Smith', 'ann@example.org'],
  ['Ann Q. Smith (work) <ann@example.org> (new)', 'Ann Q. Smith', 'ann@example.org'],
  ['Jörg Müller <jm@example.org>', 'Jörg Müller', 'jm@example.org'],
  ['=?UTF-8?Q?J=C3=B6rg?= =?UTF-8?B?IE3DvGxsZXI=?= <jm@example.org>', 'Jörg Müller', 'jm@example.org'],
  ['=?iso-8859-1?q?J=F6rg_M=FCller?= <jm@example.org>', 'Jörg Müller', 'jm@example.org'],
  ['"=?UTF-8?Q?not_decoded?=" <jm@example.org>', '=?UTF-8?Q?not_decoded?=', 'jm@example.org'],
  ["Ann [Support] & Co's <ann@example.org>", "Ann [Support] & Co's", 'ann@example.org'],
  ['📮 Post <post@example.org>', '📮 Post', 'post@example.org'],
])('%s is a mailbox', (text, name, expected) => {
  expect(explainMailbox(text)).toBeNull()
  const mailbox = parseMailbox(text)!
  expect([mailbox.name, formatAddress(mailbox.address)]).toEqual([name, expected])
})

test.each<[string, RegExp]>([
  ['Ann Smith', /has an @|cannot stand/],
  ['Smith, Ann <ann@example.org>', /quotation marks.*","/],
  ['Ann @ Work <ann@example.org>', /quotation marks.*"@"/],
  ['Ann <ann@example.org', /angle bracket.*missing/],
  ['Ann <>', /has an @|nothing/],
  ['Ann <@a.example,@b.example:ann@example.org>', /route/],
  ['Ann <ann@example.org> Smith', /"S" at position 23/],
  ['=?UTF-8?Q?Ann=0D=0ABcc=3A_eve=40example.org?= <ann@example.org>', /hides a control character/],
  ['Ann\r\nBcc: eve@example.org <ann@example.org>', /control character/],
  [`${'x'.repeat(500)} <ann@example.org>`, /longer than 400/],
])('%j is no mailbox', (text, reason) => {
  expect(parseMailbox(text)).toBeNull()
  expect(explainMailbox(text)).toMatch(reason)
})

test('a wrong entry is told with its place and does not spoil the others', () => {
  const text =
    'ann@example.org, "Smith; Bob" <bob@example.org>, eve@, , Team: carol@example.org, x y@example.org;; dan@example.org'
  const list = parseAddressList(text)
  expect(list.mailboxes.map(formatMailbox)).toEqual([
    'ann@example.org',
    '"Smith; Bob" <bob@example.org>',
    'carol@example.org',
    'dan@example.org',
  ])
  expect(list.problems.map((problem) => [problem.text, text.slice(problem.at, problem.at + 4)])).toEqual([
    ['eve@', ', , '],
    ['x y@example.org', 'y@ex'],
  ])
})

test('an empty group and an empty list have no members', () => {
  expect(parseAddressList('undisclosed-recipients:;')).toEqual({ mailboxes: [], problems: [] })
  expect(parseAddressList(' , ;')).toEqual({ mailboxes: [], problems: [] })
})

test('a list without end is read up to its limit and refused there', () => {
  const list = parseAddressList('a@example.org,'.repeat(5000))
  expect(list.mailboxes).toHaveLength(1000)
  expect(list.problems).toHaveLength(1)
  expect(list.problems[0]?.reason).toMatch(/more than 1000/)
})

test('hostile lists take time in proportion to their length', () => {
  for (const piece of ['(', '"', '<', 'a:', '=?a?q?', ',', '\\', '(a)', 'a b ']) {
    const list = parseAddressList(piece.repeat(50_000 / piece.length))
    expect(list.mailboxes).toHaveLength(0)
  }
})

// The names of quoted addresses were once read as the mail's destination (CVE-2025-13033).
test('what stands in quotation marks is never an address', () => {
  const list = parseAddressList('"eve@evil.example x"@internal.example, "a <eve@evil.example>" <ann@example.org>')
  expect(list.mailboxes.map((mailbox) => mailbox.address.domain)).toEqual(['internal.example', 'example.org'])
})

const local = fc.oneof(
  fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,10}(\.[A-Z0-9]{1,10}){0,2}$/),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('ä', '用', '户', '"', '\\', '@', ' ', '.', 'x', '😀'), maxLength: 10 }),
)
const domain = fc.oneof(fc.domain(), fc.constantFrom('bücher.example', '例え.テスト', 'Example.ORG'))
const name = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', ',', '<', '>', '(', ')', '@', '=?', '?=', ' ', '.', 'Ann', 'ö', '李', '😀', ':', ';'),
    fc.string({ unit: 'grapheme', maxLength: 1 }),
  ),
  maxLength: 30,
})

test('what is written is read back as the same address', () => {
  fc.assert(
    fc.property(local, domain, (localPart, domainPart) => {
      const quoted = `"${localPart.replace(/["\\]/g, '\\$&')}"@${domainPart}`
      const first = parseAddress(quoted)
      fc.pre(first !== null)
      expect(first?.local).toBe(localPart)
      const second = parseAddress(formatAddress(first!))
      expect(second).toEqual(first)
    }),
    { numRuns: 1000 },
  )
})

test('what is written is read back as the same mailbox, whatever the name', () => {
  const ann = parseAddress('ann@example.org')!
  fc.assert(
    fc.property(name, (given) => {
      fc.pre(!/[\x00-\x1f\x7f-\x9f\u2028\u2029]|\p{Surrogate}/u.test(given))
      const mailbox = { name: given.trim(), address: ann }
      expect(parseMailbox(formatMailbox(mailbox))).toEqual(mailbox)
      expect(parseAddressList(`x@example.com, ${formatMailbox(mailbox)}; y@example.com`)).toMatchObject({
        problems: [],
        mailboxes: [{}, mailbox, {}],
      })
    }),
    { numRuns: 2000 },
  )
})

test('any text is either an address in clean characters or explained', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.tuple(local, domain).map((pair) => pair.join('@')),
      ),
      (text) => {
        const found = parseAddress(text)
        expect(found === null).toBe(explainAddress(text) !== null)
        if (found) expect(formatAddress(found)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
        if (found) expect(found.domain).toMatch(/^[a-z0-9.-]+$/)
      },
    ),
    { numRuns: 2000 },
  )
})

const CORPUS = new URL('../../../shared/corpora/addresses/isemail-tests.xml', import.meta.url)

/** Diagnoses of the corpus that we accept; every other one we refuse. */
const ACCEPTED = new Set([
  'ISEMAIL_VALID',
  // The corpus looks names up in the DNS; parsing does not.
  'ISEMAIL_DNSWARN_NO_RECORD',
  'ISEMAIL_DNSWARN_NO_MX_RECORD',
  'ISEMAIL_RFC5321_QUOTEDSTRING',
  'ISEMAIL_CFWS_COMMENT',
  'ISEMAIL_DEPREC_COMMENT',
  'ISEMAIL_DEPREC_CFWS_NEAR_AT',
])

/** Where we judge otherwise, by number in the corpus. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  5: 'test@io: ICANN forbids mail to a bare top-level domain, and a forgotten ending is far more likely',
  86: 'spaces inside a domain are an obsolete form and usually a slip',
  95: 'no mail is sent to an IP address in brackets',
  157: 'a space before an address that was pasted is no reason to refuse it',
  158: 'nor is one behind it',
  160: 'characters outside ASCII may stand in quotation marks since RFC 6532',
  165: 'comments inside a local part are an obsolete form (RFC 5322 §4.4)',
}

test.skipIf(!existsSync(CORPUS))('the addresses of the isemail corpus are judged as documented', () => {
  const xml = readFileSync(CORPUS, 'utf8')
  const different: string[] = []
  for (const [, id, block] of xml.matchAll(/<test id="(\d+)">([\s\S]*?)<\/test>/g)) {
    const text = unescapeXml(/<address>([\s\S]*?)<\/address>/.exec(block ?? '')?.[1] ?? '')
    const diagnosis = /<diagnosis>(\w+)</.exec(block ?? '')?.[1] ?? ''
    const accepted = parseAddress(text) !== null
    if (accepted !== ACCEPTED.has(diagnosis) && !DEVIATIONS[id ?? ''])
      different.push(`${id} ${diagnosis} ${JSON.stringify(text)} ${accepted ? 'accepted' : explainAddress(text)}`)
  }
  expect(different).toEqual([])
})

function unescapeXml(text: string): string {
  return (
    text
      .replace(/&#x([0-9A-Fa-f]+);/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&quot;/g, '"')
      .replace(/&apos;/g, "'")
      .replace(/&amp;/g, '&')
      // The corpus writes controls as their symbols, U+2400 and on.
      .replace(/[\u2400-\u241f]/g, (symbol) => String.fromCharCode(symbol.charCodeAt(0) - 0x2400))
  )
}
