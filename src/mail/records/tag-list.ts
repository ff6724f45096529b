/** Lists of `name=value;` as DKIM (RFC 6376 §3.2), DMARC (RFC 9989 §4.7), MTA-STS and TLS-RPT write them. */
export type TagList =
  | { readonly ok: true; readonly tags: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly why: string }

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/** Order means nothing, white space around names and values neither; a name that stands twice makes the whole list invalid. */
export function parseTagList(text: string): TagList {
  const tags = new Map<string, string>()
  const parts = text.split(';')
  for (const [index, part] of parts.entries()) {
    if (part.trim() === '') {
      if (index === parts.length - 1) continue
      return { ok: false, why: 'two semicolons follow one another' }
    }
    const equals = part.indexOf('=')
    const name = part.slice(0, equals === -1 ? undefined : equals).trim()
    if (equals === -1 || !NAME.test(name))
      return { ok: false, why: `"${part.trim().slice(0, 40)}" is not of the form name=value` }
    if (tags.has(name)) return { ok: false, why: `${name}= stands in it twice` }
    tags.set(name, part.slice(equals + 1).trim())
  }
  return { ok: true, tags }
}
