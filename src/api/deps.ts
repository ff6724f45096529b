import type { Passwords } from '../accounts/password.ts'
import type { FurnishWorkspace } from '../accounts/set-up.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Database } from '../db/database.ts'
import type { Notifier } from '../db/notify.ts'
import type { DomainDeps } from '../delivery/domains/check-domains.ts'
import type { Domain } from '../delivery/domains/domain.ts'
import type { Hosts } from '../delivery/domains/hosts.ts'
import type { FetchText } from '../delivery/feedback/fetch-text.ts'
import type { AccountExamination } from '../delivery/provider-accounts/account.ts'
import type { ApiRoute } from '../delivery/provider-accounts/examine.ts'
import type { Resolver } from '../dns/resolver.ts'
import type { CaptchaWorld } from '../forms/captcha.ts'
import type { FetchObject } from '../inbound/ses/fetch-object.ts'
import type { DirectRoute } from '../insight/doctor/direct/examine-direct.ts'
import type { Hints } from '../insight/doctor/domain/domain-doctor.ts'
import type { DomainReport } from '../insight/doctor/domain/report.ts'
import type { ConnectionInput, DoctorReport } from '../insight/doctor/report.ts'
import type { Health as HealthFindings } from '../insight/health.ts'
import type { Clock } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import type { Work } from '../lib/work.ts'
import type { Log } from '../log.ts'
import type { OAuthWorld } from '../mailboxes/oauth/providers.ts'
import type { Tools } from '../workflows/engine/tools.ts'
import type { SmtpPlace } from './endpoints/credentials.ts'

/** What the server needs. Made once by app.ts. */
export interface ServerDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly secrets: Secrets
  readonly passwords: Passwords
  readonly clock: Clock
  /** Tells open pages what no event tells of. */
  readonly notifier: Pick<Notifier, 'onTold'>
  readonly log: Log
  /** Where people reach us: decides the kind of cookie and which pages may send requests. Without a slash at the end. */
  readonly url: string
  /** Addresses or networks whose `X-Forwarded-For` is believed; nobody's when empty. */
  readonly trustedProxies: readonly string[]
  /** WAYBILL_ALLOW_PRIVATE_NETWORKS. */
  readonly allowPrivateNetworks: boolean
  /** The built web interface, or null where it is served elsewhere. */
  readonly uiFolder: string | null
  readonly furnish: FurnishWorkspace
  readonly health: Health
  /** Called after a commit that may have made something to do, of these kinds or, where none is named, of any: a hint, nothing depends on it. */
  readonly wake: (...work: readonly Work[]) => void
  /** Looks names up, for mailboxes that are tried. */
  readonly resolver: Resolver
  /** Where providers of OAuth 2 are asked; the real ones when left out. */
  readonly oauth?: OAuthWorld
  /** How Amazon is asked for certificates, confirmations and mails; the real ones when left out. */
  readonly amazon?: { readonly fetchText: FetchText; readonly fetchObject: FetchObject }
  /** Where hCaptcha and Turnstile are asked; the real ones when left out. */
  readonly captchas?: CaptchaWorld
  /** Examines a mail server; `signal` ends it when the one who asked went away. */
  readonly examine: (input: ConnectionInput, signal: AbortSignal) => Promise<DoctorReport>
  readonly domains: DomainWatch
  /** Where applications hand in mail over SMTP. */
  readonly smtp: SmtpPlace
  /** What the nodes of workflows work with: for what people do with runs, and for trying. */
  readonly workflows: Tools
  /** Asks a provider about the account behind a route. */
  readonly examineAccount: (route: ApiRoute) => Promise<AccountExamination>
  /** Examines the way straight to receivers; `askedBy`: a domain to try where nobody was written to yet. */
  readonly examineDirect: (route: DirectRoute, askedBy: string | null) => Promise<DoctorReport>
}

/** What looks at domains: the DNS, and the doctor. */
export interface DomainWatch {
  readonly hosts: Hosts
  readonly checking: DomainDeps
  examineOurs(domain: Domain, signal: AbortSignal): Promise<DomainReport>
  examineAny(domain: string, hints: Hints, signal: AbortSignal): Promise<DomainReport>
}

/** What insight/ knows. */
export interface Health {
  /** What needs a person, in one workspace. */
  health(workspaceId: WorkspaceId): Promise<HealthFindings>
  /** Empty when everything this process needs is there; else one sentence for each thing that is not. */
  reasonsNotReady(): Promise<readonly string[]>
  /** Prometheus text format. */
  metrics(): Promise<string>
}
