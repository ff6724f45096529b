import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import packageFile from '../package.json' with { type: 'json' }
import { FORGET_AT_ONCE, forgetEnded } from './accounts/forget-ended.ts'
import { sweepBlobs } from './blobs/sweep.ts'
import { campaignJobs } from './campaigns/jobs.ts'
import type { Config } from './config.ts'
import { activityFollower } from './contacts/activity/follow.ts'
import { actJobs } from './contacts/acts/act-jobs.ts'
import { exportJobs } from './contacts/exports/exports.ts'
import { importJobs } from './contacts/imports/import-jobs.ts'
import { repairJobs } from './contacts/repair/repair-jobs.ts'
import { knownSchemaVersion, schemaVersion } from './db/migrate.ts'
import { ensurePartitions } from './db/partitions.ts'
import { mailOfEvents } from './delivery/announcing/mail-of-events.ts'
import { bulkJob } from './delivery/bulk/bulk.ts'
import { Dispatcher, type DispatcherStatus } from './delivery/dispatch/dispatcher.ts'
import { domainJobs } from './delivery/domains/check-domains.ts'
import { createFinishing } from './delivery/domains/finishing.ts'
import { hostsOf } from './delivery/domains/hosts.ts'
import { createFeedbackReader } from './delivery/feedback/feedback.ts'
import { mailingJobs } from './delivery/mailings/mailings.ts'
import { deliveryJobs } from './delivery/maintenance.ts'
import { accountJobs } from './delivery/provider-accounts/refresh.ts'
import { fetchPolicyText } from './delivery/providers/mx/fetch-policy.ts'
import { createPolicies, policyJobs } from './delivery/providers/mx/policies.ts'
import { openProvider } from './delivery/providers/open-provider.ts'
import { createReceivers, receiverJobs } from './delivery/receivers/receivers.ts'
import { recoverLost, type ThisProcess } from './delivery/recover.ts'
import { verdictCounter } from './delivery/suppression/evidence/count-verdicts.ts'
import { suppressionJobs } from './delivery/suppression/maintenance.ts'
import type { Resolver } from './dns/resolver.ts'
import { type Follower, followAll } from './events/follow.ts'
import { formJobs } from './forms/jobs.ts'
import { gatewayJobs } from './gateway/send.ts'
import { undoJobs } from './helpdesk/answering/undo-send.ts'
import { collisionJobs } from './helpdesk/collisions/collisions.ts'
import { uploadJobs } from './helpdesk/drafts/uploads.ts'
import { findInbox } from './helpdesk/inboxes.ts'
import { listJobs } from './helpdesk/list/counts.ts'
import { failedAnswerFollower } from './helpdesk/notify/failed-answers.ts'
import { notificationJobs } from './helpdesk/notify/maintenance.ts'
import { createNumbers } from './helpdesk/numbers.ts'
import { mergePeople, partPeople } from './helpdesk/people/merge-people.ts'
import { peopleJobs } from './helpdesk/people/people-jobs.ts'
import { presenceJobs } from './helpdesk/presence/presence.ts'
import { pushJobs } from './helpdesk/push/push-job.ts'
import { seenJobs } from './helpdesk/seen/seen.ts'
import { sentCopyJobs } from './helpdesk/sent-copies/copy-sent.ts'
import { triageJobs } from './helpdesk/triage/jobs.ts'
import { countJobs } from './inbound/counts.ts'
import { createInbound } from './inbound/inbound.ts'
import { inboxesAt } from './inbound/inboxes-at.ts'
import { noMatchJobs } from './inbound/no-match.ts'
import { createSourceWorker } from './inbound/sources/source-worker.ts'
import { sourceJobs } from './inbound/sources/watch-sources.ts'
import { incidentJobs } from './incidents/maintenance.ts'
import { figureFollower, mendFigures } from './insight/analytics/follow.ts'
import { attentionJobs } from './insight/attention.ts'
import { receiverCounter } from './insight/board/count-receivers.ts'
import { hourCounter } from './insight/hours/count-hours.ts'
import { forgetReplies, replyCounter } from './insight/replies/replies.ts'
import { outsideJobs, watchingJobs } from './insight/watching.ts'
import { inChunks } from './jobs/in-chunks.ts'
import { createPeriodicWorker, type PeriodicJob } from './jobs/periodic.ts'
import { DAY, HOUR, SECOND } from './lib/clock.ts'
import { createFailpoints } from './lib/failpoint.ts'
import { createLimiter } from './lib/limiter.ts'
import { inTime } from './lib/wait.ts'
import type { Log } from './log.ts'
import { namersOfList } from './namers-of-list.ts'
import { sourceAddress } from './net/source-address.ts'
import type { Store } from './store.ts'
import { createMjmlReader } from './templates/mjml/mjml.ts'
import { createOwn, createPersonalise } from './tracking/personalise.ts'
import { trackingJobs } from './tracking/settle-hits.ts'
import { webhookFollower } from './webhooks/announce.ts'
import { webhookJobs } from './webhooks/maintenance.ts'
import { createWebhookSender } from './webhooks/sending/sender.ts'
import { workflowParts } from './workflow-parts.ts'
import { createRequestSender } from './workflows/requests/sender.ts'
import { officeJobs } from './workflows/steps/office.ts'
import { createWorkflows } from './workflows/workflows.ts'

/** What works without being asked: dispatching and periodic work, as the roles of this process say. */
export interface Engine {
  dispatcherStatus(): DispatcherStatus | null
  /** Stops claiming, finishes what is in flight within `graceMs`, gives the rest back. */
  stop(graceMs: number): Promise<void>
}

export interface EngineDeps {
  readonly store: Store
  readonly resolver: Resolver
  readonly heloName: string
  readonly log: Log
}

const SCHEMA_CHECK_MS = 10 * SECOND
/** Mails of megabytes that are fetched at the same time: each stands in memory. */
const LARGE_MAIL_AT_ONCE = 2

export async function startEngine(
  config: Pick<Config, 'roles' | 'failpoints' | 'allowPrivateNetworks' | 'mailHost' | 'url' | 'publicAddresses'>,
  deps: EngineDeps,
): Promise<Engine> {
  const { store, log } = deps
  const { database, clock, notifier } = store
  let dispatcher: Dispatcher | null = null
  const self: ThisProcess = { host: hostAndBoot(), pid: process.pid, owns: (id) => dispatcher?.owns(id) === true, isAlive }
  await recoverLost(database, self, clock.now())

  const schema = await watchSchema(store)
  const { resolver, heloName } = deps
  const { allowPrivateNetworks } = config
  const receivers = createReceivers({ database, resolver, clock })
  const fetchText = (domain: string) => fetchPolicyText(domain, { resolver, allowPrivate: allowPrivateNetworks })
  const policies = createPolicies({ database, resolver, clock, fetchText })
  const providerDeps = { ...store, resolver, heloName, allowPrivateNetworks, policies, random: Math.random }
  const finishing = createFinishing({ ...store, log })
  const ownOf = createOwn({ secrets: store.secrets, url: config.url })
  dispatcher = config.roles.includes('delivery')
    ? new Dispatcher({
        database,
        blobs: store.blobs,
        clock,
        random: Math.random,
        log,
        failpoints: createFailpoints(config.failpoints, () => process.kill(process.pid, 'SIGKILL')),
        host: self.host,
        pid: self.pid,
        mayClaim: schema.isKnown,
        receivers,
        finishing,
        personalise: createPersonalise(store.secrets),
        ownOf,
        openProvider: (route, receiver) => openProvider(route, receiver, providerDeps),
      })
    : null
  const feedback = config.roles.includes('jobs')
    ? createFeedbackReader({ ...store, log, mayClaim: schema.isKnown, resolver, allowPrivateNetworks })
    : null
  const inbound = config.roles.includes('inbound')
    ? createInbound({
        ...store,
        log,
        url: config.url,
        dns: resolver,
        mayClaim: schema.isKnown,
        numbers: createNumbers(database, clock),
      })
    : null
  const sources = inbound
    ? createSourceWorker({
        ...store,
        log,
        resolver,
        allowPrivateNetworks,
        mayClaim: schema.isKnown,
        random: Math.random,
        wake: () => inbound.wake(),
        largeMail: createLimiter({ concurrency: LARGE_MAIL_AT_ONCE, waiting: 10_000 }),
        importFolder: join(dirname(store.blobs.folder), 'import'),
      })
    : null
  const mjml = createMjmlReader()
  const workflows = config.roles.includes('jobs')
    ? createWorkflows({
        ...store,
        log,
        failpoints: createFailpoints(config.failpoints, () => process.kill(process.pid, 'SIGKILL')),
        random: Math.random,
        host: self.host,
        pid: self.pid,
        isAlive,
        mayClaim: schema.isKnown,
        ...workflowParts(config, store, mjml),
      })
    : null
  const requests = workflows
    ? createRequestSender({
        ...store,
        log,
        resolver: deps.resolver,
        failpoints: createFailpoints(config.failpoints, () => process.kill(process.pid, 'SIGKILL')),
        mayClaim: schema.isKnown,
        allowPrivateNetworks,
        version: packageFile.version,
      })
    : null
  const { publicAddresses } = config
  const wake = () => dispatcher?.wake()
  const watching = { ...store, resolver, allowPrivateNetworks, publicAddresses, sourceAddress, heloName, wake }
  const watcher = config.roles.includes('jobs')
    ? createPeriodicWorker({
        database,
        clock,
        log,
        jobs: [
          ...outsideJobs(watching),
          ...sentCopyJobs(watching),
          ...pushJobs({ ...watching, url: config.url, random: Math.random }),
          ...triageJobs(database, { ...store, url: config.url }),
        ],
      })
    : null
  const worker = config.roles.includes('jobs')
    ? createPeriodicWorker({
        database,
        clock,
        log,
        jobs: [
          ...periodicJobs(store, self, () => dispatcher?.wake()),
          ...domainJobs({ ...store, resolver, hosts: hostsOf(config), random: Math.random }),
          ...accountJobs(database, providerDeps),
          ...watchingJobs(watching),
          ...(feedback?.jobs ?? []),
          ...(workflows?.jobs ?? []),
          ...officeJobs(database),
          followerJob(store, 'failed_answers', [failedAnswerFollower({ ...store, url: config.url })], 2 * SECOND),
        ],
      })
    : null
  // Preparing a campaign takes its time: nothing else waits for it.
  const campaigns = config.roles.includes('jobs')
    ? createPeriodicWorker({
        database,
        clock,
        log,
        jobs: campaignJobs({
          ...store,
          tracking: { database, url: config.url },
          ownOf,
          mjml,
          takesMail: async (workspaceId, address) =>
            (await inboxesAt(database.db, address)).some((inbox) => inbox.workspaceId === workspaceId),
          replyInbox: async (workspaceId, id) => {
            const inbox = await findInbox(database.db, workspaceId, id)
            return inbox && !inbox.closedAt ? inbox : null
          },
          wake,
          now: () => clock.now(),
        }),
      })
    : null
  // A worker of its own: an import of a million rows takes minutes, and nothing else waits for it.
  const importer = config.roles.includes('jobs')
    ? createPeriodicWorker({
        database,
        clock,
        log,
        jobs: [
          ...importJobs({ ...store, namersOfList }),
          ...exportJobs(store),
          ...actJobs(store),
          ...repairJobs({ ...store, join: mergePeople, part: partPeople }),
          sweeping(store),
        ],
      })
    : null
  const webhooks = config.roles.includes('jobs')
    ? createWebhookSender({
        ...store,
        log,
        resolver: deps.resolver,
        failpoints: createFailpoints(config.failpoints, () => process.kill(process.pid, 'SIGKILL')),
        random: Math.random,
        allowPrivateNetworks: config.allowPrivateNetworks,
        version: packageFile.version,
      })
    : null
  if (dispatcher) notifier.onHint('mail', () => dispatcher.wake())
  if (feedback) notifier.onHint('feedback', () => feedback.wake())
  if (inbound) notifier.onHint('arrivals', () => inbound.wake())
  if (workflows) notifier.onHint('log', () => workflows.wake())
  if (requests) notifier.onHint('requests', () => requests.wake())
  await worker?.start()
  await watcher?.start()
  await importer?.start()
  await campaigns?.start()
  feedback?.start()
  if (dispatcher) await finishing.start()
  dispatcher?.start()
  webhooks?.start()
  inbound?.start()
  sources?.start()
  workflows?.start()
  requests?.start()
  return {
    dispatcherStatus: () => dispatcher?.status() ?? null,
    async stop(graceMs) {
      schema.stop()
      finishing.stop()
      // A job that is cut off is done again by whoever comes next.
      await Promise.all([
        dispatcher?.stop(graceMs),
        webhooks?.stop(graceMs),
        requests?.stop(graceMs),
        worker && inTime(worker.stop(), graceMs),
        watcher && inTime(watcher.stop(), graceMs),
        importer && inTime(importer.stop(), graceMs),
        campaigns && inTime(campaigns.stop(), graceMs),
        feedback && inTime(feedback.stop(), graceMs),
        workflows && inTime(workflows.stop(), graceMs),
        // What fetches first: it hands over to what takes in.
        inbound &&
          inTime(
            Promise.resolve(sources?.stop()).then(() => inbound.stop()),
            graceMs,
          ),
      ])
      await mjml.close()
    },
  }
}

function periodicJobs(store: Store, self: ThisProcess, wake: () => void): PeriodicJob[] {
  const { database } = store
  return [
    ...deliveryJobs(database),
    bulkJob(database, store.blobs, wake),
    ...mailingJobs(database),
    ...receiverJobs(database),
    ...policyJobs(database),
    ...gatewayJobs(database),
    ...uploadJobs(database),
    ...undoJobs(database),
    ...suppressionJobs(database),
    ...listJobs(database),
    ...seenJobs(database, store.clock),
    ...incidentJobs(database),
    ...collisionJobs(database),
    ...peopleJobs(database),
    ...notificationJobs(database),
    ...presenceJobs(database),
    ...attentionJobs(database),
    ...webhookJobs(database),
    ...sourceJobs(database),
    ...countJobs(database),
    ...noMatchJobs(database),
    ...trackingJobs(database),
    ...formJobs(database),
    {
      name: 'delivery.recover',
      everyMs: 5 * SECOND,
      run: async (now) => {
        const { requeued } = await recoverLost(database, self, now)
        if (requeued > 0) wake()
      },
    },
    {
      name: 'accounts.forget_ended',
      everyMs: HOUR,
      run: (now) => inChunks(database, FORGET_AT_ONCE, (tx) => forgetEnded(tx, now)),
    },
    { name: 'db.partitions', everyMs: 6 * HOUR, run: (now) => ensurePartitions(database, now) },
    followerJob(store, 'webhooks', [webhookFollower(mailOfEvents)], SECOND),
    followerJob(store, 'contacts', [activityFollower], 2 * SECOND),
    followerJob(store, 'counters', [hourCounter, verdictCounter, receiverCounter, replyCounter, figureFollower], 2 * SECOND),
    { name: 'insight.mend_figures', everyMs: 6 * HOUR, run: async (now) => void (await mendFigures(database, now)) },
    { name: 'insight.forget_replies', everyMs: 6 * HOUR, run: (now) => forgetReplies(database, now) },
  ]
}

/** Files that nobody tells of. Looking through a large folder takes its time: it stands with what may. */
function sweeping({ database, blobs }: Store): PeriodicJob {
  return { name: 'blobs.sweep', everyMs: DAY, run: (now) => sweepBlobs(database, blobs.folder, now) }
}

/** Followers as periodic work: they go on while there is more, then rest. Those of one job read the log together. */
function followerJob({ database, clock }: Store, name: string, followers: readonly Follower[], everyMs: number): PeriodicJob {
  return { name: `follow.${name}`, everyMs, run: () => followAll(database, followers, () => clock.now()) }
}

/** An older program must not touch rows of a newer schema: a newer process may have migrated while this one runs. */
async function watchSchema({ database }: Store): Promise<{ isKnown: () => boolean; stop: () => void }> {
  const known = await knownSchemaVersion()
  let isKnown = (await schemaVersion(database.pool)) <= known
  const look = async () => {
    isKnown = (await schemaVersion(database.pool)) <= known
  }
  const timer = setInterval(() => void look().catch(() => {}), SCHEMA_CHECK_MS)
  timer.unref()
  return { isKnown: () => isKnown, stop: () => clearInterval(timer) }
}

/** Process numbers mean something on one machine, since its last start, and within one container only. */
function hostAndBoot(): string {
  const boot = '/proc/sys/kernel/random/boot_id'
  if (!existsSync(boot)) return hostname()
  return `${hostname()} ${readFileSync(boot, 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
