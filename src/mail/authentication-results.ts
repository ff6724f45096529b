/**
 * What a receiver says of a mail's authentication (RFC 8601), read as it is found in the wild: comments anywhere, quoted values, words without
 * a version, properties that no registry knows. Nothing here is believed by itself: only the receiver's own header may be, and which one that
 * is depends on where the mail was read (§7.1).
 */

export interface AuthenticationResults {
  /** Who says so: the name of the receiver's host, in lower case; '' where it does not say. */
  readonly server: string
  readonly results: readonly AuthenticationResult[]
}

export interface AuthenticationResult {
  /** 'spf', 'dkim', 'dmarc', … in lower case. */
  readonly method: string
  /** 'pass', 'fail', 'none', 'temperror', … in lower case. */
  readonly result: string
  readonly reason: string | null
  /** 'header.d' → 'example.org'. */
  readonly properties: Readonly<Record<string, string>>
}

const LENGTH_MAX = 16 * 1024
const RESULTS_MAX = 64
const PROPERTIES_MAX = 32
const TOKEN_MAX = 1_000
const KEYWORD = /^[a-z][a-z0-9_-]{0,63}$/

/** Null for what is no such header. What is too long is read as far as the limit. */
export function parseAuthenticationResults(text: string): AuthenticationResults | null {
  const parts = tokensOf(text.slice(0, LENGTH_MAX).toWellFormed())
  // The server's name is followed by a version at most. Microsoft names none, and begins with a result.
  const isNamed = parts[0]?.every((token) => !isEquals(token)) ?? false
  const server = isNamed ? (parts[0]?.[0]?.text.toLowerCase() ?? '') : ''
  const results = (isNamed ? parts.slice(1) : parts).slice(0, RESULTS_MAX).flatMap((tokens) => resultOf(tokens) ?? [])
  return server === '' && results.length === 0 ? null : { server, results }
}

interface Token {
  readonly text: string
  readonly isQuoted: boolean
}

function resultOf(tokens: readonly Token[]): AuthenticationResult | null {
  const pairs = pairsOf(tokens)
  const [first, ...rest] = pairs
  if (!first) return null
  // `dkim/1 = pass`: the method's version says nothing that is used.
  const method = first.name.replace(/\/.*$/, '').toLowerCase()
  const result = first.value.toLowerCase()
  if (!KEYWORD.test(method) || !KEYWORD.test(result)) return null
  const properties: Record<string, string> = Object.create(null)
  let reason: string | null = null
  for (const { name, value } of rest.slice(0, PROPERTIES_MAX)) {
    const key = name.toLowerCase()
    if (key === 'reason') reason ??= value
    else if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)?$/.test(key) && !(key in properties)) properties[key] = value
  }
  return { method, result, reason, properties: { ...properties } }
}

function pairsOf(tokens: readonly Token[]): { name: string; value: string }[] {
  const pairs: { name: string; value: string }[] = []
  for (let i = 0; i < tokens.length; i++) {
    const [name, equals, value] = [tokens[i], tokens[i + 1], tokens[i + 2]]
    if (!name || isEquals(name) || !isEquals(equals)) continue
    // `smtp.mailfrom=` with nothing behind it: the null sender.
    const isEmpty = !value || (!value.isQuoted && isEquals(tokens[i + 3]))
    pairs.push({ name: name.text, value: isEmpty ? '' : value.text })
    i += isEmpty ? 1 : 2
  }
  return pairs
}

function isEquals(token: Token | undefined): boolean {
  return token?.text === '=' && !token.isQuoted
}

/** Parts between semicolons, each as its words; `=` is a word of its own; comments (which nest, RFC 5322 §3.2.2) are left out. */
function tokensOf(text: string): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  let quoted: string | null = null
  let word = ''
  /** Directly behind an `=`: what is written now is its value, and may end in `=` itself, as signatures do. */
  let isValue = false
  const end = () => {
    isValue = false
    if (word !== '') parts.at(-1)?.push({ text: word.slice(0, TOKEN_MAX).toWellFormed(), isQuoted: false })
    word = ''
  }
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string
    const isEscape = character === '\\' && (depth > 0 || quoted !== null)
    if (isEscape) {
      i += 1
      if (quoted !== null && depth === 0) quoted += text[i] ?? ''
    } else if (quoted !== null) {
      if (character === '"') {
        // `"a b"@example.org` is one word.
        word += quoted
        quoted = null
        if (!/^[\w@.-]/.test(text[i + 1] ?? '')) {
          parts.at(-1)?.push({ text: word.slice(0, TOKEN_MAX).toWellFormed(), isQuoted: true })
          word = ''
        }
      } else quoted += character
    } else if (character === '(') {
      end()
      depth += 1
    } else if (character === ')' && depth > 0) depth -= 1
    else if (depth > 0) continue
    else if (character === '"') quoted = ''
    else if (character === ';') {
      end()
      parts.push([])
    } else if (/\s/.test(character)) end()
    else if (character === '=' && !(isValue && word !== '')) {
      end()
      parts.at(-1)?.push({ text: '=', isQuoted: false })
      isValue = true
    } else word += character
  }
  end()
  return parts
}

/** What counts of one method: the best of its results, since one good signature is enough (RFC 7489 §3.1). Null: nothing was said. */
export function verdictOf({ results }: AuthenticationResults, method: string): string | null {
  const said = results.filter((each) => each.method === method).map(({ result }) => result)
  return said.includes('pass') ? 'pass' : (said[0] ?? null)
}

/**
 * Whether the hop that a Received header tells of was encrypted: by its protocol (RFC 3848: the S in ESMTPS), or by what it says of the
 * connection. Null: it tells of no hop from another host by SMTP.
 */
export function isEncryptedHop(received: string): boolean | null {
  const text = received.slice(0, LENGTH_MAX)
  if (!/^\s*from\s/i.test(text)) return null
  const protocol = /\bwith\s+(?:UTF8|L)?(E?SMTPS?A?|ESMTPSA)\b/i.exec(text)?.[1]?.toUpperCase()
  if (/\b(?:version=TLS|using\s+TLS|TLSv?1[._]|cipher=)/i.test(text)) return true
  if (protocol === undefined) return null
  return /^E?SMTPS/.test(protocol)
}
