/** Base32 (RFC 4648 §6) in lower case and without padding: what survives places that fold case, such as the local part of an address. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

export function encodeBase32(bytes: Uint8Array): string {
  let [out, bits, held] = ['', 0, 0]
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += ALPHABET[(held >>> bits) & 31]
      held &= (1 << bits) - 1
    }
  }
  return bits === 0 ? out : out + ALPHABET[(held << (5 - bits)) & 31]
}

/** Either case; null for anything that `encodeBase32` would not have written: each sequence of bytes has one text. */
export function decodeBase32(text: string): Buffer | null {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8))
  let [at, bits, held] = [0, 0, 0]
  for (const character of text.toLowerCase()) {
    const value = ALPHABET.indexOf(character)
    if (value === -1) return null
    held = (held << 5) | value
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = held >>> bits
    held &= (1 << bits) - 1
  }
  return bits < 5 && held === 0 ? bytes : null
}
