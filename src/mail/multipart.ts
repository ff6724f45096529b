/** Wider than any mail a person wrote. */
export const MAX_PARTS = 1_000

export interface Delimiter {
  readonly start: number
  readonly end: number
  readonly closing: boolean
}

/** RFC 2046 §5.1.1: a line of two hyphens and the boundary; the CRLF before it belongs to it. */
export function delimitersIn(body: string, boundary: string): Delimiter[] {
  const found: Delimiter[] = []
  const mark = `--${boundary}`
  for (let at = body.indexOf(mark); at !== -1 && found.length <= MAX_PARTS; at = body.indexOf(mark, at + mark.length)) {
    if (at !== 0 && body.slice(at - 2, at) !== '\r\n') continue
    const lineEnd = body.indexOf('\r\n', at)
    const rest = body.slice(at + mark.length, lineEnd === -1 ? undefined : lineEnd)
    const closing = rest.startsWith('--')
    if ((closing ? rest.slice(2) : rest).trim() !== '') continue
    found.push({ start: at === 0 ? 0 : at - 2, end: lineEnd === -1 ? body.length : lineEnd + 2, closing })
  }
  return found
}

/** The boundary that a multipart's Content-Type names. */
export function boundaryOf(type: string): string | null {
  const found = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(type)
  return found?.[1]?.replace(/\\(.)/g, '$1') ?? found?.[2] ?? null
}

/** The parts of a multipart's body, as they stand there; null when no delimiter of it is found, or far too many. */
export function partsOf(body: string, boundary: string): string[] | null {
  const lines = delimitersIn(body, boundary)
  const closing = lines.findIndex((line) => line.closing)
  const last = closing === -1 ? lines.length : closing
  if (last === 0 || lines.length > MAX_PARTS) return null
  return lines.slice(0, last).map((line, index) => body.slice(line.end, lines[index + 1]?.start))
}
