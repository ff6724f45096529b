import type { BlobStore } from '../blobs/blob-store.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import { createMemoryBudget } from '../lib/memory-budget.ts'
import type { Secrets } from '../lib/secrets.ts'
import type { Log } from '../log.ts'
import { keepCertificate } from './certificate/keeper.ts'
import { inboundPolicy } from './inbound/inbound-policy.ts'
import { openPorts, type SmtpPorts } from './smtp-ports.ts'
import { CommitGroup } from './submission/commit-group.ts'
import { submissionPolicy } from './submission/submission-policy.ts'

export interface SmtpDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: Clock
  readonly secrets: Secrets
  readonly log: Log
  readonly hostname: string
  readonly wake: () => void
}

export type SmtpConfig = Pick<Config, 'host' | 'dataDir' | 'submissionPort' | 'submissionTlsPort' | 'inboundPort' | 'tls'>

/** Of all mails that are coming in at one time, over all ports. */
const MEMORY = { totalBytes: 96 * 1024 * 1024, waiting: 200, waitMs: 10 * SECOND }

/** Everything that takes mail over SMTP, in one process. */
export async function startSmtp(config: SmtpConfig, deps: SmtpDeps): Promise<SmtpPorts> {
  const { database, clock, log, hostname, wake } = deps
  const certificate = await keepCertificate({ ...config, configured: config.tls, hostname }, clock, log)
  const budget = createMemoryBudget(MEMORY)
  const submission = submissionPolicy({ ...deps, budget, group: new CommitGroup({ ...deps, wake }) })
  const inbound = inboundPolicy({ ...deps, budget })
  const ports = await openPorts(
    [
      {
        policy: submission,
        implicitTls: false,
        port: config.submissionPort,
        variable: 'WAYBILL_SUBMISSION_PORT',
        purpose: 'applications cannot send through it over SMTP with STARTTLS.',
      },
      {
        policy: submission,
        implicitTls: true,
        port: config.submissionTlsPort,
        variable: 'WAYBILL_SUBMISSION_TLS_PORT',
        purpose: 'applications cannot send through it over SMTP with TLS.',
      },
      {
        policy: inbound,
        implicitTls: false,
        port: config.inboundPort,
        variable: 'WAYBILL_INBOUND_PORT',
        purpose: 'mail for inboxes, bounces and complaints that come over SMTP are not heard.',
      },
    ],
    { database, clock, log, hostname, host: config.host, secureContext: () => certificate.current() },
  )
  return {
    troubles: () => ports.troubles(),
    async close(graceMs) {
      certificate.close()
      await ports.close(graceMs)
    },
  }
}
