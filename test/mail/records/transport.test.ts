import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTagList } from '../../../src/mail/records/tag-list.ts'
import {
  bimiTexts,
  mtaStsId,
  mtaStsTexts,
  parseBimi,
  tlsReportAddresses,
  tlsReportTexts,
} from '../../../src/mail/records/transport.ts'

test('records of each kind are told from other texts', () => {
  const texts = ['v=STSv1; id=1', 'v=TLSRPTv1; rua=mailto:a@b.example', 'v=BIMI1; l=https://x.example/a.svg', 'v=spf1 -all']
  expect(mtaStsTexts(texts)).toEqual(['v=STSv1; id=1'])
  expect(tlsReportTexts(texts)).toEqual(['v=TLSRPTv1; rua=mailto:a@b.example'])
  expect(bimiTexts(texts)).toEqual(['v=BIMI1; l=https://x.example/a.svg'])
})

test('an MTA-STS id has up to 32 letters and digits', () => {
  expect(mtaStsId('v=STSv1; id=20261122T10;')).toBe('20261122T10')
  expect(mtaStsId('v=STSv1; id=a-b')).toBeNull()
  expect(mtaStsId('v=STSv1;')).toBeNull()
})

test('reports on TLS go to mail addresses and to https only', () => {
  expect(tlsReportAddresses('v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/r,http://d.example,x')).toEqual([
    'mailto:a@b.example',
    'https://c.example/r',
  ])
  expect(tlsReportAddresses('v=TLSRPTv1')).toEqual([])
})

test('a BIMI record names a picture, perhaps a certificate, or declines both', () => {
  expect(parseBimi('v=BIMI1; l=https://x.example/a.svg; a=')).toEqual({ picture: 'https://x.example/a.svg', certificate: null })
  expect(parseBimi('v=BIMI1; l=; a=')).toEqual({ picture: null, certificate: null })
  expect(parseBimi('v=BIMI1; l=a; l=b')).toBeNull()
})

test('a list of tags is the same in any order, and never read two ways', () => {
  const tag = fc.tuple(fc.constantFrom('v', 'p', 'k', 's', 'h'), fc.stringMatching(/^[a-z0-9:/.@ ]{0,12}$/))
  fc.assert(
    fc.property(fc.uniqueArray(tag, { selector: ([name]) => name, minLength: 1 }), (tags) => {
      const write = (list: typeof tags) => list.map(([name, value]) => `${name}=${value}`).join('; ')
      const [one, other] = [parseTagList(write(tags)), parseTagList(write(tags.toReversed()))]
      expect(one.ok && new Map([...one.tags].sort())).toEqual(other.ok && new Map([...other.tags].sort()))
      expect(parseTagList(`${write(tags)}; ${write(tags.slice(0, 1))}`).ok).toBe(false)
    }),
  )
})
