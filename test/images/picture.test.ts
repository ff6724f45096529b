import fc from 'fast-check'
import { expect, test } from 'vitest'
import { imageName } from '../../src/images/image.ts'
import { sniffPicture } from '../../src/images/picture.ts'

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))))
const u16 = (n: number) => [n >> 8, n & 255]
const u32 = (n: number) => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]

const png = (width: number, height: number) =>
  bytes('\x89PNG\r\n\x1a\n', u32(13), 'IHDR', u32(width), u32(height), [8, 6, 0, 0, 0])

test.each([
  ['PNG', png(640, 480), 'image/png', 640, 480],
  ['GIF', bytes('GIF89a', [0x40, 0x01, 0xf0, 0x00, 0, 0, 0]), 'image/gif', 320, 240],
  [
    'JPEG',
    bytes([0xff, 0xd8, 0xff, 0xe0], u16(4), [0, 0], [0xff, 0xc2], u16(17), [8], u16(600), u16(800), [3, 1, 1, 1]),
    'image/jpeg',
    800,
    600,
  ],
  [
    'WebP',
    bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x03, 0, 0xff, 0x01, 0]),
    'image/webp',
    1024,
    512,
  ],
])('%s is known by its bytes, with its size', (_, given, type, width, height) => {
  expect(sniffPicture(given)).toEqual({ ok: true, picture: { type, width, height } })
})

test.each([
  [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), /SVG/],
  [Buffer.from('<!doctype html><script>alert(1)</script>'), /no picture/],
  [Buffer.alloc(0), /no picture/],
  [png(20_000, 20), /too large/],
  [png(9_000, 9_000), /too large/],
  [png(0, 5), /no size/],
])('what is none, or too large, is refused in words', (given, words) => {
  expect(sniffPicture(given)).toEqual({ ok: false, why: expect.stringMatching(words) })
})

test('no bytes bring it down', () => {
  const begins = fc.constantFrom(
    '\x89PNG\r\n\x1a\n',
    'GIF89a',
    '\xff\xd8\xff',
    'RIFF\0\0\0\0WEBPVP8 ',
    'RIFF\0\0\0\0WEBPVP8L',
    '',
  )
  fc.assert(fc.property(begins, fc.uint8Array({ maxLength: 60 }), (head, rest) => void sniffPicture(bytes(head, [...rest]))))
})

test.each([
  ['C:\\fakepath\\Häfen am Morgen.JPEG', 'image/jpeg', 'Hafen-am-Morgen.jpg'],
  ['../../etc/passwd', 'image/png', 'passwd.png'],
  ['???.svg', 'image/gif', 'image.gif'],
] as const)('%s is kept under a plain name with the ending of what it is', (given, type, name) => {
  expect(imageName(given, type)).toBe(name)
})
