/** What AUTH says (RFC 4954, 4616, and LOGIN, which nobody wrote down and everybody speaks). */
export interface Given {
  readonly username: string
  readonly password: string
}

/** Base64 in its strict form, UTF-8 inside, no control character: an identity goes into logs and look-ups. */
export function decodeText(base64: string): string | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) return null
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null
}

/** `authzid NUL authcid NUL password`. To act for another is not possible here: authzid is empty or says the same. */
export function readPlain(base64: string): Given | null {
  const parts = decodeText(base64)?.split('\0')
  if (parts?.length !== 3) return null
  const [actFor = '', username = '', password = ''] = parts
  return (actFor === '' || actFor === username) && isClean(username) && isClean(password) ? { username, password } : null
}

export function readLogin(username: string, password: string): Given | null {
  const [name, secret] = [decodeText(username), decodeText(password)]
  return name !== null && secret !== null && isClean(name) && isClean(secret) ? { username: name, password: secret } : null
}

function isClean(text: string): boolean {
  return text !== '' && !/[\x00-\x1f\x7f-\x9f]/.test(text)
}
