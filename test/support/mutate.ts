/** Chance that can be repeated: the same seed, the same numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Random = () => number

/** Results are kept below this, so that thousands of them stay quick; what is larger has tests of its own. */
const SIZE_MAX = 512 * 1024

/**
 * A mail with one to three things wrong with it, as networks, gateways, old programs and attackers make them: cut off, headers lost, doubled or
 * swapped, another charset or encoding, NULs, bits turned, parts multiplied, levels wrapped around it, other line ends.
 */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const change = CHANGES[Math.floor(random() * CHANGES.length)] as Change
    const next = change(mutated, random)
    if (next.length <= SIZE_MAX) mutated = next
  }
  return mutated
}

const MB = 1024 * 1024

/** The same mail made as large as one may be, or as deep, or of as many pieces. */
export function grow(bytes: Buffer, random: Random): Buffer {
  return one(GROWTHS, random)(bytes, random)
}

type Change = (bytes: Buffer, random: Random) => Buffer

const CHARSETS = [
  'utf-8',
  'us-ascii',
  'iso-2022-jp',
  'gb2312',
  'windows-1251',
  'utf-7',
  'utf-16le',
  'big5',
  'x-unheard-of',
  '"',
  'iso-8859-1',
  'shift_jis',
]
const ENCODINGS = ['base64', 'quoted-printable', '7bit', '8bit', 'binary', 'x-uuencode', 'nonsense', '']
const TYPES = [
  'multipart/mixed; boundary=x',
  'multipart/report; report-type=delivery-status; boundary=x',
  'message/rfc822',
  'text/html',
  'application/ms-tnef',
  'application/pkcs7-mime',
  'text/calendar',
  'multipart/mixed',
  'message/delivery-status',
  '',
]

const CHANGES: readonly Change[] = [
  function cutOff(bytes, random) {
    return bytes.subarray(0, at(bytes, random))
  },
  function loseHeader(bytes, random) {
    return onHead(bytes, (fields) => fields.filter((_, index) => index !== pick(fields, random)))
  },
  function doubleHeader(bytes, random) {
    return onHead(bytes, (fields) =>
      fields.flatMap((field, index) =>
        index === pick(fields, random) ? Array(1 + Math.floor(random() * 40)).fill(field) : [field],
      ),
    )
  },
  function mixHeaders(bytes, random) {
    return onHead(bytes, (fields) => fields.toSorted(() => random() - 0.5))
  },
  function swapCharset(bytes, random) {
    return onText(bytes, (text) => text.replace(/charset\s*=\s*"?[\w.-]*"?/gi, () => `charset=${one(CHARSETS, random)}`))
  },
  function swapEncoding(bytes, random) {
    return onText(bytes, (text) =>
      text.replace(/^(content-transfer-encoding:).*$/gim, (_, name: string) => `${name} ${one(ENCODINGS, random)}`),
    )
  },
  function swapType(bytes, random) {
    return onText(bytes, (text) =>
      text.replace(/^(content-type:)[^;\r\n]*/im, (_, name: string) => `${name} ${one(TYPES, random)}`),
    )
  },
  function addNuls(bytes, random) {
    const place = at(bytes, random)
    return Buffer.concat([bytes.subarray(0, place), Buffer.alloc(1 + Math.floor(random() * 2_000)), bytes.subarray(place)])
  },
  function turnBits(bytes, random) {
    const turned = Buffer.from(bytes)
    for (let count = Math.min(turned.length, 1 + Math.floor(random() * 50)); count > 0; count -= 1)
      turned[at(turned, random)] = Math.floor(random() * 256)
    return turned
  },
  function repeatPiece(bytes, random) {
    const [from, to] = [at(bytes, random), at(bytes, random)].sort((a, b) => a - b) as [number, number]
    const piece = bytes.subarray(from, to)
    return Buffer.concat([bytes.subarray(0, to), ...Array(1 + Math.floor(random() * 20)).fill(piece), bytes.subarray(to)])
  },
  function multiplyParts(bytes, random) {
    const boundary = /boundary\s*=\s*"?([^"\s;]+)/i.exec(bytes.toString('latin1'))?.[1] ?? 'x'
    return Buffer.concat([bytes, Buffer.from(`\r\n--${boundary}\r\n\r\nx`.repeat(1 + Math.floor(random() * 10_000)))])
  },
  function wrapInLevels(bytes, random) {
    const levels = Math.floor(random() * (random() < 0.2 ? 1_000 : 60))
    const open = Array.from(
      { length: levels },
      (_, level) => `Content-Type: multipart/mixed; boundary=l${level}\r\n\r\n--l${level}\r\n`,
    )
    return Buffer.concat([Buffer.from(open.join('')), bytes])
  },
  function wrapInMail(bytes) {
    return Buffer.concat([
      Buffer.from('Content-Type: multipart/mixed; boundary=w\r\n\r\n--w\r\nContent-Type: message/rfc822\r\n\r\n'),
      bytes,
      Buffer.from('\r\n--w--\r\n'),
    ])
  },
  function lengthenLine(bytes, random) {
    const place = at(bytes, random)
    return Buffer.concat([
      bytes.subarray(0, place),
      Buffer.alloc(Math.floor(random() * 100_000), one(['a', ' ', '(', '"', '<', ',', '=?', '>', '[', '\\'], random)),
      bytes.subarray(place),
    ])
  },
  function changeLineEnds(bytes, random) {
    return onText(bytes, (text) => text.replace(/\r?\n/g, () => one(['\r\n', '\n', '\r', '\n\r', '\r\r\n'], random)))
  },
  function dropEmptyLines(bytes) {
    return onText(bytes, (text) => text.replace(/(\r?\n)(?:\r?\n)+/g, '$1'))
  },
]

/** 50 MB are what is taken in. */
const FULL = 50 * MB

const GROWTHS: readonly Change[] = [
  function appendWords(bytes) {
    return filled(bytes, 'a line of words that somebody wrote, or not\r\n')
  },
  function appendOneLine(bytes) {
    return filled(bytes, 'x')
  },
  function appendNuls(bytes) {
    return filled(bytes, '\0')
  },
  function attachMuch(bytes) {
    const head = 'Content-Type: multipart/mixed; boundary=g\r\n\r\n--g\r\nContent-Type: message/rfc822\r\n\r\n'
    const file = '\r\n--g\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return filled(Buffer.concat([Buffer.from(head), bytes, Buffer.from(file)]), `${'QUJD'.repeat(19)}\r\n`)
  },
  function writeMuchHtml(bytes) {
    const head = 'From: a@b.example\r\nContent-Type: text/html\r\n\r\n'
    return filled(Buffer.concat([Buffer.from(head), bytes]), '<p>words <b>and <i>more</p>\r\n').subarray(0, 4 * MB)
  },
  function addParts(bytes) {
    const part = '\r\n--p\r\nContent-Disposition: attachment\r\n\r\nx'
    return Buffer.concat([Buffer.from('Content-Type: multipart/mixed; boundary=p\r\n'), bytes, Buffer.from(part.repeat(10_000))])
  },
  function addLevels(bytes) {
    const levels = Array.from({ length: 1_000 }, (_, n) => `Content-Type: multipart/mixed; boundary=l${n}\r\n\r\n--l${n}\r\n`)
    return Buffer.concat([Buffer.from(levels.join('')), bytes])
  },
  function addMailsInMails(bytes) {
    return Buffer.concat([Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(1_000)), bytes])
  },
  function addHeaders(bytes) {
    return Buffer.concat([Buffer.from('X-Much: more\r\n'.repeat(100_000)), bytes])
  },
]

function filled(bytes: Buffer, piece: string): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, FULL - bytes.length), piece)])
}

function at(bytes: Buffer, random: Random): number {
  return Math.floor(random() * bytes.length)
}

function pick(list: readonly unknown[], random: Random): number {
  return Math.floor(random() * list.length)
}

function one<T>(list: readonly T[], random: Random): T {
  return list[pick(list, random)] as T
}

function onText(bytes: Buffer, change: (text: string) => string): Buffer {
  return Buffer.from(change(bytes.toString('latin1')), 'latin1')
}

/** Changes the fields of the head, each with its continuation lines. */
function onHead(bytes: Buffer, change: (fields: readonly string[]) => readonly string[]): Buffer {
  return onText(bytes, (text) => {
    const end = text.search(/\r?\n\r?\n/)
    const head = end === -1 ? text : text.slice(0, end)
    return change(head.split(/\r?\n(?![ \t])/)).join('\r\n') + (end === -1 ? '' : text.slice(end))
  })
}
