import { createHash, createHmac } from 'node:crypto'

/** A request to AWS, as it is signed. */
export interface SignableRequest {
  readonly method: string
  /** Absolute path, as it is sent. */
  readonly path: string
  /** Without `?`, as it is sent. */
  readonly query: string
  /** All of them are signed. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string
}

export interface SigningKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly service: string
}

/**
 * The headers that prove who asks: AWS Signature Version 4. The date and the authorization are added to the headers that are signed; the
 * secret itself never travels.
 */
export function signed(request: SignableRequest, key: SigningKey, now: Date): Record<string, string> {
  const at = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = at.slice(0, 8)
  const headers = { ...request.headers, 'x-amz-date': at }
  const scope = `${day}/${key.region}/${key.service}/aws4_request`
  const names = Object.keys(headers).toSorted().join(';')
  const toSign = `AWS4-HMAC-SHA256\n${at}\n${scope}\n${sha256(canonical({ ...request, headers }))}`
  const dayKey = hmac(`AWS4${key.secretAccessKey}`, day)
  const signingKey = hmac(hmac(hmac(dayKey, key.region), key.service), 'aws4_request')
  const signature = hmac(signingKey, toSign).toString('hex')
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

/** The one form of a request that both sides hash. */
export function canonical({ method, path, query, headers, body }: SignableRequest): string {
  const entries = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [
    method,
    // Every service but S3 encodes the path once more.
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...entries.map(([name, value]) => `${name}:${value}`),
    '',
    entries.map(([name]) => name).join(';'),
    sha256(body),
  ].join('\n')
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  return query
    .split('&')
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const
    })
    .toSorted(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** RFC 3986 §2.3: everything but unreserved characters, in capitals. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
