/**
 * UTF-7 (RFC 2152), which old programs still send. Only read where a mail says so, never guessed: it hides markup, and what is read by it is
 * cleaned afterwards like everything else.
 */
export function decodeUtf7(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (whole, encoded: string) => {
    if (encoded === '') return whole === '+-' ? '+' : whole
    const units = Buffer.from(encoded, 'base64')
    let out = ''
    for (let i = 0; i + 1 < units.length; i += 2) out += String.fromCharCode(((units[i] ?? 0) << 8) | (units[i + 1] ?? 0))
    return out.toWellFormed()
  })
}
