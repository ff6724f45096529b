/** A way to a mail server as it is being written in a form, and what becomes of it. Pure. */
import type { DoctorCheck } from '../../src/api/endpoints/doctor.ts'
import type { RouteSecurity } from '../../src/api/endpoints/route-settings.ts'
import type { Route } from '../../src/api/endpoints/routes.ts'

export interface RouteDraft {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly security: RouteSecurity
  readonly user: string
  /** Typed now. Null: keep what the server has. */
  readonly password: string | null
  readonly helo_name: string
  readonly allow_private: boolean
  readonly max_connections: number
  readonly max_messages_per_connection: number
  readonly certificate_fingerprint: string
}

export type Patch = DoctorCheck['fixes'][number]['patch']

export const EMPTY_DRAFT: RouteDraft = {
  name: '',
  host: '',
  port: 587,
  security: 'starttls',
  user: '',
  password: null,
  helo_name: '',
  allow_private: false,
  max_connections: 10,
  max_messages_per_connection: 100,
  certificate_fingerprint: '',
}

export function draftOf(route: Extract<Route, { kind: 'smtp' }>): RouteDraft {
  const { settings } = route
  return {
    name: route.name,
    host: settings.host,
    port: settings.port,
    security: settings.security,
    user: settings.user ?? '',
    password: null,
    helo_name: settings.helo_name ?? '',
    allow_private: settings.allow_private,
    max_connections: settings.max_connections,
    max_messages_per_connection: settings.max_messages_per_connection,
    certificate_fingerprint: settings.certificate_fingerprint ?? '',
  }
}

export function isChanged(draft: RouteDraft, saved: RouteDraft): boolean {
  return (Object.keys(draft) as (keyof RouteDraft)[]).some((key) => draft[key] !== saved[key])
}

/** A password that was not typed is left out, and so kept. */
export function settingsOf(draft: RouteDraft) {
  return {
    host: draft.host.trim(),
    port: draft.port,
    security: draft.security,
    user: orNull(draft.user),
    ...(draft.password !== null && { password: draft.password === '' ? null : draft.password }),
    helo_name: orNull(draft.helo_name),
    allow_private: draft.allow_private,
    max_connections: draft.max_connections,
    max_messages_per_connection: draft.max_messages_per_connection,
    certificate_fingerprint: orNull(draft.certificate_fingerprint),
  }
}

/** What the doctor needs of it. */
export function connectionOf(draft: RouteDraft, from?: string) {
  return {
    host: draft.host.trim(),
    port: draft.port,
    security: draft.security,
    user: orNull(draft.user),
    password: draft.password || null,
    helo_name: orNull(draft.helo_name),
    allow_private: draft.allow_private,
    certificate_fingerprint: orNull(draft.certificate_fingerprint),
    ...(from && { from, to: from }),
  }
}

/** A fix of the doctor, in the form. */
export function patched(draft: RouteDraft, patch: Patch): RouteDraft {
  const { user, helo_name, certificate_fingerprint, ...rest } = patch
  return {
    ...draft,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(user !== undefined && { user: user ?? '' }),
    ...(helo_name !== undefined && { helo_name: helo_name ?? '' }),
    ...(certificate_fingerprint !== undefined && { certificate_fingerprint: certificate_fingerprint ?? '' }),
  }
}

/** The usual kind of encryption of a port, followed while the person has not said otherwise. */
export function withPort(draft: RouteDraft, port: number): RouteDraft {
  const usual: Readonly<Record<number, RouteSecurity>> = { 465: 'tls', 587: 'starttls', 25: 'starttls', 2525: 'starttls' }
  return { ...draft, port, security: usual[port] ?? draft.security }
}

export function withSecurity(draft: RouteDraft, security: RouteSecurity): RouteDraft {
  const port = security === 'tls' && draft.port === 587 ? 465 : security === 'starttls' && draft.port === 465 ? 587 : draft.port
  return { ...draft, security, port }
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}
