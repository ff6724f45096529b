import { decodeUtf7 } from './utf7.ts'

/**
 * Text in the charsets of the field. What a stranger says of his charset is a hint: wrong labels are common, unknown ones too, and bytes that
 * can only be one thing are read as that.
 */

/** Names that the Encoding Standard does not know, for what it can read. Its own names for wider charsets (gb2312, ks_c_5601) hold already. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^(?:x-)?(?:iso-?2022-?jp-?(?:ms|[123]|ext|2004)?|_iso-2022-jp\$.*|cp5022[0-2]|x-windows-5022[0-2]|junet)$/, 'iso-2022-jp'],
  [
    /^(?:ms[-_]?kanji|windows-?31j|cp[-_]?932|ms[-_]?932|windows-932|shift[-_]?jis(?:-?2004)?|shift-jis|x-ms-cp932)$/,
    'shift_jis',
  ],
  [/^(?:x-)?euc[-_]?jp(?:-ms|ms)?$|^cp51932$/, 'euc-jp'],
  [/^(?:gb-?2312(?:-?80)?|gb_2312-80|euc-?(?:gb|cn)|cp[-_]?936|ms[-_]?936|windows-936|x-gbk|gbk|gb-?18030.*)$/, 'gb18030'],
  [/^hz(?:-gb.*)?$/, 'hz'],
  [/^(?:cp[-_]?950|ms[-_]?950|windows-950|x-x-big5|big5.*)$/, 'big5'],
  [/^(?:cp[-_]?949|ms[-_]?949|windows-949|uhc|ks_?c_?-?5601.*|euc[-_]?kr)$/, 'euc-kr'],
  [/^(?:tis[-_]?620|cp[-_]?874|iso-8859-11)$/, 'windows-874'],
  [/^iso-?8859-?8-?[ie]?$/, 'windows-1255'],
  [/^(?:x-?)?(?:cp|ms|win(?:dows)?)[-_]?(125[0-8])$/, 'windows-$1'],
  [/^(?:x-)?(?:mac(?:-?roman|intosh)?)$/, 'macintosh'],
  [/^utf[-_]?8(?:[-_]?(?:mac|bom))?$|^(?:x-)?utf8$|^cp65001$|^unicode-1-1-utf-8$/, 'utf-8'],
  [/^(?:unicode-1-1-)?utf[-_]?7(?:-imap)?$|^cp65000$/, 'utf-7'],
  [/^(?:iso|latin)[-_ ]?(?:8859[-_ ]?)?(\d{1,2})$/, 'iso-8859-$1'],
]
/** Nothing, ASCII, or a word for "I do not know". */
const UNTOLD =
  /^(?:|(?:us-?|x-)?ascii|ansi(?:_x3\.4-1968)?|iso646-us|7bit|8bit|unknown(?:-8bit)?|x-unknown|x-user-defined|default|none|text|iso-8859-?|windows|iso_ir_6)$/

/** Text in a charset named by a stranger: unknown names and wrong bytes give the most readable guess, never an error. */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  const given = charset.toLowerCase().replace(/["'\s]/g, '')
  if (UNTOLD.test(given)) return decodeGuessing(bytes)
  const name = nameOf(given)
  if (name === 'utf-7') return decodeUtf7(bytes)
  if (name === 'utf-8') return decodeUtf8(bytes)
  if (name === 'hz') return decodeAs(withHighBits(bytes, /~\{([\s\S]*?)(?:~\}|$)/g, /~\n/g), 'gb18030')
  if (name === 'iso-2022-kr') return decodeAs(withHighBits(bytes, /\x0e([\s\S]*?)(?:\x0f|$)/g, /\x1b\$\)C/g), 'euc-kr')
  // UTF-8 that is called something else is seen at once: by chance no other text of more than a few letters is valid UTF-8. Two bytes a
  // letter make such chances, so a text that is well formed in its own charset is believed there.
  if (WIDE.test(name)) return strict(bytes, name) ?? (hasUtf8(bytes) ? strict(bytes, 'utf-8') : null) ?? decodeAs(bytes, name)
  if (!/^(?:utf-16|iso-2022)/.test(name) && hasUtf8(bytes)) return strict(bytes, 'utf-8') ?? decodeAs(bytes, name)
  return decodeAs(bytes, name)
}

const WIDE = /^(?:gb18030|big5|euc-|shift_jis)/

/** Charsets of seven bits that switch to two bytes a letter and back (RFC 1843, RFC 1557): with the eighth bit set they are those of eight. */
function withHighBits(bytes: Uint8Array, shifted: RegExp, silent: RegExp): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const high = (letters: string) => letters.replace(/[\x21-\x7e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) | 0x80))
  return Buffer.from(
    text.replace(silent, '').replace(shifted, (_, letters: string) => high(letters)),
    'latin1',
  )
}

function nameOf(given: string): string {
  for (const [pattern, name] of ALIASES) {
    const match = pattern.exec(given)
    if (match) return name.replace('$1', match[1] ?? '')
  }
  return given
}

function decodeAs(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder(name).decode(name === 'iso-2022-jp' ? withoutIdleSwitches(bytes) : bytes)
  } catch {
    return decodeGuessing(bytes)
  }
}

/**
 * Encoded words that stand beside each other each end in ASCII, and joined they switch there and back with nothing between. The standard decoder
 * takes that for an attack (encoding.spec.whatwg.org, ISO-2022-JP) and puts a mark of its own there; here it is what every longer subject has.
 */
function withoutIdleSwitches(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return Buffer.from(text.replace(/\x1b(?:\([BIJ]|\$[@B]|\$\(D)(?=\x1b[($])/g, ''), 'latin1')
}

/** Where nothing is said: UTF-8 where it is UTF-8, Japanese where it switches to it, otherwise what was `fallback`, or Windows-1252, the usual. */
export function decodeGuessing(bytes: Uint8Array, fallback = ''): string {
  if (switchesToJapanese(bytes)) return decodeAs(bytes, 'iso-2022-jp')
  return strict(bytes, 'utf-8') ?? (fallback === '' ? new TextDecoder('windows-1252').decode(bytes) : decodeAs(bytes, fallback))
}

/** Said to be UTF-8: a few broken characters, as cut by limits and gateways, do not make it anything else; many do. */
function decodeUtf8(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  if (!text.includes('\ufffd')) return switchesToJapanese(bytes) ? decodeAs(bytes, 'iso-2022-jp') : text
  let [broken, whole] = [0, 0]
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 0xfffd) broken += 1
    else if (code > 0x7f) whole += 1
  }
  return broken > whole ? decodeGuessing(bytes) : text
}

function strict(bytes: Uint8Array, name: string): string | null {
  try {
    return new TextDecoder(name, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** True when it holds two well-formed characters of UTF-8 beyond ASCII, or one of three bytes, within what is looked at. */
function hasUtf8(bytes: Uint8Array): boolean {
  let found = 0
  const end = Math.min(bytes.length, 16_384)
  for (let i = 0; i < end && found < 2; i += 1) {
    const byte = bytes[i] as number
    if (byte < 0x80) continue
    const length = byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xf0 && byte < 0xf5 ? 3 : 0
    if (length === 0) return false
    for (let k = 1; k <= length; k += 1) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return i + k >= bytes.length && found > 0
    found += length > 1 ? 2 : 1
    i += length
  }
  return found >= 2
}

/** ESC $ B, ESC $ @ or ESC ( J in seven bits: no other text has them. */
function switchesToJapanese(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x1b); at !== -1; at = bytes.indexOf(0x1b, at + 1)) {
    const [first, second] = [bytes[at + 1], bytes[at + 2]]
    if (first === 0x24 && (second === 0x42 || second === 0x40)) return true
    if (first === 0x28 && second === 0x4a) return true
  }
  return false
}
