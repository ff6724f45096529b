import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { OAuthWorld } from '../../src/mailboxes/oauth/providers.ts'

/** What the provider answers to a request for tokens, in the place of duty. */
export interface OAuthFault {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface OAuthServer extends AsyncDisposable {
  readonly world: OAuthWorld
  /** Every request for tokens, its fields. */
  readonly asked: Readonly<Record<string, string>>[]
  fault: OAuthFault | null
  /** Seconds that the next tokens live. */
  lives: number
  /** Seconds that the refresh tokens given from now on live, where the provider says it. */
  refreshLives: number | null
  /** The token that is valid now. */
  access(): string
  /** Holds answers back until it is called. */
  hold(): () => void
  /** A person agrees: what the provider sends the browser back with. */
  agree(authoriseUrl: string): { readonly code: string; readonly state: string }
}

/** A provider of OAuth 2 on this machine (RFC 6749, 7636): codes are good once, refresh tokens rotate, and a used one is refused. */
export async function oauthServer(): Promise<OAuthServer> {
  const asked: Record<string, string>[] = []
  const challenges = new Map<string, string>()
  let count = 0
  let access = 'access-0'
  let refresh = 'refresh-0'
  let held: Promise<void> | null = null
  const server = createServer(async (request, response) => {
    const fields = Object.fromEntries(new URLSearchParams(await bodyOf(request)))
    asked.push(fields)
    await held
    const answer = api.fault ?? answerTo(fields)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
  function answerTo({ grant_type, code = '', code_verifier = '', refresh_token }: Record<string, string>): OAuthFault {
    const isRight =
      grant_type === 'refresh_token'
        ? refresh_token === refresh
        : challenges.get(code) === createHash('sha256').update(code_verifier).digest('base64url')
    challenges.delete(code)
    if (!isRight) return { status: 400, body: { error: 'invalid_grant', error_description: 'The grant was used or is over.' } }
    count++
    access = `access-${count}`
    refresh = `refresh-${count}`
    const told = api.refreshLives === null ? {} : { refresh_token_expires_in: api.refreshLives }
    return {
      status: 200,
      body: { access_token: access, refresh_token: refresh, expires_in: api.lives, token_type: 'Bearer', ...told },
    }
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const hosts = { authoriseUrl: `${base}/authorise`, tokenUrl: `${base}/token` }
  const api: OAuthServer = {
    world: { microsoft: hosts, google: hosts },
    asked,
    fault: null,
    lives: 3_600,
    refreshLives: null,
    access: () => access,
    hold() {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return () => {
        held = null
        release()
      }
    },
    agree(authoriseUrl) {
      const { searchParams } = new URL(authoriseUrl)
      const code = `code-${challenges.size + 1}-${count}`
      challenges.set(code, searchParams.get('code_challenge') ?? '')
      return { code, state: searchParams.get('state') ?? '' }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return api
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
