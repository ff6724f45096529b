const MAX_LINE = 76

/** Quoted-printable (RFC 2045 §6.7) of text whose lines end in CRLF, one character a byte. */
export function toQuotedPrintable(bytes: string): string {
  return bytes.split('\r\n').map(encodedLine).join('\r\n')
}

function encodedLine(line: string): string {
  const escaped = line
    .replace(/[^\t\x20-\x3c\x3e-\x7e]/g, hex)
    // White space at a line's end would be lost on the way (rule 3).
    .replace(/[\t ]$/, hex)
  return escaped.length <= MAX_LINE ? escaped : softened(escaped)
}

function hex(byte: string): string {
  return `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Soft line breaks (rule 5), never within an escape. */
function softened(line: string): string {
  const pieces: string[] = []
  let at = 0
  while (line.length - at > MAX_LINE) {
    let end = at + MAX_LINE - 1
    if (line[end - 1] === '=') end -= 1
    else if (line[end - 2] === '=') end -= 2
    pieces.push(`${line.slice(at, end)}=`)
    at = end
  }
  pieces.push(line.slice(at))
  return pieces.join('\r\n')
}
