/** Joins the lines of a flowed text to the paragraphs they were (RFC 3676 §4): a line that ends in a blank goes on in the next of equal depth. */
export function unflow(text: string, deletesSpace: boolean): string {
  const out: string[] = []
  let depth = -1
  let goesOn = false
  for (const line of text.split('\n')) {
    const quotes = /^>*/.exec(line)?.[0].length ?? 0
    const words = line.slice(quotes).replace(/^ /, '')
    const isSignature = words === '-- '
    if (goesOn && quotes === depth && !isSignature) out[out.length - 1] += words
    else out.push(quotes > 0 ? `${'>'.repeat(quotes)} ${words}` : words)
    depth = quotes
    goesOn = words.endsWith(' ') && !isSignature
    if (goesOn && deletesSpace) out[out.length - 1] = (out.at(-1) ?? '').slice(0, -1)
  }
  return out.join('\n')
}
