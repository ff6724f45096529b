import type { SmtpPlace } from '../../src/api/endpoints/credentials.ts'

export const SETTINGS = ['django', 'nodemailer', 'swaks'] as const
export type SettingsKind = (typeof SETTINGS)[number]

export interface SignIn {
  readonly username: string
  readonly password: string
}

/** What is pasted into an application. STARTTLS where it is on, for that is what most settings know; else TLS from the first byte. */
export function settingsText(
  kind: SettingsKind,
  { host, starttls_port, tls_port }: SmtpPlace,
  { username, password }: SignIn,
): string {
  const port = starttls_port ?? tls_port
  const isStartTls = starttls_port !== null
  switch (kind) {
    case 'django':
      return [
        `EMAIL_HOST=${host}`,
        `EMAIL_PORT=${port}`,
        `EMAIL_HOST_USER=${username}`,
        `EMAIL_HOST_PASSWORD=${password}`,
        isStartTls ? 'EMAIL_USE_TLS=True' : 'EMAIL_USE_SSL=True',
      ].join('\n')
    case 'nodemailer':
      return `nodemailer.createTransport({
  host: '${host}',
  port: ${port},
  secure: ${!isStartTls},${isStartTls ? '\n  requireTLS: true,' : ''}
  auth: { user: '${username}', pass: '${password}' },
})`
    case 'swaks':
      return `swaks --server ${host}:${port} ${isStartTls ? '--tls' : '--tlsc'} \\
  --auth-user ${username} --auth-password ${password} \\
  --from me@example.org --to me@example.org`
  }
}
