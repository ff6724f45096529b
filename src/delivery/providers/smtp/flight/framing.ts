const DOT = 46

/**
 * Content as it goes after DATA: every line ends in CRLF, a leading dot is doubled (RFC 5321 §4.5.2), and the last line is ended. The
 * only end-of-data sequence on the wire is then the one that the session writes itself, so nothing can be smuggled in (bare CR and bare
 * LF are read as line ends by some servers). NUL must have been refused before.
 */
export function toData(content: string): string {
  return isCanonical(content) ? content : stuffed(normalized(content))
}

/** Content as it goes after BDAT (RFC 3030): counted, so never dot-stuffed; line ends as in `toData`. */
export function toChunk(content: string): string {
  return hasStrictLines(content) ? content : normalized(content)
}

/** Nothing to do, in two searches a line: CRLF everywhere, no line begins with a dot, the last line is ended. */
function isCanonical(content: string): boolean {
  return content.charCodeAt(0) !== DOT && !content.includes('\r\n.') && hasStrictLines(content)
}

/** Every CR is followed by LF, every LF preceded by CR, and the text is empty or ends in CRLF. */
function hasStrictLines(content: string): boolean {
  let at = 0
  for (;;) {
    const end = content.indexOf('\n', at)
    if (end === -1) return at === content.length
    if (end === at || content.indexOf('\r', at) !== end - 1) return false
    at = end + 1
  }
}

function normalized(content: string): string {
  const lines = content.replace(/\r\n|\r|\n/g, '\r\n')
  return lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`
}

function stuffed(content: string): string {
  const inner = content.replaceAll('\r\n.', '\r\n..')
  return inner.charCodeAt(0) === DOT ? `.${inner}` : inner
}
